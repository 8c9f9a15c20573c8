"""Import of a user's folder: pitches from file names, otherwise estimated from the sound."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from synth_app.dataset.check import check_dataset
from synth_app.dataset.nsynth import read_audio, read_notes
from synth_app.dataset.recordings import ImportReport, ImportSettings, import_folder
from synth_app.dataset.recordings.pitch import estimate_pitch
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
        ImportSettings(16_000, family="brass", source="acoustic"),
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
    report = import_folder(tmp_path / "src", tmp_path / "out", ImportSettings(16_000))
    samples, _rate = read_audio(tmp_path / "out", report.notes[0])
    np.testing.assert_allclose(samples, 2 * tone(440.0), atol=1e-4)


def test_a_failed_import_leaves_no_files(tmp_path: Path, tone: Tone) -> None:
    src = tmp_path / "src"
    src.mkdir()
    with pytest.raises(UserError, match="no audio files"):
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
    for change in ({"rate": 1}, {"seconds": 0.0}, {"family": "drums"}, {"source": "alien"}, {"middle_c": 9}):
        with pytest.raises(UserError):
            ImportSettings(**change)
    with pytest.raises(UserError, match="jobs is 0"):
        import_folder(src, tmp_path / "out", jobs=0)
    (tmp_path / "out").mkdir()
    assert len(import_folder(src, tmp_path / "out").notes) == 1


def tone_file(path: Path, tone: Tone, frequency: float = 261.63, seconds: float = 0.5, rate: int = 16_000) -> None:
    """Write a tone in the format of the suffix."""
    path.parent.mkdir(parents=True, exist_ok=True)
    kind = {".ogg": "OGG", ".mp3": "MP3", ".aif": "AIFF", ".au": "AU", ".caf": "CAF", ".w64": "W64", ".voc": "VOC"}
    with path.open("w+b") as stream:
        soundfile.write(stream, tone(frequency, rate, seconds), rate, format=kind.get(path.suffix.lower(), "WAV"))


def pitches(report: ImportReport) -> dict[str, int]:
    """Return the key of each file."""
    files = json.loads((report.folder / "source.json").read_text())["files"]
    return {files[note.note_str]: note.pitch for note in report.notes}


def test_every_format_that_the_window_takes_is_read(tmp_path: Path, tone: Tone) -> None:
    names = [f"n-{60 + i:03d}-100{suffix}" for i, suffix in enumerate((".ogg", ".mp3", ".aif", ".au", ".caf", ".w64"))]
    for name in names:
        tone_file(tmp_path / "src" / name, tone)
    soundfile.write(tmp_path / "src" / "memo-070-100.wav", tone(440.0, 8_000, 0.5), 8_000, subtype="GSM610")
    (tmp_path / "src" / "text.mp3").write_text("no audio")
    report = import_folder(tmp_path / "src", tmp_path / "out", ImportSettings(16_000))
    assert sorted(pitches(report)) == sorted([*names, "memo-070-100.wav"])
    assert [file.path.name for file in report.skipped] == ["text.mp3"]
    for note in report.notes:
        samples, _rate = read_audio(report.folder, note)
        assert np.abs(samples[2_000:6_000]).max() > 0.3
        assert not samples[10_000:].any()


def test_linked_folders_are_entered_once_and_circles_end(tmp_path: Path, tone: Tone) -> None:
    tone_file(tmp_path / "elsewhere" / "b-061-100.wav", tone)
    tone_file(tmp_path / "src" / "a-060-100.wav", tone)
    (tmp_path / "src" / "linked").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "src" / "again").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "back").symlink_to(tmp_path / "src")
    (tmp_path / "src" / "itself").symlink_to(tmp_path / "src")
    (tmp_path / "src" / "gone-062-100.wav").symlink_to(tmp_path / "nowhere")
    report = import_folder(tmp_path / "src", tmp_path / "out", ImportSettings(16_000))
    assert sorted(note.pitch for note in report.notes) == [60, 61]


@pytest.mark.parametrize("samples", [2, 100, 1_599])
def test_clicks_are_skipped_with_their_length(tmp_path: Path, tone: Tone, samples: int) -> None:
    tone_file(tmp_path / "src" / "good-060-100.wav", tone)
    soundfile.write(tmp_path / "src" / "click-060-100.wav", np.full(samples, 0.5), 16_000)
    report = import_folder(tmp_path / "src", tmp_path / "out", ImportSettings(16_000))
    assert len(report.notes) == 1
    assert f"lasts {samples / 16:.3g} ms; a note needs 100 ms" in report.skipped[0].reason


def test_the_key_in_the_name_wins_and_the_rest_tells_the_instrument(tmp_path: Path, tone: Tone) -> None:
    for name in ("C7.wav", "C6.wav", "horn_F#3.wav", "horn_G3.wav", "tuba Bb2 v90.wav", "tuba Bb2 v50.wav"):
        tone_file(tmp_path / "src" / name, tone, 523.25)
    report = import_folder(tmp_path / "src", tmp_path / "out", ImportSettings(16_000, family="brass"))
    assert pitches(report) == {
        "C7.wav": 96, "C6.wav": 84, "horn_F#3.wav": 54, "horn_G3.wav": 55,
        "tuba Bb2 v90.wav": 46, "tuba Bb2 v50.wav": 46,
    }  # fmt: skip
    files = json.loads((report.folder / "source.json").read_text())["files"]
    instrument = {files[note.note_str].split()[0].split("_")[0]: note.instrument for note in report.notes}
    assert instrument["C7.wav"] == instrument["C6.wav"]
    assert len({note.instrument for note in report.notes}) == 3
    assert {note.instrument_family_str for note in report.notes} == {"brass"}
    assert {note.velocity for note in report.notes} == {50, 90, 100}


def test_a_bare_number_counts_if_the_sound_agrees(tmp_path: Path, tone: Tone) -> None:
    for name in ("organ 48.wav", "organ 60.wav", "organ 61.wav"):
        source = tmp_path / "src" / name
        source.parent.mkdir(exist_ok=True)
        soundfile.write(source, sawtooth(60, 22_050, 1.0), 22_050)
    report = import_folder(tmp_path / "src", tmp_path / "out", ImportSettings(16_000))
    assert pitches(report) == {"organ 48.wav": 48, "organ 60.wav": 60, "organ 61.wav": 60}


def test_names_that_are_not_utf8_are_imported(tmp_path: Path, tone: Tone) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/src/caf\xe9-058-100.wav"))
    tone_file(path, tone)
    report = import_folder(tmp_path / "src", tmp_path / "out", ImportSettings(16_000))
    assert pitches(report) == {"caf?-058-100.wav": 58}
    assert check_dataset(tmp_path / "out").findings == ()


def test_several_processes_give_the_same_notes(tmp_path: Path, tone: Tone) -> None:
    for key in range(60, 80):
        tone_file(tmp_path / "src" / f"n-{key:03d}-100.wav", tone, 440.0 * 2 ** ((key - 69) / 12), 0.2)
    (tmp_path / "src" / "bad.wav").write_bytes(b"RIFF")
    one = import_folder(tmp_path / "src", tmp_path / "one", ImportSettings(16_000))
    two = import_folder(tmp_path / "src", tmp_path / "two", ImportSettings(16_000), jobs=2)
    assert one.notes == two.notes
    assert one.skipped == two.skipped
    for name in ("examples.json", "source.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    for note in one.notes:
        np.testing.assert_array_equal(read_audio(one.folder, note)[0], read_audio(two.folder, note)[0])
    assert sorted(path.name for path in (tmp_path / "two").iterdir()) == ["audio", "examples.json", "source.json"]
