"""Content of a model file: card, tensors, latent statistics, note bank and positions on the map."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth_app.modelfile.bank import BankNote
from synth_app.modelfile.card import ModelCard
from synth_app.support.eigenvectors import sorted_eigenvectors

PERCENTS = (1, 5, 25, 50, 75, 95, 99)
Tensors = dict[str, NDArray[np.float32]]


@dataclass(frozen=True)
class LatentStats:
    """Statistics of the training notes' latent vectors.

    Attributes:
        mean, std: float32 [latent].
        percentiles: float32 [7, latent] at 1, 5, 25, 50, 75, 95, 99 %.
        axes: float32 [latent, latent], principal axes as rows, largest variance first.
        axis_std: float32 [latent], standard deviation along each principal axis.
    """

    mean: NDArray[np.float32]
    std: NDArray[np.float32]
    percentiles: NDArray[np.float32]
    axes: NDArray[np.float32]
    axis_std: NDArray[np.float32]

    @classmethod
    def of(cls, z: NDArray[np.float32]) -> "LatentStats":
        """Compute the statistics of latent vectors [n, latent], n > latent."""
        centred = z.astype(np.float64) - z.mean(axis=0, dtype=np.float64)
        variances, axes = sorted_eigenvectors(centred.T @ centred / len(z))
        return cls(
            mean=z.mean(axis=0, dtype=np.float64).astype(np.float32),
            std=centred.std(axis=0).astype(np.float32),
            percentiles=np.percentile(z, PERCENTS, axis=0).astype(np.float32),
            axes=axes.astype(np.float32),
            axis_std=np.sqrt(np.maximum(variances, 0.0)).astype(np.float32),
        )


@dataclass(frozen=True)
class ModelFile:
    """Content of a model file: card, network tensors (float32), latent statistics, note bank, positions on the map."""

    card: ModelCard
    tensors: Tensors
    stats: LatentStats
    bank: tuple[BankNote, ...]
    map_positions: NDArray[np.float32] | None = None  # UMAP [notes, 2]; None in older files
