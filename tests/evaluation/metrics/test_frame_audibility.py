"""Audible errors of frames with known faults, and the harmonic envelope on frames that it can and cannot describe."""

import numpy as np
import pytest

from synth_app.evaluation.metrics.frame_audibility import AudibleError, AudibleErrors
from synth_app.evaluation.metrics.harmonic_envelope import HarmonicEnvelope
from synth_app.spectrum import FrameSpec, from_unit, to_unit

SPEC = FrameSpec(48_000, 2048, 512, "hann")
PITCH, F0_BINS = 69, 440.0 * 2048 / 48_000


def _frames(levels_db: np.ndarray, rest_db: float = -80.0, count: int = 3) -> np.ndarray:
    """Frames with a peak of one bin at each harmonic of A4."""
    frame = np.full(SPEC.bins, rest_db)
    for h, level in enumerate(levels_db, start=1):
        frame[round(h * F0_BINS)] = level
    return np.repeat(frame[None], count, axis=0)


def _measured(true: np.ndarray, made: np.ndarray) -> AudibleErrors:
    error = AudibleError(SPEC)
    error.add_note(made, true, PITCH)
    return error.result()


def test_a_frame_that_is_2_db_too_quiet_has_2_db_everywhere() -> None:
    true = _frames(np.array([0.0, -10.0, -20.0, -30.0]), rest_db=-55.0)
    found = _measured(true, true - 2.0)
    assert found.loud_db == pytest.approx(2.0)
    assert found.partials_db == pytest.approx(2.0)
    assert found.partials_bias_db == pytest.approx(2.0)
    assert found.mel_db == pytest.approx(2.0, abs=0.3)  # some bands are at the limit of 60 dB


def test_what_is_far_below_the_maximum_does_not_count() -> None:
    true = _frames(np.array([0.0, -10.0]), rest_db=-95.0)
    made = np.where(true < -90.0, -85.0, true)
    found = _measured(true, made)
    assert (found.loud_db, found.partials_db) == (0.0, 0.0)
    assert found.mel_db < 0.01


def test_partials_count_down_to_50_db_and_their_errors_keep_their_sign() -> None:
    true = _frames(np.array([0.0, -20.0, -45.0, -55.0]))
    made = _frames(np.array([0.0, -26.0, -42.0, -75.0]))
    found = _measured(true, made)  # errors of the three audible partials: 0, 6, -3
    assert found.partials_db == pytest.approx(np.sqrt((36 + 9) / 3))
    assert found.partials_bias_db == pytest.approx((6 - 3) / 3)
    assert found.loud_db == pytest.approx(np.sqrt(36 / 2))  # of the two bins over -40 dB


def test_a_peak_one_bin_beside_its_place_is_still_that_partial() -> None:
    true = _frames(np.array([0.0, -10.0, -20.0]))
    assert _measured(true, np.roll(true, 1, axis=1)).partials_db == 0.0


def test_notes_are_pooled() -> None:
    true, error = _frames(np.array([0.0])), AudibleError(SPEC)
    error.add_note(true - 3.0, true, PITCH)
    error.add_note(np.repeat(true, 3, axis=0), np.repeat(true, 3, axis=0), PITCH)
    assert error.result().loud_db == pytest.approx(np.sqrt(9.0 / 4))


def test_no_partial_is_not_a_number() -> None:
    assert np.isnan(AudibleError(SPEC).result().partials_db)


def _lobes(levels_db: np.ndarray, rest_db: float) -> np.ndarray:
    """Frames of sines at the harmonics of A4 over an even ground, power added."""
    taper = np.hanning(2049)[:-1]
    n = np.arange(2048) - 1024
    power = np.full(SPEC.bins, 10 ** (rest_db / 10))
    for h, level in enumerate(levels_db, start=1):
        lobe = np.abs(np.fft.rfft(taper * np.exp(2j * np.pi * h * 440.0 / 48_000 * n).real)) * 2 / taper.sum()
        power += lobe**2 * 10 ** (level / 10)
    level_db = 10 * np.log10(power)
    return np.repeat((level_db - level_db.max())[None], 3, axis=0)


def _round_trip(true: np.ndarray) -> np.ndarray:
    unit = to_unit(true.astype(np.float32), SPEC.floor_db)
    return np.asarray(HarmonicEnvelope(SPEC)(unit, PITCH) - from_unit(unit, SPEC.floor_db))


def test_the_envelope_describes_a_smooth_tone_in_noise() -> None:
    hz = 440.0 * np.arange(1, 46)
    position = np.log10(1 + hz / 700) / np.log10(1 + 24_000 / 700)
    miss = _round_trip(_lobes(-20 + 20 * np.cos(np.pi * position), rest_db=-75.0))
    peaks = [round(h * F0_BINS) for h in range(1, 25)]
    assert np.abs(miss[:, peaks]).max() < 2.0
    assert np.sqrt(np.mean(miss**2)) < 3.0


def test_the_envelope_cannot_describe_odd_and_even_partials() -> None:
    levels = np.where(np.arange(1, 46) % 2, 0.0, -12.0)
    miss = _round_trip(_lobes(levels, rest_db=-75.0))
    peaks = [round(h * F0_BINS) for h in range(10, 30)]
    assert 4.0 < np.sqrt(np.mean(miss[:, peaks] ** 2)) < 8.0  # the smooth curve lies about 6 dB from both
