"""Texts in WAV and FLAC files: they come back, the samples stay, and damage is said."""

import struct
import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile

from synth_app.dataset.audio_files import text_chunk
from synth_app.dataset.audio_files.text_chunk import MAX_TEXT_BYTES, add_text, can_hold_text, read_text
from synth_app.support.errors import UserError

FORMATS = [("WAV", "PCM_16"), ("WAV", "PCM_24"), ("WAV", "FLOAT"), ("WAV", "PCM_U8"), ("FLAC", "PCM_16"),
           ("FLAC", "PCM_24")]  # fmt: skip
TEXTS = ["{}", '{"name": "Ümläut 🎹"}', "x" * 1001, ""]


def sound(path: Path, kind: str, subtype: str, frames: int = 1001, channels: int = 1) -> Path:
    samples = np.random.default_rng(0).uniform(-0.5, 0.5, (frames, channels))
    soundfile.write(path, samples, 48_000, subtype, format=kind)
    return path


@pytest.mark.parametrize(("kind", "subtype"), FORMATS)
@pytest.mark.parametrize("text", TEXTS)
def test_the_text_comes_back_and_the_samples_stay(tmp_path: Path, kind: str, subtype: str, text: str) -> None:
    path = sound(tmp_path / "x", kind, subtype)
    before = soundfile.read(path)[0]
    assert can_hold_text(path)
    assert read_text(path) is None
    assert add_text(path, text)
    assert read_text(path) == text
    assert np.array_equal(soundfile.read(path)[0], before)
    assert [each.name for each in tmp_path.iterdir()] == ["x"]


def test_other_readers_of_wav_find_a_valid_file(tmp_path: Path) -> None:
    path = sound(tmp_path / "x.wav", "WAV", "PCM_24")  # 3003 bytes of samples: a pad byte is needed
    add_text(path, "odd")
    with wave.open(str(path)) as found:
        assert (found.getnframes(), found.getframerate(), found.getsampwidth()) == (1001, 48_000, 3)
    data = path.read_bytes()
    assert struct.unpack("<I", data[4:8])[0] == len(data) - 8
    assert len(data) % 2 == 0
    assert data.index(b"syap") % 2 == 0


def test_other_formats_and_too_long_texts_are_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for kind, subtype in (("OGG", "VORBIS"), ("AIFF", "PCM_16")):
        path = sound(tmp_path / kind, kind, subtype)
        before = path.read_bytes()
        assert not can_hold_text(path)
        assert not add_text(path, "{}")
        assert read_text(path) is None
        assert path.read_bytes() == before
    path = sound(tmp_path / "x.wav", "WAV", "PCM_16")
    before = path.read_bytes()
    assert not add_text(path, "x" * (MAX_TEXT_BYTES + 1))
    monkeypatch.setattr(text_chunk, "_MAX_RIFF_BYTES", len(before))
    assert not add_text(path, "{}"), "a WAV file holds 4 GB at most"
    assert path.read_bytes() == before


@pytest.mark.parametrize("kind", ["WAV", "FLAC"])
def test_a_damaged_text_is_said(tmp_path: Path, kind: str) -> None:
    path = sound(tmp_path / "x", kind, "PCM_16", frames=10)
    add_text(path, "a" * 1000)
    whole = path.read_bytes()
    at = whole.index(b"aaaa")
    path.write_bytes(whole[: at + 500])
    with pytest.raises(UserError, match="its patch is incomplete"):
        read_text(path)
    path.write_bytes(whole.replace(b"aaaa", b"\xff\xff\xff\xff", 1))
    with pytest.raises(UserError, match="not text in UTF-8"):
        read_text(path)
    if kind == "WAV":
        path.write_bytes(whole[: at - 4] + struct.pack("<I", 2**31) + whole[at:])
        with pytest.raises(UserError, match="the limit is"):
            read_text(path)
    path.write_bytes(whole[:10])
    assert read_text(path) is None
    with pytest.raises(UserError, match="does not exist"):
        read_text(tmp_path / "none.wav")
