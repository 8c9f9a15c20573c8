"""The check finds each defect in the right file or note, and nothing else."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from synth_app.dataset.audio_io import write_wav16
from synth_app.dataset.check import Finding, check_dataset
from synth_app.dataset.nsynth import Note, audio_path
from synth_app.support.errors import UserError

Folder = tuple[Path, tuple[Note, ...]]


def planted(folder: Path, note_str: str, samples: np.ndarray, rate: int = 16_000, subtype: str = "PCM_16") -> None:
    soundfile.write(audio_path(folder, note_str), samples, rate, subtype=subtype)


def edit(folder: Path, note_str: str, **changes: object) -> None:
    path = folder / "examples.json"
    content: dict[str, dict[str, Any]] = json.loads(path.read_text())
    content[note_str] |= changes
    path.write_text(json.dumps(content))


def test_a_valid_folder_has_no_findings(nsynth_folder: Folder) -> None:
    folder, _notes = nsynth_folder
    seen: list[tuple[int, int]] = []
    report = check_dataset(folder, progress=lambda done, total: seen.append((done, total)))
    assert report.findings == ()
    assert report.ok
    assert (report.notes, report.instruments, report.sample_rates) == (10, 2, (16_000,))
    assert seen[-1] == (10, 10)


def only(folder: Path) -> Finding:
    """The one finding of a folder."""
    (finding,) = check_dataset(folder).findings
    assert finding.remedy
    return finding


WAVE = (0.5 * np.sin(2 * np.pi * 300 * np.arange(64_000) / 16_000)).astype(np.float32)
NAN = np.where(np.arange(64_000) == 5, np.float32(np.nan), WAVE)
AUDIO_DEFECTS: list[tuple[str, str, dict[str, Any]]] = [
    ("error", "NaN", {"samples": NAN, "subtype": "FLOAT"}),
    ("error", "2 channels", {"samples": np.stack([WAVE, WAVE], axis=1)}),
    ("error", "audio is at 22050 Hz, sample_rate says 16000", {"samples": np.resize(WAVE, 88_200), "rate": 22_050}),
    ("warning", "63999 samples, 4 s at 16000 Hz are 64000", {"samples": WAVE[:-1]}),
    ("warning", "digital silence", {"samples": 0 * WAVE}),
    ("warning", "silent", {"samples": 0.0015 * WAVE}),
    ("warning", "clipped", {"samples": np.clip(4 * WAVE, -1, 1)}),
    ("warning", "clipped", {"samples": np.clip(4 * WAVE, -1, 0.5)}),
]


@pytest.mark.parametrize(("severity", "what", "defect"), AUDIO_DEFECTS)
def test_a_defect_of_the_audio_is_found(
    nsynth_folder: Folder, severity: str, what: str, defect: dict[str, Any]
) -> None:
    folder, notes = nsynth_folder
    planted(folder, notes[3].note_str, **defect)
    finding = only(folder)
    assert (finding.severity, finding.where) == (severity, notes[3].note_str)
    assert what in finding.what
    assert check_dataset(folder).ok is (severity == "warning")


def test_a_peak_at_full_scale_is_not_clipping(nsynth_folder: Folder) -> None:
    folder, notes = nsynth_folder
    wave = WAVE.copy()
    wave[100:102] = 1.0
    wave[200:202] = -1.0
    planted(folder, notes[3].note_str, wave)
    assert check_dataset(folder).findings == ()


def test_a_truncated_file_is_found(nsynth_folder: Folder) -> None:
    folder, notes = nsynth_folder
    path = audio_path(folder, notes[0].note_str)
    path.write_bytes(path.read_bytes()[:5_000])
    finding = only(folder)
    assert (finding.severity, finding.where) == ("error", notes[0].note_str)
    assert "truncated" in finding.what


def test_missing_and_extra_files_are_found(nsynth_folder: Folder) -> None:
    folder, notes = nsynth_folder
    audio_path(folder, notes[0].note_str).rename(folder / "audio" / "stranger.wav")
    findings = {finding.where: finding for finding in check_dataset(folder).findings}
    assert set(findings) == {notes[0].note_str, "audio/stranger.wav"}
    assert findings[notes[0].note_str].severity == "error"
    assert "missing" in findings[notes[0].note_str].what
    assert findings["audio/stranger.wav"].severity == "warning"


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"pitch": 200}, "pitch"),
        ({"velocity": "loud"}, "velocity"),
        ({"instrument_family": 3}, "instrument_family_str"),
        ({"note": 0}, "number 0 is also that of"),
        ({"instrument": 0}, "flute_acoustic_000 in another note"),
    ],
)
def test_a_defect_of_an_entry_is_found(nsynth_folder: Folder, changes: dict[str, object], what: str) -> None:
    folder, notes = nsynth_folder
    edit(folder, notes[-1].note_str, **changes)
    report = check_dataset(folder)
    assert {finding.where for finding in report.findings} <= {note.note_str for note in notes[-4:]}
    assert any(finding.where == notes[-1].note_str or changes == {"instrument": 0} for finding in report.findings)
    assert any(what in finding.what for finding in report.findings)
    assert not report.ok


def test_two_instruments_under_one_number_are_found(nsynth_folder: Folder) -> None:
    folder, notes = nsynth_folder
    reeds = [note for note in notes if note.instrument_family_str == "reed"]
    for note in reeds:
        edit(folder, note.note_str, instrument=0)
    findings = check_dataset(folder).findings
    assert {finding.where for finding in findings} == {note.note_str for note in reeds}
    assert all("flute_acoustic_000 in another note" in finding.what for finding in findings)


def test_mixed_rates_are_found(nsynth_folder: Folder) -> None:
    folder, notes = nsynth_folder
    edit(folder, notes[0].note_str, sample_rate=48_000)
    write_wav16(audio_path(folder, notes[0].note_str), np.resize(WAVE, 192_000), 48_000)
    finding = only(folder)
    assert finding.severity == "warning"
    assert "9 at 16000 Hz, 1 at 48000 Hz" in finding.what


def test_a_folder_without_audio_or_notes_is_reported_once(nsynth_folder: Folder, tmp_path: Path) -> None:
    folder, _notes = nsynth_folder
    (folder / "audio").rename(folder / "elsewhere")
    finding = only(folder)
    assert (finding.severity, finding.where) == ("error", "audio/")
    with pytest.raises(UserError, match="does not exist"):
        check_dataset(tmp_path / "nowhere")
    (folder / "elsewhere").rename(folder / "audio")
    (folder / "examples.json").write_text("{}")
    assert not check_dataset(folder).ok


def test_several_processes_give_the_same_findings_in_the_same_order(nsynth_folder: Folder) -> None:
    folder, notes = nsynth_folder
    for note in notes[::3]:
        planted(folder, note.note_str, 0 * WAVE)
    alone = check_dataset(folder)
    assert len(alone.findings) == 4
    assert check_dataset(folder, jobs=2) == alone
    assert alone.count("warning") == 4
