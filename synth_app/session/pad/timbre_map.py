"""The timbre map: positions of notes in two dimensions, and the weights of the notes around any point."""

import numpy as np
from numpy.typing import NDArray

from synth_app.support.eigenvectors import sorted_eigenvectors, with_positive_largest

Floats = NDArray[np.float64]
NEIGHBOURS = 4
_SAME_POSITION = 1e-9
_MARGIN = 0.04  # around the outermost notes, as a fraction of the map


def pca_positions(vectors: Floats) -> Floats:
    """Project latent vectors [n, latent] on their two strongest principal axes: float64 [n, 2] in 0-1."""
    centred = vectors - vectors.mean(axis=0)
    _, axes = sorted_eigenvectors(centred.T @ centred)
    flat = centred @ with_positive_largest(axes[:2]).T  # fixed signs keep the map from being mirrored
    if flat.shape[1] < 2:
        flat = np.concatenate([flat, np.zeros((len(flat), 2 - flat.shape[1]))], axis=1)
    return unit_square(flat)


def unit_square(points: Floats) -> Floats:
    """Scale points [n, 2] into 0-1 with a margin, each axis by itself."""
    low, high = points.min(axis=0), points.max(axis=0)
    span = np.where(high > low, high - low, 1.0)
    middle = np.where(high > low, 0.0, 0.5)
    out: Floats = _MARGIN + (1 - 2 * _MARGIN) * ((points - low) / span + middle)
    return out


def neighbour_weights(positions: Floats, at: tuple[float, float], count: int = NEIGHBOURS) -> list[tuple[int, float]]:
    """Return the weights of the nearest notes at a point.

    They are the modified Shepard weights ((R - d) / (R d))^2, where R is the distance of the first note left out
    (Franke & Nielson 1980). They are continuous everywhere, since a note enters and leaves with weight 0, and at a
    note's position only that note has a weight.

    Args:
        positions: float64 [n, 2], n >= 1.
        at: the point.
        count: how many notes get a weight.

    Returns:
        (index, weight) pairs, at most ``count``, summing to 1.
    """
    order, weights = _neighbours(positions, np.array([at]), count)
    return [(int(i), float(weight)) for i, weight in zip(order[0], weights[0], strict=True) if weight > 0.0]


def interpolate(positions: Floats, vectors: Floats, points: Floats) -> Floats:
    """Mix latent vectors [n, latent] with ``neighbour_weights`` at points [m, 2]: float64 [m, latent]."""
    order, weights = _neighbours(positions, points, NEIGHBOURS)
    return np.asarray(np.einsum("mk,mkd->md", weights, vectors[order]))


def _neighbours(positions: Floats, points: Floats, count: int) -> tuple[NDArray[np.intp], Floats]:
    """Return the indices of the nearest notes of each point, and their weights, both [m, at most count]."""
    distances = np.hypot(*(points[:, None, axis] - positions[None, :, axis] for axis in (0, 1)))
    ordered = np.argsort(distances, axis=1, kind="stable")
    order = ordered[:, :count]
    near = np.take_along_axis(distances, order, axis=1)
    more = ordered[:, count] if distances.shape[1] > count else None
    first_out = 2.0 * near[:, -1] if more is None else np.take_along_axis(distances, more[:, None], axis=1)[:, 0]
    radius = first_out[:, None]
    exact = near < _SAME_POSITION
    raw = (np.maximum(radius - near, 0.0) / np.maximum(radius * near, _SAME_POSITION**2)) ** 2
    raw = np.where(exact.any(axis=1, keepdims=True), exact.astype(np.float64), raw)
    raw = np.where(raw.sum(axis=1, keepdims=True) > 0.0, raw, 1.0)  # all at one distance: equal weights
    return order, np.asarray(raw / raw.sum(axis=1, keepdims=True))
