"""Loudness of magnitude frames, to keep the level of a morph even."""

import numpy as np
from numpy.typing import NDArray

# The two biquads of ITU-R BS.1770-4 at 48 kHz (shelf for the head, high-pass), as (b, a)
_STAGES = (
    ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585)),
    ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621)),
)


def k_weights(bins: int, bin_hz: float) -> NDArray[np.float32]:
    """Return power weights, float32 [bins], of the K-weighting curve (ITU-R BS.1770-4)."""
    z = np.exp(-2j * np.pi * np.minimum(np.arange(bins) * bin_hz, 24_000.0) / 48_000.0)
    power = np.ones(bins)
    for b, a in _STAGES:
        power *= np.abs(np.polyval(b[::-1], z) / np.polyval(a[::-1], z)) ** 2
    return power.astype(np.float32)


def loudness_db(frames_db: NDArray[np.float32], weights: NDArray[np.float32]) -> NDArray[np.float64]:
    """Compute the weighted power of frames.

    Args:
        frames_db: float32 [n, bins].
        weights: float32 [bins], of ``k_weights``.

    Returns:
        float64 [n], dB re a full-scale sine in one bin.
    """
    power = 10.0 ** (frames_db.astype(np.float64) / 10.0) @ weights
    return np.asarray(10.0 * np.log10(power + 1e-20))


def morph_level_db(frames_db: NDArray[np.float32], weights: NDArray[np.float32]) -> NDArray[np.float64]:
    """Compute the gain that makes a morph's loudness in dB linear from its first to its last frame.

    Args:
        frames_db: float32 [n, bins], at even steps of the morph.
        weights: float32 [bins], of ``k_weights``.

    Returns:
        float64 [n], dB, 0 at both ends; at most 12 dB either way.
    """
    level = loudness_db(frames_db, weights)
    return np.asarray(np.clip(np.linspace(level[0], level[-1], len(level)) - level, -12.0, 12.0))
