"""NSynth's layout: notes are written and read back, and errors are named."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from synth_app.dataset.instrument_families import FAMILIES
from synth_app.dataset.nsynth import QUALITIES, SOURCES, Note, read_audio, read_notes, write_notes
from synth_app.support.errors import UserError

# An entry as NSynth's own files hold it, key by key.
REAL_ENTRY = {
    "note": 201034,
    "sample_rate": 16000,
    "instrument_family": 0,
    "qualities": [0, 1, 0, 0, 0, 0, 0, 0, 0, 0],
    "instrument_source_str": "synthetic",
    "note_str": "bass_synthetic_033-022-050",
    "instrument_family_str": "bass",
    "instrument_str": "bass_synthetic_033",
    "pitch": 22,
    "instrument": 417,
    "velocity": 50,
    "instrument_source": 2,
    "qualities_str": ["dark"],
}


def store(folder: Path, **changes: object) -> None:
    entry = REAL_ENTRY | changes
    (folder / "examples.json").write_text(json.dumps({REAL_ENTRY["note_str"]: entry}))


def test_a_note_of_nsynth_is_read_key_by_key_and_written_back(tmp_path: Path) -> None:
    store(tmp_path)
    (note,) = read_notes(tmp_path)
    assert (note.pitch, note.velocity, note.instrument_str) == (22, 50, "bass_synthetic_033")
    assert [QUALITIES[place] for place, bit in enumerate(note.qualities) if bit] == list(note.qualities_str)
    write_notes(tmp_path, [note])
    assert json.loads((tmp_path / "examples.json").read_text()) == {REAL_ENTRY["note_str"]: REAL_ENTRY}


def test_the_order_of_indices_equals_nsynths() -> None:
    assert FAMILIES.index("bass") == 0
    assert FAMILIES.index("keyboard") == 4
    assert FAMILIES.index("synth_lead") == 9
    assert len(FAMILIES) == 11
    assert SOURCES == ("acoustic", "electronic", "synthetic")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("pitch", 128),
        ("pitch", "60"),
        ("pitch", 22.0),
        ("velocity", -1),
        ("qualities", [0, 1]),
        ("qualities", [2] + [0] * 9),
        ("instrument_family", 11),
        ("instrument_family_str", "brass"),
        ("instrument_source_str", "acoustic"),
        ("note_str", "../../etc/passwd"),
        ("note_str", "bass_synthetic_033-022-075"),
        ("sample_rate", 0),
        ("instrument", None),
    ],
)
def test_a_wrong_value_is_refused_naming_file_note_and_key(tmp_path: Path, key: str, value: object) -> None:
    store(tmp_path, **{key: value})
    with pytest.raises(UserError) as caught:
        read_notes(tmp_path)
    message = str(caught.value)
    assert "examples.json" in message
    assert str(REAL_ENTRY["note_str"]) in message
    assert key in message
    assert "\n" not in message


def test_pitch_and_name_must_agree(tmp_path: Path) -> None:
    store(tmp_path, pitch=23)
    with pytest.raises(UserError, match="note_str"):
        read_notes(tmp_path)


@pytest.mark.parametrize("content", [None, b"", b"{", b"[1]", b"\xff\xfe"])
def test_an_unusable_file_is_named(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "examples.json").write_bytes(content)
    with pytest.raises(UserError, match=r"examples\.json"):
        read_notes(tmp_path)


def test_notes_are_sorted_and_their_audio_found(nsynth_folder: tuple[Path, tuple[Note, ...]]) -> None:
    folder, notes = nsynth_folder
    by_name = sorted(notes, key=lambda note: note.note_str)
    path = folder / "examples.json"
    write_notes(folder, reversed(notes))
    content = json.loads(path.read_text())
    assert list(content) == [note.note_str for note in by_name]
    path.write_text(json.dumps(dict(reversed(content.items()))))
    read = read_notes(folder)
    assert read == tuple(by_name)
    samples, rate = read_audio(folder, read[0])
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    assert spectrum.argmax() * rate / len(samples) == pytest.approx(200.0 + read[0].note, abs=0.25)


def test_a_failed_write_leaves_the_old_notes(nsynth_folder: tuple[Path, tuple[Note, ...]]) -> None:
    folder, notes = nsynth_folder
    before = (folder / "examples.json").read_bytes()
    with pytest.raises(UserError, match="two notes"):
        write_notes(folder, [notes[0], notes[0]])
    assert (folder / "examples.json").read_bytes() == before
    assert sorted(path.name for path in folder.iterdir()) == ["audio", "examples.json"]


def test_importing_the_package_loads_no_heavy_library() -> None:
    modules = ["audio_files", "audio_io", "check", "nsynth", "recordings", "soundfont", "splits"]
    code = "import sys\n" + "".join(f"import synth_app.dataset.{name}\n" for name in modules)
    code += (
        "print(sorted({'librosa', 'fluidsynth', 'soxr', 'soundfile', 'torch', 'scipy', 'numba'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
