"""Drawn levels: the found sound follows them where the model can, and changes little elsewhere."""

import time

import numpy as np
import pytest

from synth_app.decoder import Model, load_model
from synth_app.handles import HandleSound, SoundReader
from synth_app.handles.drawing import nearest_sound
from synth_app.modelfile import find_model, note_center
from synth_app.modelfile.slider_ranges import latent_ranges


@pytest.fixture(scope="module", params=["pca-16k", "pitched-vae-48k"])
def model(request: pytest.FixtureRequest) -> Model:
    return load_model(find_model(request.param))


def _sounds(model: Model) -> list[HandleSound]:
    notes = model.bank[5 :: len(model.bank) // 8]
    return [HandleSound(note_center(note)[0].astype(np.float64), float(note.pitch)) for note in notes]


def _frames(reader: SoundReader, sound: HandleSound, offset: np.ndarray) -> np.ndarray:
    frames = reader.frames(np.stack([sound.z, sound.z + offset]), sound).astype(np.float64)
    return frames - frames.max(axis=1, keepdims=True)


@pytest.mark.parametrize(("low_hz", "high_hz", "db"), [(1500, 4000, 9.0), (1500, 4000, -9.0), (100, 400, -6.0)])
def test_the_sound_follows_what_is_drawn(model: Model, low_hz: float, high_hz: float, db: float) -> None:
    reader = SoundReader(model)
    hz = np.arange(model.spec.bins) * model.spec.sample_rate / model.spec.n_fft
    drawn = (hz > low_hz) & (hz < high_hz)
    reached, elsewhere = [], []
    for sound in _sounds(model):
        found = nearest_sound(reader, sound, np.full(len(hz), db), drawn)
        before, after = _frames(reader, sound, found.offset)
        change = after - before + found.gain_db
        np.testing.assert_allclose(found.missed_db[drawn], db - change[drawn], atol=0.05)
        assert not found.missed_db[~drawn].any()
        audible = np.maximum(before, after) > -55.0
        if (audible & drawn).any():
            reached.append(change[audible & drawn].mean())
            elsewhere.append(np.sqrt(np.square(change[audible & ~drawn]).mean()))
    assert np.median(reached) == pytest.approx(db, abs=0.25 * abs(db))
    assert np.median(elsewhere) < 0.5 * abs(db)


def test_a_drawing_stays_within_limits_and_tells_what_that_leaves_out(model: Model) -> None:
    reader, limits = SoundReader(model), latent_ranges(model.stats, model.bank)
    hz = np.arange(model.spec.bins) * model.spec.sample_rate / model.spec.n_fft
    drawn, stopped = (hz > 1500) & (hz < 4000), 0
    for sound in _sounds(model):
        found = nearest_sound(reader, sound, np.full(len(hz), 30.0), drawn, limits)
        z = sound.z + found.offset
        assert (z >= limits[:, 0] - 1e-9).all()
        assert (z <= limits[:, 1] + 1e-9).all()
        stopped += int((np.abs(z[:, None] - limits) < 1e-9).any())
        before, after = _frames(reader, sound, found.offset)
        np.testing.assert_allclose(found.missed_db[drawn], 30.0 - (after - before + found.gain_db)[drawn], atol=0.05)
    assert stopped > 2, stopped


def test_nothing_is_changed_by_drawing_what_is_there(model: Model) -> None:
    reader, sound = SoundReader(model), _sounds(model)[0]
    drawn = np.arange(model.spec.bins) < 60
    found = nearest_sound(reader, sound, np.zeros(model.spec.bins), drawn)
    assert np.abs(found.offset).max() < 1e-6
    assert abs(found.gain_db) < 1e-6


def test_what_no_sound_has_is_told_as_missed(model: Model) -> None:
    """A zigzag of 30 dB from bin to bin is no sound."""
    reader, sound = SoundReader(model), _sounds(model)[2]
    zigzag = np.where(np.arange(model.spec.bins) % 2, 30.0, -30.0)
    found = nearest_sound(reader, sound, zigzag, np.arange(model.spec.bins) < 100)
    assert np.median(np.abs(found.missed_db[:100])) > 10.0
    assert np.isfinite(found.offset).all()


def test_a_stroke_takes_a_fraction_of_its_budget(model: Model) -> None:
    reader, sound = SoundReader(model), _sounds(model)[1]
    drawn = np.arange(model.spec.bins) < 60
    runs = []
    for _ in range(3):
        started = time.thread_time()
        nearest_sound(reader, sound, np.full(model.spec.bins, 5.0), drawn)
        runs.append(time.thread_time() - started)
    assert min(runs) < 0.03
