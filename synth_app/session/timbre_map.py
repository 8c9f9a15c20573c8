"""The map of a model's notes: where each lies in two dimensions, and which notes make up any place between them."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
NEIGHBOURS = 4
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
    distances = np.hypot(places[:, 0] - at[0], places[:, 1] - at[1])
    order = np.argsort(distances, kind="stable")
    near = order[:count]
    exact = [int(i) for i in near if distances[i] < 1e-9]
    if exact:
        return [(i, 1.0 / len(exact)) for i in exact]
    radius = distances[order[count]] if len(order) > count else 2.0 * distances[near[-1]]
    raw = (np.maximum(radius - distances[near], 0.0) / (radius * distances[near])) ** 2
    if raw.sum() <= 0.0:  # all at one distance: equal shares
        raw = np.ones(len(near))
    shares = raw / raw.sum()
    return [(int(i), float(share)) for i, share in zip(near, shares, strict=True) if share > 0.0]
