"""The command that finds sounds like a recording, and the one that measures how well."""

import json
from pathlib import Path

import numpy as np
import pytest

from synth_app.dataset.audio_io import write_wav16
from synth_app.dataset.nsynth import audio_path, make_note, write_notes
from tests.cli.conftest import Command
from tests.session.sounds.recordings import RATE, noise, tone, write


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNTH_APP_SOUNDS", str(tmp_path / "own"))
    monkeypatch.setenv("SYNTH_APP_PRESETS", str(tmp_path / "presets"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_an_own_sound_is_found_at_another_key(synth: Command, tmp_path: Path) -> None:
    assert synth("sounds", "add", write(tmp_path / "kazoo.wav", tone(57.0, slope=0.6))).status == 0
    assert synth("sounds", "add", write(tmp_path / "snare.wav", noise()), "--key", "none").status == 0
    query = write(tmp_path / "hummed.wav", tone(69.0, slope=0.6))
    done = synth("find", query, "--model", "exact", "--count", 2, "--json")
    assert done.status == 0, done.err
    found = json.loads(done.out)
    assert [row["name"] for row in found["your sounds"]] == ["kazoo", "snare"]
    assert found["notes"][0]["distance"] <= found["notes"][1]["distance"]
    assert len(found["notes"]) == len(found["presets"]) == 2
    text = synth("find", query, "--model", "exact", "--count", 1, "--key", 69).out.splitlines()
    assert text[0] == "notes:"
    assert "your sounds:" in text
    assert any("kazoo" in line for line in text)


def test_what_cannot_be_looked_for_is_said(synth: Command, tmp_path: Path) -> None:
    silent = write(tmp_path / "silent.wav", np.zeros(RATE, np.float32))
    assert "silence" in synth("find", silent, "--model", "exact").err
    assert synth("find", tmp_path / "missing.wav", "--model", "exact").status != 0


def test_the_report_fits_a_metric(synth: Command, tmp_path: Path) -> None:
    """Ten instruments that differ in slope, each at three octaves."""
    data, places = tmp_path / "data", [(i, key) for i in range(10) for key in (40, 52, 64)]
    notes = [
        make_note(
            note=n, instrument=i, family="reed", source="synthetic", index=i, pitch=key, velocity=100, sample_rate=RATE
        )
        for n, (i, key) in enumerate(places)
    ]
    audio_path(data, notes[0].note_str).parent.mkdir(parents=True, exist_ok=True)
    write_notes(data, notes)
    for note, (i, key) in zip(notes, places, strict=True):
        write_wav16(audio_path(data, note.note_str), tone(key, slope=0.4 + 0.2 * i), RATE)
    written = tmp_path / "metric.safetensors"
    done = synth("find-report", data, "--write", written, "--json")
    assert done.status == 0, done.err
    report = json.loads(done.out)
    assert (report["instruments"], report["notes"]) == (10, 30)
    assert {row["semitones"] for row in report["rows"]} == {12, 24}
    assert written.stat().st_size < 100_000
    write_notes(data, notes[:9])
    assert "fewer than 10 instruments" in synth("find-report", data).err
