"""Eigenvectors of covariance matrices, ordered and with reproducible signs, for principal component analyses."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def sorted_eigenvectors(covariance: Floats) -> tuple[Floats, Floats]:
    """Return the eigenvalues [n], largest first, and the orthonormal eigenvectors as rows [n, n].

    Args:
        covariance: float64 [n, n], symmetric.
    """
    values, vectors = np.linalg.eigh(covariance)
    return values[::-1], vectors.T[::-1]


def with_positive_largest(rows: Floats) -> Floats:
    """Turn each row so that its largest entry is positive: the sign of an eigenvector is arbitrary."""
    largest = np.take_along_axis(rows, np.abs(rows).argmax(axis=1)[:, None], axis=1)
    return np.asarray(rows * np.sign(largest))
