"""A step of least squares within limits."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_STOPS = 4  # times that unknowns are stopped at their ends


def bounded_step(curvature: Floats, slope: Floats, low: Floats, high: Floats) -> Floats:
    """Return about the minimum of ``s' C s / 2 - g' s`` within limits.

    Unknowns that would leave stop at their ends, and the others make up for it. None comes back: the true minimum
    (``scipy.optimize.lsq_linear``) has longer steps, which lead a search further from its straight line.

    Args:
        curvature: C, float64 [n, n], positive definite.
        slope: g, float64 [n].
        low, high: float64 [n], limits; low <= 0 <= high.
    """
    step, free = np.zeros(len(slope)), np.ones(len(slope), bool)
    for _ in range(_STOPS):
        left = slope[free] - curvature[np.ix_(free, ~free)] @ step[~free]
        step[free] = np.linalg.solve(curvature[np.ix_(free, free)], left)
        inside = np.clip(step, low, high)
        leaving = inside != step
        step = inside
        if not leaving.any():
            break
        free &= ~leaving
    return step


def room(limits: Floats | None, z: Floats, z_scale: Floats) -> tuple[Floats, Floats]:
    """Return how far each latent dimension may go down and up from a vector, in standard deviations.

    Args:
        limits: float64 [latent, 2]; None for none.
        z: float64 [latent]. It may lie beyond the limits, and then goes no further.
        z_scale: float64 [latent], standard deviations.
    """
    if limits is None:
        return np.full(len(z), -np.inf), np.full(len(z), np.inf)
    low, high = (limits.T - z) / z_scale
    return np.minimum(low, 0.0), np.maximum(high, 0.0)
