"""`synth-app handles`: the table and JSON."""

import json
from pathlib import Path

from tests.cli.conftest import Command
from tests.evaluation.reports.synthetic_notes import harmonic_notes


def test_the_report_is_a_table_and_json(synth: Command, tmp_path: Path) -> None:
    harmonic_notes(tmp_path, 3)
    arguments = ("handles", tmp_path, "--model", "pca-16k")
    done = synth(*arguments)
    assert done.status == 0
    assert done.out.startswith("pca-16k: 3 sounds of 3 instruments; reading a sound ")
    found = json.loads(synth(*arguments, "--notes", "2", "--json").out)
    assert (found["model"], found["sounds"]) == ("pca-16k", 2)
    for handle in found["handles"]:
        assert handle["handle"] in done.out
        assert f"{handle['step']:.2f}" in done.out


def test_a_missing_folder_and_a_small_bank_are_named(synth: Command, tmp_path: Path) -> None:
    missing = synth("handles", tmp_path / "none")
    assert missing.status != 0
    assert "does not exist" in missing.err
    harmonic_notes(tmp_path, 1)
    small = synth("handles", tmp_path, "--model", "exact")
    assert small.status != 0
    assert "handles need at least 8" in small.err
