"""Exact principal component analysis of more frames than fit in memory, from their covariance."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth_app.support.eigenvectors import sorted_eigenvectors, with_positive_largest
from synth_app.support.errors import UserError

Array = NDArray[np.float32]
_MIN_VARIANCE = 1e-12  # of an axis, in scaled units squared: 5e-5 dB RMS at a -100 dB floor


@dataclass(frozen=True)
class PrincipalAxes:
    """Mean and principal axes of frames.

    Attributes:
        mean: float32 [bins].
        axes: float32 [bins, bins], orthonormal rows, largest variance first, the largest entry of each positive.
        std: float32 [bins], standard deviation along each axis.
        frames: number of frames analysed.
    """

    mean: Array
    axes: Array
    std: Array
    frames: int

    def whitening(self, size: int) -> tuple[Array, Array]:
        """Return weight [size, bins] and bias [size] from frames to latent vectors of zero mean and unit variance."""
        weight = np.ascontiguousarray(self.axes[:size] / self.std[:size, None])
        return weight, -(weight.astype(np.float64) @ self.mean).astype(np.float32)

    def unwhitening(self, size: int) -> tuple[Array, Array]:
        """Return weight [bins, size] and bias [bins] from such latent vectors to the nearest frames."""
        return np.ascontiguousarray((self.axes[:size] * self.std[:size, None]).T), self.mean


def principal_axes(batches: Iterable[Array]) -> PrincipalAxes:
    """Compute the principal axes of frames in batches [n, bins].

    Sums are in float64, products within one batch in float32.

    Raises:
        UserError: there are no frames.
    """
    total: NDArray[np.float64] | None = None
    products: NDArray[np.float64] | None = None
    shift: Array | None = None
    frames = 0
    for batch in batches:
        if total is None or products is None or shift is None:
            shift = batch.mean(axis=0)  # near the mean, so that the float32 products stay accurate
            total, products = np.zeros(batch.shape[1]), np.zeros((batch.shape[1],) * 2)
        centred = batch - shift
        total += centred.sum(axis=0, dtype=np.float64)
        products += centred.T @ centred
        frames += len(batch)
    if total is None or products is None or shift is None:
        raise UserError("no active frames to analyse; check the data set")
    offset = total / frames
    variances, axes = sorted_eigenvectors(products / frames - np.outer(offset, offset))
    return PrincipalAxes(
        mean=(shift + offset).astype(np.float32),
        axes=np.ascontiguousarray(with_positive_largest(axes), np.float32),
        std=np.sqrt(np.maximum(variances, _MIN_VARIANCE)).astype(np.float32),
        frames=frames,
    )
