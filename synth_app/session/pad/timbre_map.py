"""The map of a model's notes: where each lies in two dimensions, and which notes make up any place between them."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
NEIGHBOURS = 4
_SAME_PLACE = 1e-9
_MARGIN = 0.04  # of the map, around the outermost notes


def pca_places(codes: Floats) -> Floats:
    """Places of codes [n, latent] along their two strongest principal axes, in 0-1: float64 [n, 2]."""
    centred = codes - codes.mean(axis=0)
    _, vectors = np.linalg.eigh(centred.T @ centred)
    axes = vectors[:, ::-1][:, :2]
    # eigenvectors have no sign: the largest entry is made positive, so that a map never comes out mirrored
    axes *= np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
    flat = centred @ axes
    if flat.shape[1] < 2:
        flat = np.concatenate([flat, np.zeros((len(flat), 2 - flat.shape[1]))], axis=1)
    return unit_square(flat)


def unit_square(points: Floats) -> Floats:
    """Points [n, 2] moved and stretched into 0-1, with a margin; each axis by itself."""
    low, high = points.min(axis=0), points.max(axis=0)
    span = np.where(high > low, high - low, 1.0)
    middle = np.where(high > low, 0.0, 0.5)
    out: Floats = _MARGIN + (1 - 2 * _MARGIN) * ((points - low) / span + middle)
    return out


def neighbour_weights(places: Floats, at: tuple[float, float], count: int = NEIGHBOURS) -> list[tuple[int, float]]:
    """Shares of the nearest notes at a place.

    Modified Shepard weights ((R - d) / (R d))^2 with R the distance of the first note left out (Franke & Nielson
    1980): continuous everywhere, since a note enters and leaves with weight 0, and exact at the notes.

    Args:
        places: float64 [n, 2], n >= 1.
        at: the place.
        count: notes that take part.

    Returns:
        (index, weight) pairs, at most ``count``, summing to 1.
    """
    order, shares = _neighbours(places, np.array([at]), count)
    return [(int(i), float(share)) for i, share in zip(order[0], shares[0], strict=True) if share > 0.0]


def mixes(places: Floats, codes: Floats, points: Floats) -> Floats:
    """What lies at many points [m, 2]: codes [n, latent] mixed with ``neighbour_weights``, float64 [m, latent]."""
    order, shares = _neighbours(places, points, NEIGHBOURS)
    return np.asarray(np.einsum("mk,mkd->md", shares, codes[order]))


def _neighbours(places: Floats, points: Floats, count: int) -> tuple[NDArray[np.intp], Floats]:
    """Indices of the nearest notes of each point, and their shares, both [m, at most count]."""
    distances = np.hypot(*(points[:, None, axis] - places[None, :, axis] for axis in (0, 1)))
    ordered = np.argsort(distances, axis=1, kind="stable")
    order = ordered[:, :count]
    near = np.take_along_axis(distances, order, axis=1)
    more = ordered[:, count] if distances.shape[1] > count else None
    first_out = 2.0 * near[:, -1] if more is None else np.take_along_axis(distances, more[:, None], axis=1)[:, 0]
    radius = first_out[:, None]
    exact = near < _SAME_PLACE
    raw = (np.maximum(radius - near, 0.0) / np.maximum(radius * near, _SAME_PLACE**2)) ** 2
    raw = np.where(exact.any(axis=1, keepdims=True), exact.astype(np.float64), raw)
    raw = np.where(raw.sum(axis=1, keepdims=True) > 0.0, raw, 1.0)  # all at one distance: equal shares
    return order, np.asarray(raw / raw.sum(axis=1, keepdims=True))
