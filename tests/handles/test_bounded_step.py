"""Steps within limits, beside scipy's exact solver."""

import numpy as np
from scipy.optimize import lsq_linear

from synth_app.handles.bounded_step import bounded_step, room


def test_a_step_is_about_the_least_within_its_limits() -> None:
    """Much nearer to the best than the best without limits that is clipped afterwards."""
    excess = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        matrix, wanted = rng.normal(size=(24, 16)), 3.0 * rng.normal(size=24)
        low, high = -rng.uniform(0.0, 0.5, 16), rng.uniform(0.0, 0.5, 16)
        low[:4], high[:4] = -np.inf, np.inf
        step = bounded_step(matrix.T @ matrix, matrix.T @ wanted, low, high)
        assert (low <= step).all()
        assert (step <= high).all()
        clipped = np.clip(np.linalg.lstsq(matrix, wanted)[0], low, high)
        found, least, most = (
            float(np.square(matrix @ each - wanted).sum())
            for each in (step, lsq_linear(matrix, wanted, (low, high)).x, clipped)
        )
        excess.append((found - least) / (most - least))
    assert np.median(excess) < 0.2
    assert max(excess) < 0.8


def test_without_limits_it_is_the_least_squares_solution() -> None:
    rng = np.random.default_rng(3)
    matrix, wanted, far = rng.normal(size=(24, 16)), rng.normal(size=24), np.full(16, np.inf)
    step = bounded_step(matrix.T @ matrix, matrix.T @ wanted, -far, far)
    np.testing.assert_allclose(step, np.linalg.lstsq(matrix, wanted)[0], rtol=1e-9)


def test_a_dimension_beyond_its_limits_goes_no_further() -> None:
    low, high = room(np.array([[-1.0, 1.0], [-1.0, 1.0]]), np.array([0.5, 3.0]), np.array([0.5, 1.0]))
    np.testing.assert_array_equal(low, [-3.0, -4.0])
    np.testing.assert_array_equal(high, [1.0, 0.0])
