"""The report on dropped recordings, with a model that decodes the recordings exactly, and with one that does not."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from synth_app.benchmarks.own_sounds import SoundReport, sound_report
from synth_app.benchmarks.own_sounds.measure import distance_db
from synth_app.dataset.audio_io import write_wav16
from synth_app.dataset.nsynth import AUDIO_NAME, audio_path, make_note, write_notes
from synth_app.modelfile import save_model_file
from synth_app.support.errors import UserError
from tests.engine.conftest import SPECS, pitched_model

SPEC = SPECS[48_000]
SLOPE = 1.5  # of the model's dull tone, its latent vector 0
BRIGHT = 0.7


def _write(folder: Path, keys: tuple[int, ...], slope: float) -> Path:
    """Write three seconds of a tone that the model knows, at several keys, as one instrument."""
    (folder / AUDIO_NAME).mkdir(parents=True)
    notes = [
        make_note(note=key, instrument=0, family="flute", source="acoustic", index=0, pitch=key, velocity=100,
                  sample_rate=SPEC.sample_rate)
        for key in keys
    ]  # fmt: skip
    for note in notes:
        write_wav16(audio_path(folder, note.note_str), _tone(note.pitch, slope), SPEC.sample_rate)
    write_notes(folder, notes)
    return folder


def _tone(key: int, slope: float, highest_hz: float = 7000.0) -> NDArray[np.float32]:
    """Three seconds of partials with amplitude h^-slope below a frequency, with phases of their own at every key."""
    hz, t = 440.0 * 2.0 ** ((key - 69) / 12), np.arange(3 * SPEC.sample_rate) / SPEC.sample_rate
    turns = np.random.default_rng(key).random(int(highest_hz / hz))
    sound = sum(np.sin(2 * np.pi * (h * hz * t + turn)) * h**-slope for h, turn in enumerate(turns, start=1))
    return np.asarray(0.1 * sound, np.float32)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exact model, dull at all keys whatever the latent vector."""
    exact = pitched_model(SPEC)
    still = {**exact.tensors, "dec.c": np.array([[0, 0, 1], [0, 0, 0]], np.float32)}
    path = tmp_path_factory.mktemp("own") / "dull.safetensors"
    save_model_file(path, replace(exact, tensors=still))
    return path


@pytest.fixture(scope="module")
def same(model: Path) -> SoundReport:
    """The report on recordings as the model decodes them."""
    return sound_report(model, _write(model.parent / "same", (55, 62, 69), SLOPE), 3)


@pytest.fixture(scope="module")
def brighter(model: Path) -> SoundReport:
    """The report on recordings that are brighter than the model can decode."""
    return sound_report(model, _write(model.parent / "brighter", (55, 62, 69), BRIGHT), 3)


def test_recordings_that_the_model_decodes_come_back(same: SoundReport) -> None:
    assert len(same.sounds) == 3
    for sound in same.sounds:
        assert sound.pitch == pytest.approx(sound.key, abs=0.05)
        assert max(sound.own_db, sound.own_without_db, sound.other_db, sound.other_without_db) < 2.5
    assert same.summary.right_pitch == 1.0


def test_a_correction_brings_what_the_model_lacks(same: SoundReport, brighter: SoundReport) -> None:
    """The correction takes most of the error off at the own key, and part of it at the other one."""
    for sound in brighter.sounds:
        assert sound.own_without_db > 5.0
        assert sound.own_db < 0.4 * sound.own_without_db
        assert sound.other_db < 0.9 * sound.other_without_db
    s = brighter.summary
    assert s.own_ratio_mean < 0.4 < s.other_without_ratio_mean
    assert s.own_median_db < 2.5
    assert s.own_without_median_db > same.summary.own_without_median_db + 2.5


def test_the_resampled_recording_ends_at_another_frequency(brighter: SoundReport) -> None:
    """A tone without formants is itself after resampling, but its highest partial is not at 7 kHz any more."""
    for sound in brighter.sounds:
        highest_hz = 7000.0 * 2.0 ** ((sound.other_key - sound.key) / 12)
        tones = [_tone(sound.other_key, BRIGHT, hz) for hz in (7000.0, highest_hz)]
        real, moved = (np.pad(np.stack([tone, tone], axis=1), ((2400, 0), (0, 0))) for tone in tones)
        seconds = min(2.0, 3.0 * 7000.0 / highest_hz - 0.05)
        assert sound.resampled_db == pytest.approx(distance_db(real, moved, seconds), abs=1.0)


@pytest.fixture(scope="module")
def brightening(model: Path) -> SoundReport:
    """The report on recordings that become brighter from key to key, so that a single one does not tell the next."""
    folder = _write(model.parent / "brightening", (55, 62, 69), BRIGHT)
    for key, slope in ((55, 1.2), (69, 0.2)):
        path = next(folder.glob(f"{AUDIO_NAME}/*-{key:03d}-*"))
        write_wav16(path, _tone(key, slope), SPEC.sample_rate)
    return sound_report(model, folder, 3)


def test_a_second_recording_brings_the_key_between_nearer(brightening: SoundReport) -> None:
    low, middle, high = brightening.sounds
    assert (low.key, low.other_key, high.key, high.other_key) == (55, 62, 69, 62)
    assert low.between_db is not None
    assert low.between_db < 0.9 * low.other_db
    assert high.between_db == pytest.approx(low.between_db, abs=0.1), "whichever of both was dropped first"
    assert middle.between_db is None, "nothing lies beyond 55 and 69"
    s = brightening.summary
    assert s.between_one_ratio_mean == pytest.approx(
        np.mean([(each.between_db or 0.0) / each.other_db for each in (low, high)])
    )
    assert f"to one recording {s.between_one_ratio_mean:.2f}" in brightening.as_text()
    alone = replace(brightening, sounds=tuple(replace(each, between_db=None) for each in brightening.sounds))
    assert alone.summary.between_median_db is None
    assert "between two" not in alone.as_text()


def test_text_and_json_have_all_figures(brighter: SoundReport) -> None:
    found = json.loads(json.dumps(brighter.as_dict()))
    assert found["summary"]["own_median_db"] == brighter.summary.own_median_db
    assert [each["key"] for each in found["sounds"]] == [55, 62, 69]
    text = brighter.as_text()
    for said in ("3 recordings", "flute_acoustic_000-055-100", f"{brighter.summary.own_median_db:.2f}", "100.0%"):
        assert said in text


def test_a_wrong_pitch_counts_as_wrong(same: SoundReport) -> None:
    off = replace(same.sounds[0], pitch=same.sounds[0].key + 0.21)
    assert not off.pitch_is_right
    assert replace(off, pitch=off.key - 0.19).pitch_is_right
    report = replace(same, sounds=(replace(off, own_db=30.0), *same.sounds[1:]))
    assert report.summary.right_pitch == pytest.approx(2 / 3)
    right = report.right_summary
    assert right == replace(same, sounds=same.sounds[1:]).summary
    assert "those alone" in report.as_text()
    assert "those alone" not in same.as_text()
    assert replace(same, sounds=(off,)).right_summary is None


def test_keys_that_are_too_near_are_refused(model: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="3 to 12 semitones apart"):
        sound_report(model, _write(tmp_path / "near", (60, 61), SLOPE), 3)
