"""`synth-app fidelity-report`: the table, JSON, and the page."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.dataset.conftest import sine_soundfont

__all__ = ["sine_soundfont"]


@pytest.fixture(scope="module")
def font(tmp_path_factory: pytest.TempPathFactory, sine_soundfont: Callable[..., bytes]) -> Path:
    """A font whose program 48 has the name of a note of the exact model's bank."""
    path = tmp_path_factory.mktemp("fonts") / "dull.sf2"
    path.write_bytes(sine_soundfont([(0, 48, "Dull")]))
    return path


def test_the_report_is_a_table_a_page_and_json(synth: Command, font: Path, tmp_path: Path) -> None:
    arguments = ("fidelity-report", font, "--model", "exact")
    done = synth(*arguments, "--out", tmp_path / "page")
    assert done.status == 0
    assert "Dull 60" in done.out
    assert "held for 9.2 s: 1;" in done.out
    assert str(tmp_path / "page" / "index.html") in done.out
    found = json.loads(synth(*arguments, "--note", "48:60", "--json").out)
    assert [note["note"] for note in found["notes"]] == ["dull"]
    assert found == {**json.loads((tmp_path / "page" / "fidelity.json").read_text()), "missing": []}
    worst = found["summary"]["mel_worst_db"]
    assert f"{worst:.2f}" in done.out


def test_chords_and_velocities_are_options(synth: Command, font: Path) -> None:
    done = synth("fidelity-report", font, "--model", "exact", "--velocities", "--chords")
    assert done.status == 0
    assert "Dull 55 60 64" in done.out
    found = json.loads(synth("fidelity-report", font, "--model", "exact", "--chords", "--json").out)
    assert [chord["keys"] for chord in found["chords"]] == [[55, 60, 64]]
    assert found["velocities"] == []


def test_a_report_names_what_is_wrong(synth: Command, font: Path, tmp_path: Path) -> None:
    for arguments, said in (
        ((font, "--model", "exact", "--note", "48"), "write 0:60"),
        ((font, "--model", "exact", "--note", "48:61"), "for 48:61"),
        ((tmp_path / "no.sf2", "--model", "exact"), "does not exist"),
        ((font, "--model", "exact", "--quality", "best"), "best"),
    ):
        done = synth("fidelity-report", *arguments)
        assert done.status == 2
        assert said in done.err


def test_a_report_on_recordings_names_what_is_wrong(synth: Command, tmp_path: Path) -> None:
    for arguments, said in (
        ((tmp_path / "none", "--model", "exact"), "examples.json"),
        ((tmp_path, "--model", "exact", "--quality", "best"), "best"),
        ((tmp_path, "--model", "exact", "--notes", "0"), "--notes"),
    ):
        done = synth("sound-report", *arguments)
        assert done.status == 2
        assert said in done.err
