"""The fitted correction is what the recording has over the decoded frames."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from synth_app.decoder import Model
from synth_app.decoder.correction_fit import decoded_frames_db, fit_correction
from synth_app.session.sounds.encode_sound import OWN_KNOTS, OWN_SHAPES
from tests.engine.conftest import SPECS, exact_model

SPEC = SPECS[48_000]


def _recording(model: Model, extra_db: NDArray[np.float64]) -> NDArray[np.float64]:
    """Decoded frames of the moving note with ``extra_db`` added, at some other level."""
    return decoded_frames_db(model, model.bank[3], 60.0) + extra_db - 20.0


def test_a_constant_difference_is_the_mean() -> None:
    model = Model(exact_model(SPEC))
    extra = np.where(np.arange(SPEC.bins) < 200, 0.0, -7.0)
    frames = _recording(model, np.tile(extra, (len(model.bank[3].z), 1)))
    correction = fit_correction(model, model.bank[3], frames, 60.0)
    above_floor = decoded_frames_db(model, model.bank[3], 60.0).min(axis=0) > -92.0
    found = correction.levels_db(np.arange(0, 200, 20), 200)[:, above_floor]
    np.testing.assert_allclose(found, np.tile(extra[above_floor], (10, 1)), atol=0.5)


def test_a_difference_that_moves_is_followed() -> None:
    """One half of the spectrum swells by 12 dB over the note while another falls."""
    model, n = Model(exact_model(SPEC)), 200
    time, bins = np.linspace(0, 1, n)[:, None], np.arange(SPEC.bins)
    extra = -12.0 * time * (bins > 150) - 8.0 * (1 - time) * ((bins > 60) & (bins <= 150))
    correction = fit_correction(model, model.bank[3], _recording(model, extra), 60.0)
    error = correction.levels_db(np.arange(n), n) - extra
    loud = decoded_frames_db(model, model.bank[3], 60.0) > -60.0
    assert np.sqrt(np.mean(error[loud] ** 2)) < 0.6
    mean_alone = fit_correction(model, model.bank[3], _recording(model, extra), 60.0, shapes=0)
    assert np.sqrt(np.mean((mean_alone.levels_db(np.arange(n), n) - extra)[loud] ** 2)) > 1.5


def test_audible_bins_come_first() -> None:
    """With one shape, the difference of loud bins is kept and the larger one of bins below -80 dB is not."""
    model, n = Model(exact_model(SPEC)), 200
    frames = decoded_frames_db(model, model.bank[3], 60.0)
    soft = np.flatnonzero(frames.max(axis=0) < -80.0)
    assert len(soft) > 100
    loud = np.flatnonzero(frames.mean(axis=0) > -40.0)
    phase = np.linspace(0, 4 * np.pi, n)[:, None]
    extra = np.zeros_like(frames)
    extra[:, soft] = 10.0 * np.cos(phase)
    extra[:, loud[loud > 30]] = 4.0 * np.sin(phase)
    correction = fit_correction(model, model.bank[3], np.maximum(frames + extra, -100.0), 60.0, shapes=1)
    found = correction.levels_db(np.arange(n), n)
    kept = loud[loud > 30]
    assert np.sqrt(np.mean((found - extra)[:, kept] ** 2)) < 1.5


@pytest.mark.parametrize("frames", [4, 7])
def test_a_very_short_note_has_a_correction(frames: int) -> None:
    model = Model(exact_model(SPEC))
    note = model.bank[3]
    short = replace(note, z=note.z[:frames], gain_db=note.gain_db[:frames])
    wanted = decoded_frames_db(model, short, 60.0) + np.where(np.arange(SPEC.bins) > 100, -3.0, 0.0)
    levels = fit_correction(model, short, wanted, 60.0).levels_db(np.arange(frames), frames)
    assert np.isfinite(levels).all()
    partial = round(12 * 261.63 * SPEC.n_fft / SPEC.sample_rate)
    np.testing.assert_allclose(levels[:, partial], -3.0, atol=0.3)


def test_more_knots_follow_what_beats() -> None:
    """Two parts of the spectrum beat at 3 and 4 Hz, as the partials of an ensemble do: too fast for 24 knots."""
    model, n = Model(exact_model(SPEC)), 200
    seconds, bins = np.arange(n)[:, None] * SPEC.hop_length / SPEC.sample_rate, np.arange(SPEC.bins)
    extra = 5.0 * (np.sin(2 * np.pi * 3.0 * seconds) - 1.0) * (bins > 100)
    extra = extra + 5.0 * (np.sin(2 * np.pi * 4.0 * seconds) - 1.0) * ((bins > 20) & (bins <= 100))
    loud = decoded_frames_db(model, model.bank[3], 60.0) > -60.0
    errors = []
    for knots in (24, OWN_KNOTS):
        found = fit_correction(model, model.bank[3], _recording(model, extra), 60.0, OWN_SHAPES, knots=knots)
        assert (found.knots, len(found.scale_db) // 4) == (knots, OWN_SHAPES + 1)
        error = found.levels_db(np.arange(n), n) - extra
        errors.append(np.sqrt(np.mean(error[loud] ** 2)))
    assert errors[1] < 0.5 < 1.2 < errors[0]
