"""The audio reader: correct samples, and errors that name the file and the remedy."""

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from scipy.io import wavfile

from synth_app.dataset.audio_io import read_audio_file, resample, write_wav16
from synth_app.support.errors import UserError

Tone = Callable[..., np.ndarray]


@pytest.mark.parametrize(
    ("subtype", "tolerance"), [("PCM_U8", 1 / 128), ("PCM_16", 1e-4), ("PCM_24", 1e-6), ("FLOAT", 0.0)]
)
def test_every_depth_is_read_at_the_same_level(tmp_path: Path, tone: Tone, subtype: str, tolerance: float) -> None:
    wave = tone(seconds=0.1)
    soundfile.write(tmp_path / "a.wav", wave, 16_000, subtype=subtype)
    samples, rate = read_audio_file(tmp_path / "a.wav")
    assert rate == 16_000
    assert samples.dtype == np.float32
    np.testing.assert_allclose(samples, wave, atol=tolerance)


def test_stereo_flac_is_mixed_by_the_mean(tmp_path: Path, tone: Tone) -> None:
    left, right = tone(440.0, seconds=0.1), tone(1000.0, seconds=0.1, peak=0.25)
    soundfile.write(tmp_path / "a.flac", np.stack([left, right], axis=1), 16_000, subtype="PCM_24")
    samples, _rate = read_audio_file(tmp_path / "a.flac")
    np.testing.assert_allclose(samples, (left + right) / 2, atol=1e-6)


def test_a_high_rate_is_resampled_without_aliases(tmp_path: Path, tone: Tone) -> None:
    audible, hidden = tone(1000.0, 192_000, 1.0), tone(30_000.0, 192_000, 1.0)  # 30 kHz would fold to 2 kHz
    soundfile.write(tmp_path / "a.wav", audible + hidden, 192_000, subtype="FLOAT")
    samples, rate = read_audio_file(tmp_path / "a.wav", rate=16_000)
    assert (rate, samples.dtype) == (16_000, np.dtype(np.float32))
    assert len(samples) == 16_000
    middle = slice(2_000, 14_000)
    np.testing.assert_allclose(samples[middle], tone(1000.0, 16_000, 1.0)[middle], atol=1e-4)


def test_resampling_to_the_same_rate_changes_nothing(tone: Tone) -> None:
    wave = tone(seconds=0.01)
    assert np.array_equal(resample(wave, 16_000, 16_000), wave)


def test_written_files_contain_the_nearest_16_bit_values(tmp_path: Path) -> None:
    wave = np.array([0.0, 0.5, -0.5, 1.0, -1.0, 1.5, 0.25 / 32768, 0.75 / 32768], np.float32)
    write_wav16(tmp_path / "a.wav", wave, 48_000)
    rate, steps = wavfile.read(tmp_path / "a.wav")
    assert rate == 48_000
    assert steps.tolist() == [0, 16384, -16384, 32767, -32768, 32767, 0, 1]
    with pytest.raises(UserError, match="NaN"):
        write_wav16(tmp_path / "b.wav", np.array([np.nan], np.float32), 48_000)
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]


def test_unreadable_files_are_refused_by_name(tmp_path: Path, tone: Tone) -> None:
    wave = tone(seconds=0.5)
    soundfile.write(tmp_path / "good.wav", wave, 16_000)
    noise = (0.3 * np.random.default_rng(0).standard_normal(48_000)).astype(np.float32)
    for suffix in ("flac", "mp3", "aiff"):
        soundfile.write(tmp_path / f"cut.{suffix}", noise, 48_000)
        content = (tmp_path / f"cut.{suffix}").read_bytes()
        (tmp_path / f"cut.{suffix}").write_bytes(content[: len(content) // 2])
    good = (tmp_path / "good.wav").read_bytes()
    (tmp_path / "empty.wav").write_bytes(b"")
    (tmp_path / "cut.wav").write_bytes(good[: len(good) // 2])
    (tmp_path / "header.wav").write_bytes(good[:20])
    (tmp_path / "text.wav").write_text("not audio at all, but long enough for a header")
    (tmp_path / "folder.wav").mkdir()
    soundfile.write(tmp_path / "none.wav", np.zeros(0, np.float32), 16_000)
    broken = wave.copy()
    broken[7] = np.nan
    soundfile.write(tmp_path / "nan.wav", broken, 16_000, subtype="FLOAT")
    broken[7] = np.inf
    soundfile.write(tmp_path / "inf.wav", np.stack([wave, broken], axis=1), 16_000, subtype="FLOAT")
    soundfile.write(tmp_path / "loud.wav", wave * 1e4, 16_000, subtype="FLOAT")
    soundfile.write(tmp_path / "slow.wav", wave, 1_000)
    reasons = {
        "missing.wav": "does not exist",
        "empty.wav": "is empty",
        "cut.wav": "truncated",
        "cut.flac": "damaged",
        "cut.mp3": "truncated",
        "cut.aiff": "truncated",
        "header.wav": "not a readable audio file",
        "text.wav": "not a readable audio file",
        "folder.wav": "is a folder",
        "none.wav": "no samples",
        "nan.wav": "NaN or infinite",
        "inf.wav": "NaN or infinite",
        "loud.wav": "normalise",
        "slow.wav": "1000 Hz",
    }
    for name, reason in reasons.items():
        with pytest.raises(UserError, match=reason) as caught:
            read_audio_file(tmp_path / name)
        assert name in str(caught.value)
        assert "\n" not in str(caught.value)


def test_a_long_file_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    frames = 3_600 * 8_000
    header = b"RIFF" + struct.pack("<I", 36 + frames) + b"WAVEfmt "
    header += struct.pack("<IHHIIHH", 16, 1, 1, 8_000, 8_000, 1, 8) + b"data" + struct.pack("<I", frames)
    with (tmp_path / "hour.wav").open("wb") as stream:
        stream.write(header)
        stream.truncate(len(header) + frames)
    with pytest.raises(UserError, match=r"lasts 3600 s, the limit is 600 s"):
        read_audio_file(tmp_path / "hour.wav")
    samples, _rate = read_audio_file(tmp_path / "hour.wav", max_seconds=3_600)
    assert len(samples) == frames


def test_a_stream_without_a_length_is_read_to_its_end(tmp_path: Path, tone: Tone) -> None:
    soundfile.write(tmp_path / "a.wav", tone(seconds=0.5), 16_000)
    content = bytearray((tmp_path / "a.wav").read_bytes())
    at = content.index(b"data") + 4
    content[at : at + 4] = b"\xff\xff\xff\xff"
    (tmp_path / "piped.wav").write_bytes(bytes(content))
    assert len(read_audio_file(tmp_path / "piped.wav")[0]) == 8_000
