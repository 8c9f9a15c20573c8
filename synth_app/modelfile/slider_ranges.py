"""The range of each latent slider: the range of the training data, with a margin."""

import numpy as np
from numpy.typing import NDArray

from synth_app.modelfile.bank import BankNote, bank_centers
from synth_app.modelfile.content import LatentStats

MARGIN = 0.15  # beyond the 1st and 99th percentile, as a fraction of their distance
MIN_SPAN = 1e-3  # of the slider of a dimension that does not vary in the training data


def latent_ranges(stats: LatentStats, bank: tuple[BankNote, ...]) -> NDArray[np.float64]:
    """Return the lower and upper end of every latent slider.

    The range goes from percentile 1 to 99 of the training data's latent vectors, widened by ``MARGIN`` on both sides,
    and further if needed to hold the centre of every bank note.

    Args:
        stats: statistics of the training data's latent vectors; rows of ``percentiles`` run from 1 % to 99 %.
        bank: the model's notes.

    Returns:
        float64 [latent, 2], lower < upper.
    """
    low = stats.percentiles[0].astype(np.float64)
    high = stats.percentiles[-1].astype(np.float64)
    margin = MARGIN * (high - low)
    low, high = low - margin, high + margin
    if bank:
        centers = bank_centers(bank).astype(np.float64)
        low, high = np.minimum(low, centers.min(axis=0)), np.maximum(high, centers.max(axis=0))
    too_narrow = high - low < MIN_SPAN
    low, high = np.where(too_narrow, low - MIN_SPAN / 2, low), np.where(too_narrow, high + MIN_SPAN / 2, high)
    return np.stack([low, high], axis=1)
