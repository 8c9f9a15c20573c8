"""Onsets against librosa, and loudness curves of known difference."""

import numpy as np
import pytest
from scipy.signal import find_peaks

from synth_app.spectrum import db_frames
from synth_app.spectrum.spec import FULL_BAND_SPEC
from synth_app.support.compiling.librosa_import import librosa
from synth_app.texture import (
    band_filters,
    band_levels_db,
    loudness_difference_db,
    momentary_loudness_db,
    onset_correlation,
    onset_envelope,
    synthesize_texture,
)

RATE = 1.0 / FULL_BAND_SPEC.hop_seconds


def _notes(starts_s: list[float], depth: float = 0.0) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return tones of 12 partials that begin at given moments, with a tremor of 24 Hz."""
    t = np.arange(3 * 48_000) / 48_000
    tone = np.sum([np.sin(2.0 * np.pi * 220.0 * k * t) / k for k in range(1, 13)], axis=0)
    gain = np.zeros(len(t))
    for start in starts_s:
        gain = np.where(t >= start, np.exp(-6.0 * np.maximum(t - start, 0.0)), gain)
    return np.asarray(0.1 * tone * gain * (1.0 + depth * np.sin(2.0 * np.pi * 24.0 * t)))


def _levels(sound: np.ndarray[tuple[int], np.dtype[np.float64]]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return band_levels_db(db_frames(sound, FULL_BAND_SPEC), band_filters(FULL_BAND_SPEC))


def test_onsets_rise_where_those_of_librosa_rise() -> None:
    starts = [0.3, 0.9, 1.7, 2.2]
    sound = _notes(starts)
    ours = onset_envelope(_levels(sound), RATE)
    theirs = librosa.onset.onset_strength(y=sound.astype(np.float32), sr=48_000, hop_length=512, n_fft=4096)
    peaks, _ = find_peaks(ours, prominence=2.0, distance=10)
    np.testing.assert_allclose(peaks / RATE, starts, atol=0.05)  # the window of 90 ms begins before the onset
    later = [np.corrcoef(ours[: len(ours) - lag], theirs[lag : len(ours)])[0, 1] for lag in range(8)]
    assert max(later) > 0.8  # librosa dates an onset at the end of the rise


def test_other_onsets_do_not_correlate_but_a_tremor_does() -> None:
    content = _levels(_notes([0.3, 0.9, 1.7]))
    assert onset_correlation(content, content, RATE) == pytest.approx(1.0)
    assert onset_correlation(content, _levels(_notes([0.3, 0.9, 1.7], 0.3)), RATE) > 0.95
    assert onset_correlation(content, _levels(_notes([0.5, 1.2, 2.0])), RATE) < 0.3
    rain = synthesize_texture("rain", 3.0, 48_000, 1).astype(np.float64)
    assert onset_correlation(content, _levels(rain), RATE) < 0.5
    assert onset_correlation(content, np.full(content.shape, -200.0), RATE) == 0.0


def test_the_loudness_curve_is_a_mean_of_power_over_0_4_s() -> None:
    power = np.zeros(200)
    power[100] = 1.0
    curve = momentary_loudness_db(power, RATE)
    inside = curve > -100.0
    assert inside.sum() == pytest.approx(0.4 * RATE, abs=2.0)  # an odd number of frames
    np.testing.assert_allclose(curve[inside], -10.0 * np.log10(inside.sum()), atol=1e-6)


def test_a_gain_of_3_db_is_a_difference_of_3_db_and_silence_does_not_count() -> None:
    rng = np.random.default_rng(1)
    power = rng.uniform(0.5, 1.5, 300)
    power[200:] = 1e-12
    other = power * 10.0**0.3
    other[260:] = 1e-9
    assert loudness_difference_db(power, power, RATE) == 0.0
    assert loudness_difference_db(power, other, RATE) == pytest.approx(3.0, abs=1e-6)
