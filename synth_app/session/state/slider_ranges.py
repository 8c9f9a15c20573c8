"""How far each latent slider reaches: what the data spans, and a little more."""

import numpy as np
from numpy.typing import NDArray

from synth_app.modelfile import BankNote, LatentStats, note_center

# Beyond the 1st and 99th percentile, as a share of their distance: room to leave the data, not to get lost.
MARGIN = 0.15
# A dimension that the data never move still gets a slider that can be dragged.
MIN_SPAN = 1e-3


def latent_ranges(stats: LatentStats, bank: tuple[BankNote, ...]) -> NDArray[np.float64]:
    """Lower and upper end of every slider.

    Percentiles 1-99 of the training codes, widened by ``MARGIN`` on both sides, and wide enough to show
    every bank note's sustain.

    Args:
        stats: statistics of the training codes; rows of ``percentiles`` run from 1 % to 99 %.
        bank: the model's notes.

    Returns:
        float64 [latent, 2], lower < upper.
    """
    low = stats.percentiles[0].astype(np.float64)
    high = stats.percentiles[-1].astype(np.float64)
    margin = MARGIN * (high - low)
    low, high = low - margin, high + margin
    if bank:
        centers = np.stack([note_center(note)[0] for note in bank]).astype(np.float64)
        low, high = np.minimum(low, centers.min(axis=0)), np.maximum(high, centers.max(axis=0))
    too_narrow = high - low < MIN_SPAN
    low, high = np.where(too_narrow, low - MIN_SPAN / 2, low), np.where(too_narrow, high + MIN_SPAN / 2, high)
    return np.stack([low, high], axis=1)
