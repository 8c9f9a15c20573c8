"""Band levels and their movement, against signals whose levels and movements are known."""

import numpy as np
import pytest

from synth_app.spectrum import FrameSpec, db_frames
from synth_app.spectrum.spec import FULL_BAND_SPEC, PAPER_SPEC
from synth_app.texture import BANDS, band_filters, band_levels_db, movement

RATE = 1.0 / FULL_BAND_SPEC.hop_seconds


@pytest.mark.parametrize("spec", [FULL_BAND_SPEC, PAPER_SPEC])
def test_bands_share_all_power_between_their_outer_centres(spec: FrameSpec) -> None:
    filters = band_filters(spec)
    hz = np.arange(spec.bins) * spec.sample_rate / spec.n_fft
    inside = (hz >= 100.0) & (hz <= min(12_000.0, 0.45 * spec.sample_rate))
    np.testing.assert_allclose(filters.sum(axis=0)[inside], 1.0, atol=1e-12)
    assert filters.shape == (BANDS, spec.bins)
    assert filters[:, hz < 20.0].max() < 1e-12


def test_a_sine_raises_the_bands_around_it() -> None:
    sine = 0.5 * np.sin(2.0 * np.pi * 1000.0 * np.arange(48_000) / 48_000)
    levels = band_levels_db(db_frames(sine, FULL_BAND_SPEC), band_filters(FULL_BAND_SPEC))[20:70]
    erb_rate = 21.4 * np.log10(1.0 + 0.00437 * np.array([100.0, 1000.0, 12_000.0]))
    position = (erb_rate[1] - erb_rate[0]) / (erb_rate[2] - erb_rate[0]) * (BANDS - 1)
    assert int(levels.mean(axis=0).argmax()) == round(position)
    power_db = 10.0 * np.log10((10.0 ** (levels / 10.0)).sum(axis=1))
    hann_db = 10.0 * np.log10(1.5)  # its noise bandwidth: the lobe's power beside its peak
    np.testing.assert_allclose(power_db, 20.0 * np.log10(0.5) + hann_db, atol=0.05)


def test_movement_is_free_of_spectrum_and_slow_curve() -> None:
    t = np.arange(300) / RATE
    tremor = 3.0 * np.sin(2.0 * np.pi * 10.0 * t)
    levels = np.stack([-20.0 - 8.0 * t + tremor, -35.0 + 0.0 * t], axis=1)
    moving = movement(levels, RATE)
    np.testing.assert_allclose(moving.mean(axis=0), 0.0, atol=1e-9)
    np.testing.assert_allclose(moving[30:-30, 0], tremor[30:-30], atol=0.15)
    assert np.abs(moving[:, 1]).max() < 1e-9


def test_what_is_far_below_the_loudest_band_does_not_move() -> None:
    rng = np.random.default_rng(1)
    quiet = -120.0 + 5.0 * rng.standard_normal(200)
    moving = movement(np.stack([np.full(200, -20.0), quiet], axis=1), RATE)
    assert np.abs(moving[:, 1]).max() < 1e-9
