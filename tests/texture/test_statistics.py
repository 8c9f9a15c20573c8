"""Statistics of movements that are known, and the properties of the distance."""

import numpy as np
import pytest
import scipy.stats

from synth_app.support.errors import UserError
from synth_app.texture import (
    TextureStatistics,
    audible_bands,
    share_removed,
    squared_distance_gradient,
    texture_distance,
    texture_statistics,
)
from synth_app.texture.bands import movement_matrix
from synth_app.texture.statistics import STILL_DB, movement_statistics

RATE = 93.75
ALL = np.ones(3)


def _moves(seed: int, frames: int = 400, bands: int = 3) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Skewed movements that share a part."""
    rng = np.random.default_rng(seed)
    x = rng.gamma(2.0, 2.0, (frames, bands)) + 2.0 * rng.standard_normal((frames, 1))
    return np.asarray(x - x.mean(axis=0))


def test_deviation_skewness_and_correlation_are_those_of_scipy_and_numpy() -> None:
    x = 20.0 * _moves(1)  # so large that the limit of a still band does not count
    found = movement_statistics(x, RATE)
    np.testing.assert_allclose(found.deviation_db, x.std(axis=0) - STILL_DB, rtol=1e-3)
    np.testing.assert_allclose(found.skewness, scipy.stats.skew(x, axis=0), rtol=1e-3)
    wanted = np.asarray(np.corrcoef(x.T))
    np.fill_diagonal(wanted, 0.0)
    np.testing.assert_allclose(found.correlation, wanted, atol=1e-3)


@pytest.mark.parametrize(("hz", "octave"), [(3.0, 0), (6.0, 1), (12.0, 2), (24.0, 3)])
def test_modulation_lies_in_the_octave_of_its_rate(hz: float, octave: int) -> None:
    wave = 20.0 * np.sin(2.0 * np.pi * hz * np.arange(750) / RATE)
    found = movement_statistics(np.stack([wave, wave, wave], axis=1), RATE)
    np.testing.assert_allclose(found.modulation, np.tile(np.eye(4)[octave], (3, 1)), atol=0.01)


def test_a_still_sound_has_statistics_of_zero() -> None:
    found = texture_statistics(np.full((100, 3), -20.0), RATE)
    assert all(np.abs(group).max() < 1e-12 for group in found.groups())


def test_a_distance_counts_audible_bands_alone() -> None:
    first, second = movement_statistics(_moves(1), RATE), movement_statistics(_moves(2), RATE)
    changed = _moves(1)
    changed[:, 2] *= 5.0
    third = movement_statistics(changed, RATE)
    weights = np.array([1.0, 1.0, 0.0])
    assert texture_distance(first, first, ALL) == 0.0
    assert texture_distance(first, second, ALL) == pytest.approx(texture_distance(second, first, ALL))
    assert texture_distance(first, third, weights) == 0.0
    assert texture_distance(first, third, ALL) > 0.5


def test_a_distance_of_one_scale_in_one_group_is_a_half() -> None:
    zero = TextureStatistics(np.zeros(3), np.zeros(3), np.zeros((3, 3)), np.zeros((3, 4)))
    louder = TextureStatistics(np.full(3, 3.0), np.zeros(3), np.zeros((3, 3)), np.zeros((3, 4)))
    assert texture_distance(zero, louder, ALL) == pytest.approx(0.5)  # the root of one mean square in four


def test_share_removed_is_zero_for_the_content_and_one_for_the_style() -> None:
    content, style = movement_statistics(0.1 * _moves(1), RATE), movement_statistics(_moves(2), RATE)
    assert share_removed(content, style, content, ALL) == 0.0
    assert share_removed(content, style, style, ALL) == 1.0
    halfway = movement_statistics(0.55 * _moves(2), RATE)
    assert 0.2 < share_removed(content, style, halfway, ALL) < 0.95
    worse = movement_statistics(4.0 * _moves(2), RATE)
    assert share_removed(content, style, worse, ALL) < 0.0


def test_audible_bands_lie_within_40_db_of_the_loudest() -> None:
    levels = np.tile([-10.0, -49.0, -51.0], (30, 1))
    np.testing.assert_array_equal(audible_bands(levels), [1.0, 1.0, 0.0])


def test_what_cannot_be_measured_is_refused() -> None:
    still = movement_statistics(np.zeros((50, 3)), RATE)
    with pytest.raises(UserError, match="too short"):
        texture_statistics(np.zeros((5, 3)), RATE)
    with pytest.raises(UserError, match="no audible bands in common"):
        texture_distance(still, still, np.array([1.0, 0.0, 0.0]))
    with pytest.raises(UserError, match="same texture"):
        share_removed(still, still, still, ALL)


def test_the_gradient_is_the_slope_of_the_distance() -> None:
    style, weights = movement_statistics(_moves(5), RATE), np.array([1.0, 0.5, 1.0])
    levels = _moves(6, 120)
    matrix = movement_matrix(120, RATE)

    def squared(x: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> float:
        return texture_distance(movement_statistics(matrix @ x, RATE), style, weights) ** 2

    value, by_movement = squared_distance_gradient(matrix @ levels, RATE, style, weights)
    gradient = matrix.T @ by_movement
    assert value == pytest.approx(squared(levels))
    rng = np.random.default_rng(7)
    for _ in range(5):
        direction = rng.standard_normal(levels.shape)
        step = 1e-5
        slope = (squared(levels + step * direction) - squared(levels - step * direction)) / (2.0 * step)
        assert float(np.sum(gradient * direction)) == pytest.approx(slope, rel=1e-5, abs=1e-7)
