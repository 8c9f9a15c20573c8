"""The reverb: decay, density, spectrum and stereo width."""

import math

import numpy as np
import pytest
import scipy.linalg
import scipy.signal

from synth_app.effects.reverb import hadamard
from tests.effects.helpers import RATE, impulse, noise, through
from tests.effects.measures import decay_s, echo_density, octave_flatness

WET = {"reverb_on": 1.0, "reverb_mix": 1.0, "reverb_predelay_s": 0.0}


@pytest.mark.parametrize(("seconds", "size", "damp"), [
    (0.4, 0.2, 0.0), (1.0, 0.6, 0.4), (2.0, 1.0, 1.0), (2.0, 0.0, 0.5), (6.0, 0.6, 0.0), (12.0, 0.8, 0.7),
])  # fmt: skip
def test_decay_equals_the_parameter(seconds: float, size: float, damp: float) -> None:
    answer = through(
        impulse(0.8 * seconds + 0.5), **WET, reverb_decay_s=seconds, reverb_size=size, reverb_damp=damp
    ).astype(np.float64)
    for channel in (0, 1):
        assert decay_s(answer[:, channel], 1000.0) == pytest.approx(seconds, rel=0.1)


def test_damping_shortens_only_high_frequencies() -> None:
    def of(damp: float, hz: float) -> float:
        answer = through(impulse(2.5), **WET, reverb_decay_s=2.0, reverb_damp=damp)
        return decay_s(answer[:, 0].astype(np.float64), hz)

    assert of(0.0, 8000.0) == pytest.approx(2.0, rel=0.15)
    assert 0.15 < of(1.0, 8000.0) / 2.0 < 0.35
    assert of(1.0, 4000.0) < of(0.5, 4000.0) < of(0.0, 4000.0)
    assert of(1.0, 250.0) == pytest.approx(2.0, rel=0.4)


def test_echoes_become_dense_quickly() -> None:
    answer = through(impulse(1.0), **WET, reverb_damp=0.0)[:, 0].astype(np.float64)
    assert echo_density(answer, 0.15) > 0.8
    assert np.mean([echo_density(answer, at) for at in np.arange(0.25, 0.9, 0.05)]) > 0.95


@pytest.mark.parametrize(("seconds", "size"), [(1.0, 0.2), (2.0, 0.6), (4.0, 0.6), (10.0, 1.0)])
def test_the_tail_has_no_ringing_modes(seconds: float, size: float) -> None:
    """After the decay is removed, the late tail is as flat as noise: exp(-Euler's gamma) = 0.561 for a periodogram."""
    wet = through(impulse(seconds), **WET, reverb_decay_s=seconds, reverb_size=size, reverb_damp=0.0)
    flatness = octave_flatness(wet[:, 0], seconds)
    assert min(flatness) > 0.28, flatness
    assert np.mean(flatness) > 0.45, flatness


def test_level_rises_with_the_decay_by_a_few_db() -> None:
    band = scipy.signal.butter(2, (300, 4000), "band", fs=RATE, output="sos")
    dull = scipy.signal.sosfilt(band, noise(4.0), axis=0).astype(np.float32)

    def gain_db(seconds: float, size: float) -> float:
        heard = through(dull, **WET, reverb_decay_s=seconds, reverb_size=size, reverb_damp=0.0)[2 * RATE :]
        return 20 * math.log10(heard.std() / dull.std())

    for size in (0.0, 0.6, 1.0):
        assert gain_db(2.0, size) == pytest.approx(0.0, abs=1.5)
    assert 1.5 < gain_db(8.0, 0.6) - gain_db(2.0, 0.6) < 4.5


def test_sides_are_independent_and_mono_loses_only_3_db() -> None:
    """For a voice in the middle the sides are independent, so their mean is 3 dB lower in every octave."""
    wave = noise(6.0)
    heard = through(np.repeat(wave[:, :1], 2, axis=1), **WET)[RATE:].astype(np.float64)
    assert abs(float(np.corrcoef(heard.T).flat[1])) < 0.1
    for hz in (125.0, 500.0, 2000.0, 8000.0):
        band = scipy.signal.butter(2, (hz / 1.4, hz * 1.4), "band", fs=RATE, output="sos")
        left, right = (scipy.signal.sosfilt(band, heard[:, channel]) for channel in (0, 1))
        mono_db = 20 * math.log10(((left + right) / 2).std() / math.sqrt((left.var() + right.var()) / 2))
        assert mono_db == pytest.approx(-3.0, abs=1.5), hz
        assert 20 * math.log10(left.std() / right.std()) == pytest.approx(0.0, abs=1.5), hz


def test_predelay_is_the_time_before_the_reverb() -> None:
    for predelay_s in (0.0, 0.1, 0.25):
        heard = through(impulse(0.6), **{**WET, "reverb_predelay_s": predelay_s}, reverb_size=0.0)
        first = int(np.flatnonzero(np.abs(heard).max(axis=1) > 1e-4)[0])
        assert first == pytest.approx(predelay_s * RATE + 0.4 * 1399, abs=20)


def test_the_mixing_matrix_is_lossless() -> None:
    rng = np.random.default_rng(0)
    given = rng.standard_normal(16)
    mixed = given.copy()
    hadamard.py_func(mixed)  # as Python: compiled it can be called from other kernels only
    assert np.sort(np.abs(mixed)) == pytest.approx(np.sort(np.abs(scipy.linalg.hadamard(16) @ given / 4)), abs=1e-12)
    assert (mixed**2).sum() == pytest.approx((given**2).sum())
