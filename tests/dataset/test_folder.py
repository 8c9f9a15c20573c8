"""Import of a user's folder: pitches from file names, otherwise estimated from the sound."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from synth_app.dataset.check import check_dataset
from synth_app.dataset.folder import estimate_pitch, import_folder
from synth_app.dataset.nsynth import read_audio, read_notes
from synth_app.support.errors import UserError

Tone = Callable[..., np.ndarray]


def sawtooth(pitch: float, rate: int, seconds: float) -> np.ndarray:
    """A band-limited decaying sawtooth at a MIDI pitch, after 0.2 s of silence."""
    f0_hz = 440.0 * 2.0 ** ((pitch - 69) / 12)
    time = np.arange(round(seconds * rate)) / rate
    partials = range(1, min(30, int(0.45 * rate / f0_hz)) + 1)
    wave = sum(np.sin(2 * np.pi * k * f0_hz * time) / k for k in partials) * np.exp(-time)
    return np.concatenate([np.zeros(round(0.2 * rate)), 0.4 * wave]).astype(np.float32)


@pytest.mark.parametrize(("pitch", "rate"), [(28.3, 44_100), (45.0, 48_000), (69.2, 16_000), (95.8, 48_000)])
def test_the_estimated_pitch_is_the_nearest_key(pitch: float, rate: int) -> None:
    assert estimate_pitch(sawtooth(pitch, rate, 1.5), rate) == round(pitch)


def test_the_pitch_is_estimated_where_the_note_sounds() -> None:
    late = np.concatenate([np.zeros(66_150, np.float32), sawtooth(57, 22_050, 1.0)])
    assert estimate_pitch(late, 22_050) == 57


def test_noise_and_silence_have_no_pitch() -> None:
    noise = np.random.default_rng(0).standard_normal(22_050).astype(np.float32) * np.float32(0.1)
    assert estimate_pitch(noise, 22_050) is None
    assert estimate_pitch(np.zeros(22_050, np.float32), 22_050) is None


def test_a_mixed_folder_becomes_checked_notes(tmp_path: Path, tone: Tone) -> None:
    src = tmp_path / "mine"
    (src / "Horns").mkdir(parents=True)
    (src / ".trash").mkdir()
    soundfile.write(src / "flute_acoustic_007-072-064.wav", tone(523.25, 44_100, 5.0), 44_100)
    soundfile.write(src / "kazoo-060-090.flac", tone(261.6, 48_000, 1.0), 48_000)
    soundfile.write(src / "kazoo-062-090.wav", np.stack([tone(293.7, 48_000, 1.0)] * 2, axis=1), 48_000)
    soundfile.write(src / "Horns" / "take one.wav", sawtooth(57, 44_100, 1.0), 44_100)
    soundfile.write(src / "Horns" / "take two.WAV", sawtooth(57, 44_100, 1.0), 44_100, format="WAV")
    soundfile.write(src / ".trash" / "old-060-090.wav", tone(), 16_000)
    (src / "broken.wav").write_bytes(b"RIFF")
    (src / "notes.txt").write_text("not audio")
    seen: list[tuple[int, int]] = []
    report = import_folder(
        src,
        tmp_path / "out",
        16_000,
        family="brass",
        source="acoustic",
        progress=lambda done, total: seen.append((done, total)),
    )
    assert seen[-1] == (6, 6)
    assert [file.path.name for file in report.skipped] == ["broken.wav"]
    assert "broken.wav" in report.skipped[0].reason
    assert report.notes == read_notes(tmp_path / "out")
    origins = json.loads((tmp_path / "out" / "source.json").read_text())["files"]
    by_origin = {origins[note.note_str]: note for note in report.notes}
    flute, low, high = (
        by_origin[name] for name in ("flute_acoustic_007-072-064.wav", "kazoo-060-090.flac", "kazoo-062-090.wav")
    )
    assert (flute.instrument_family_str, flute.pitch, flute.velocity) == ("flute", 72, 64)
    assert (low.instrument_family_str, low.pitch, low.velocity, high.pitch) == ("brass", 60, 90, 62)
    assert low.instrument == high.instrument != flute.instrument
    first, second = by_origin["Horns/take one.wav"], by_origin["Horns/take two.WAV"]
    assert (first.pitch, first.velocity) == (second.pitch, second.velocity) == (57, 100)
    assert first.instrument != second.instrument
    checked = check_dataset(tmp_path / "out")
    assert checked.findings == ()
    assert checked.sample_rates == (16_000,)
    samples, _rate = read_audio(tmp_path / "out", high)
    assert np.abs(np.fft.rfft(samples[:16_000])).argmax() == pytest.approx(294, abs=1)
    assert not samples[16_100:].any()
    cut, _rate = read_audio(tmp_path / "out", flute)
    assert cut[-1] == 0.0
    assert np.abs(cut[-800:-400]).max() == pytest.approx(0.5, abs=0.01)


def test_a_float_file_over_full_scale_is_scaled_not_clipped(tmp_path: Path, tone: Tone) -> None:
    (tmp_path / "src").mkdir()
    soundfile.write(tmp_path / "src" / "hot-069-100.wav", 6 * tone(440.0), 16_000, subtype="FLOAT")
    report = import_folder(tmp_path / "src", tmp_path / "out", 16_000)
    samples, _rate = read_audio(tmp_path / "out", report.notes[0])
    np.testing.assert_allclose(samples, 2 * tone(440.0), atol=1e-4)


def test_a_failed_import_leaves_no_files(tmp_path: Path, tone: Tone) -> None:
    src = tmp_path / "src"
    src.mkdir()
    with pytest.raises(UserError, match="no WAV or FLAC"):
        import_folder(src, tmp_path / "out")
    (src / "bad.wav").write_bytes(b"")
    with pytest.raises(UserError, match=r"bad\.wav is empty"):
        import_folder(src, tmp_path / "out")
    soundfile.write(src / "good-060-100.wav", tone(), 16_000)

    def stop(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_folder(src, tmp_path / "out", progress=stop)
    assert [path.name for path in tmp_path.iterdir()] == ["src"]
    with pytest.raises(UserError, match="is not empty"):
        import_folder(src, src)
    for change in ({"rate": 1}, {"seconds": 0.0}, {"family": "drums"}, {"source": "alien"}):
        with pytest.raises(UserError):
            import_folder(src, tmp_path / "out", **change)
    (tmp_path / "out").mkdir()
    assert len(import_folder(src, tmp_path / "out").notes) == 1
