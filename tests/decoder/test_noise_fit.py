"""The share of noise: known mixtures of tones and noise are told apart."""

import numpy as np
import pytest
from numpy.typing import NDArray

from synth_app.decoder.noise_fit import fit_noise
from synth_app.modelfile.noise_share import BANDS, KNOTS, pack_noise, unpack_noise

RATE, SECONDS = 48_000, 3.0


def _tone(f0_hz: float, partials: int, stretch: float = 0.0) -> NDArray[np.float64]:
    time = np.arange(round(RATE * SECONDS)) / RATE
    numbers = np.arange(1, partials + 1)
    hz = numbers * f0_hz * np.sqrt(1.0 + stretch * numbers**2)
    return np.asarray(np.sin(2 * np.pi * time[:, None] * hz + numbers).sum(axis=1))


def _hz(pitch: float) -> float:
    return float(440.0 * 2.0 ** ((pitch - 69.0) / 12.0))


def _shares(audio: NDArray[np.float64], pitch: float) -> NDArray[np.float32]:
    return unpack_noise(fit_noise(audio, RATE, pitch, 0.0, SECONDS))


@pytest.mark.parametrize("pitch", [28.0, 36.0, 60.0, 84.0])
def test_a_tone_has_no_noise_down_to_the_lowest_keys(pitch: float) -> None:
    assert _shares(_tone(_hz(pitch), 8), pitch)[:, :5].max() < -50.0


@pytest.mark.parametrize("rate", [4_000, 11_025, 16_000])
def test_recordings_of_low_rates_are_read_at_every_key(rate: int) -> None:
    noise = np.random.default_rng(0).normal(size=rate)
    for pitch in range(0, 128, 3):  # the highest band may hold only a few bins
        shares = unpack_noise(fit_noise(noise, rate, float(pitch), 0.0, 1.0))
        assert np.isfinite(shares).all(), pitch


@pytest.mark.parametrize("cents", [-40.0, 30.0])
def test_a_mistuned_tone_has_no_noise(cents: float) -> None:
    assert _shares(_tone(_hz(60.0 + cents / 100.0), 8), 60.0)[:, :5].max() < -50.0


@pytest.mark.parametrize("share_db", [-30.0, -20.0, -10.0])
def test_the_share_is_the_power_of_the_noise_over_all_power(share_db: float) -> None:
    """White noise with the power of one distance of partials in that proportion to a partial's."""
    noise = np.random.default_rng(0).standard_normal(round(RATE * SECONDS))
    per_spacing = _hz(60.0) / (RATE / 2)  # of the noise's power
    ratio = 10.0 ** (share_db / 10.0)
    level = np.sqrt(0.5 * ratio / (1.0 - ratio) / per_spacing)
    found = _shares(_tone(_hz(60.0), 40) + level * noise, 60.0)
    np.testing.assert_allclose(found[:, :12], share_db, atol=2.0)


def test_noise_is_all_noise_and_silence_too() -> None:
    noise = np.random.default_rng(1).standard_normal(round(RATE * SECONDS))
    assert _shares(noise, 60.0).min() > -2.0
    assert _shares(np.zeros(1000), 60.0).min() == 0.0


def test_partials_off_the_harmonics_are_tones() -> None:
    """A stretched comb, as of a piano, and a bar's partial between two harmonics."""
    assert _shares(_tone(_hz(60.0), 12, stretch=0.001), 60.0)[:, :8].max() < -35.0
    time = np.arange(round(RATE * SECONDS)) / RATE
    bar = _tone(_hz(60.0), 4) + np.sin(2 * np.pi * 2.76 * _hz(60.0) * time)
    assert _shares(bar, 60.0)[:, :3].max() < -35.0


def test_a_share_that_moves_is_followed() -> None:
    """Noise that fades in over the note."""
    noise = np.random.default_rng(2).standard_normal(round(RATE * SECONDS))
    found = _shares(_tone(_hz(60.0), 40) + 3.0 * np.linspace(0.0, 1.0, len(noise)) ** 2 * noise, 60.0)
    assert found[1, 5] < found[3, 5] - 8.0 < found[5, 5] - 12.0


def test_shares_are_kept_within_half_a_step() -> None:
    shares = np.random.default_rng(3).uniform(-60.0, 0.0, (KNOTS, BANDS))
    np.testing.assert_allclose(unpack_noise(pack_noise(shares)), shares, atol=0.26)
