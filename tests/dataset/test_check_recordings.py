"""The check of a folder of recordings finds each defect in the right file; the import does what is chosen."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from synth_app.dataset.check import Preflight, check_recordings
from synth_app.dataset.check.recordings import Action, Problem
from synth_app.dataset.nsynth import read_audio, read_notes
from synth_app.dataset.recordings import FileChoice, ImportSettings, import_folder
from synth_app.support.errors import UserError

RATE = 16_000


def saw(key: int, seconds: float = 1.0, level: float = 0.4) -> np.ndarray:
    """A decaying band-limited sawtooth that begins at once."""
    f0_hz, time = 440.0 * 2.0 ** ((key - 69) / 12), np.arange(round(seconds * RATE)) / RATE
    partials = range(1, int(0.45 * RATE / f0_hz) + 1)
    wave = sum(np.sin(2 * np.pi * k * f0_hz * time) / k for k in partials) * np.exp(-time)
    return (level * wave / np.abs(wave).max()).astype(np.float32)


def write(folder: Path, name: str, samples: np.ndarray, rate: int = RATE) -> Path:
    folder.mkdir(exist_ok=True)
    soundfile.write(folder / name, samples, rate, subtype="FLOAT" if name.endswith(".wav") else None)
    return folder / name


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """24 good recordings of one instrument over two octaves."""
    for key in range(48, 72):
        write(tmp_path / "mine", f"kazoo-{key:03d}-100.wav", saw(key))
    return tmp_path / "mine"


def only(source: Path) -> Problem:
    (problem,) = check_recordings(source).problems
    return problem


def test_a_good_folder_has_no_problems(source: Path) -> None:
    seen: list[tuple[int, int]] = []
    found = check_recordings(source, progress=lambda done, total: seen.append((done, total)))
    assert (found.problems, found.remarks) == ((), ())
    assert found.keys == tuple(range(48, 72))
    assert found.seconds == pytest.approx(24.0)
    assert seen[-1] == (24, 24)
    assert all(not choice.leave_out for choice in found.choices().values())


NOISE = 0.1 * np.random.default_rng(0).standard_normal(RATE).astype(np.float32)
DEFECTS: list[tuple[str, str, np.ndarray, str, tuple[Action, ...]]] = [
    ("short", "kazoo-080-100.wav", saw(80, 0.05), "50 ms", ("leave out",)),
    ("silent", "kazoo-080-100.wav", np.zeros(RATE, np.float32), "digital silence", ("leave out",)),
    ("silent", "kazoo-080-100.wav", saw(80, level=0.0005), "-66.0 dBFS", ("leave out",)),
    ("clipped", "kazoo-080-100.wav", np.clip(4 * saw(80), -1, 1), "full scale", ("leave out", "keep")),
    ("quiet", "kazoo-080-100.wav", saw(80, level=0.004), "-48.0 dBFS", ("fix", "leave out", "keep")),
    ("late", "kazoo-080-100.wav", np.concatenate([np.zeros(RATE), saw(80)]), "1.00 s", ("fix", "keep", "leave out")),
    ("no pitch", "hiss.wav", NOISE, "no clear pitch", ("leave out",)),
    ("duplicate", "kazoo-080-100.flac", np.round(saw(50) * 2**15) / 2**15, "same recording", ("leave out", "keep")),
]


@pytest.mark.parametrize(("kind", "name", "samples", "what", "actions"), DEFECTS)
def test_a_defect_is_found_with_its_remedy(
    source: Path, kind: str, name: str, samples: np.ndarray, what: str, actions: tuple[Action, ...]
) -> None:
    if kind == "duplicate":
        soundfile.write(source / "kazoo-050-100.wav", samples, RATE, subtype="PCM_16")
    path = write(source, name, samples)
    problem = only(source)
    assert (problem.kind, problem.actions) == (kind, actions)
    assert problem.path in (path, source / "kazoo-080-100.flac")
    assert what in problem.what
    assert problem.remedy
    assert check_recordings(source).choices()[problem.path].leave_out is (actions[0] == "leave out")


def test_a_file_that_is_no_audio_is_left_out(source: Path) -> None:
    (source / "broken.wav").write_bytes(b"RIFF")
    problem = only(source)
    assert problem.kind == "unreadable"
    assert problem.unusable
    assert check_recordings(source).choices()[source / "broken.wav"].leave_out


def test_remarks_on_the_whole_folder(tmp_path: Path) -> None:
    for key in (60, 64):
        write(tmp_path / "few", f"kazoo-{key:03d}-100.wav", saw(key))
    few, narrow = check_recordings(tmp_path / "few").remarks
    assert few.startswith("2 usable notes are few")
    assert "within 4 semitones" in narrow
    write(tmp_path / "few", "kazoo-090-100.wav", saw(90))
    assert "between the keys 64 and 90" in check_recordings(tmp_path / "few").remarks[-1]


def imported(source: Path, found: Preflight, out: Path, **choices: Any) -> dict[int, np.ndarray]:
    import_folder(source, out, ImportSettings(RATE, seconds=1.0), choices=found.choices(**choices))
    return {note.pitch: read_audio(out, note)[0] for note in read_notes(out)}


def test_the_import_applies_the_suggested_fixes(source: Path, tmp_path: Path) -> None:
    late = write(source, "kazoo-080-100.wav", np.concatenate([np.zeros(RATE), saw(80)]))
    quiet = write(source, "kazoo-082-100.wav", saw(82, level=0.004))
    write(source, "kazoo-084-100.wav", np.clip(40 * saw(84), -1, 1))
    found = check_recordings(source)
    notes = imported(source, found, tmp_path / "fixed")
    assert 84 not in notes
    begin = np.argmax(np.abs(notes[80]) > 0.01) / RATE
    assert 0.0 < begin < 0.02  # the silence was cut to 10 ms
    assert np.abs(notes[82]).max() == pytest.approx(10 ** (-6 / 20), rel=0.01)
    keep: dict[Problem, Action] = dict.fromkeys(found.problems, "keep")
    kept = imported(source, found, tmp_path / "kept", actions=keep)
    assert 84 in kept
    assert not kept[80].any()  # its first second is silent
    assert np.abs(kept[82]).max() == pytest.approx(0.004, rel=0.02)
    assert {late, quiet} <= {problem.path for problem in found.problems}


def test_a_key_that_the_user_gives_solves_a_missing_pitch(source: Path, tmp_path: Path) -> None:
    hiss = write(source, "hiss.wav", NOISE)
    notes = imported(source, check_recordings(source), tmp_path / "out", keys={hiss: 90})
    assert np.abs(notes[90]).max() == pytest.approx(np.abs(NOISE).max(), abs=1e-3)


def test_an_action_that_a_problem_does_not_have_is_refused(source: Path) -> None:
    write(source, "kazoo-080-100.wav", np.zeros(RATE, np.float32))
    found = check_recordings(source)
    with pytest.raises(UserError, match="leave out"):
        found.choices({found.problems[0]: "keep"})


def test_the_import_keeps_licence_and_instrument_names(source: Path, tmp_path: Path) -> None:
    import_folder(source, tmp_path / "out", ImportSettings(RATE, licence="CC0"))
    content = json.loads((tmp_path / "out" / "source.json").read_text())
    assert content["licence"] == "CC0"
    assert [each["preset"] for each in content["instruments"]] == ["kazoo"]
    with pytest.raises(UserError, match="one line"):
        ImportSettings(licence="a\nb")


def test_an_import_of_nothing_is_refused(source: Path, tmp_path: Path) -> None:
    left = {path: FileChoice(leave_out=True) for path in check_recordings(source).choices()}
    with pytest.raises(UserError, match="every file in"):
        import_folder(source, tmp_path / "none", choices=left)
