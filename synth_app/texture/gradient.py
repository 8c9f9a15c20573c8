"""The slope of the squared texture distance along band levels, in closed form."""

import numpy as np
from numpy.typing import NDArray

from synth_app.texture.statistics import (
    SCALES,
    STILL_DB,
    TextureStatistics,
    group_weights,
    movement_statistics,
    octave_parts,
)

Float64s = NDArray[np.float64]


def squared_distance_gradient(
    moving_db: Float64s, frames_per_second: float, style: TextureStatistics, weights: Float64s
) -> tuple[float, Float64s]:
    """Return the squared texture distance of a movement to a style, and its gradient along the movement.

    Args:
        moving_db: [frames, bands], dB, of ``bands.movement``.
        frames_per_second: rate in Hz.
        style: statistics of the style.
        weights: float64 [bands], as for ``texture_distance``.

    Returns:
        the squared distance, and its gradient float64 [frames, bands] per dB.
    """
    frames = len(moving_db)
    own = movement_statistics(moving_db, frames_per_second)
    errors = [
        2.0 * weight * (mine - wanted) / (scale**2 * len(SCALES))
        for mine, wanted, weight, scale in zip(
            own.groups(), style.groups(), group_weights(weights), SCALES, strict=True
        )
    ]
    value = sum(
        float(np.sum(weight * (mine - wanted) ** 2)) / (scale**2 * len(SCALES))
        for mine, wanted, weight, scale in zip(
            own.groups(), style.groups(), group_weights(weights), SCALES, strict=True
        )
    )
    steady = np.mean(moving_db**2, axis=0) + STILL_DB**2
    by_variance = _by_variance(own, errors, steady)
    root = np.sqrt(steady)
    gradient = 2.0 / frames * moving_db * by_variance
    gradient += 3.0 / frames * moving_db**2 * (errors[1] / steady**1.5)
    gradient += 2.0 / frames * moving_db @ (errors[2] / np.outer(root, root))
    parts = octave_parts(moving_db, frames_per_second)
    gradient += 2.0 / frames * np.einsum("mtb,bm->tb", parts, errors[3] / steady[:, None])
    return value, gradient


def _by_variance(own: TextureStatistics, errors: list[Float64s], steady: Float64s) -> Float64s:
    """Return the slope along each band's variance where it normalizes the statistics, float64 [bands]."""
    deviation, skewness, correlation, modulation = errors
    slope = deviation * 0.5 / np.sqrt(steady)
    slope -= 1.5 * skewness * own.skewness / steady
    slope -= np.sum(correlation * own.correlation, axis=1) / steady
    slope -= np.sum(modulation * own.modulation, axis=1) / steady
    return np.asarray(slope)
