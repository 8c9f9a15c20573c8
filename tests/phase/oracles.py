"""Independent, plain-Python versions of what the phase kernels compute."""

from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def heap_frame(
    old: Array, new: Array, time_step: Array, slope: Array, threshold: float
) -> tuple[Array, NDArray[np.bool_]]:
    """One frame of RTPGHI with a heap (Prusa & Sondergaard 2016).

    Args:
        old, new: magnitudes of the two frames.
        time_step: phase of each bin if it comes from its own past, turns.
        slope: turns per bin.
        threshold: bins at or below it only step in time.

    Returns:
        phases in turns, and where a tie between two arrivals left them undetermined.
    """
    bins = len(new)
    phase, done = time_step.copy(), new <= threshold
    heap: list[tuple[float, int, int]] = []
    for k in range(bins):
        if not done[k]:
            heappush(heap, (-old[k], 0, k))
    while heap:
        _, frame, k = heappop(heap)
        if frame == 0:
            if not done[k]:
                done[k] = True
                heappush(heap, (-new[k], 1, k))
            continue
        for j in (k - 1, k + 1):
            if 0 <= j < bins and not done[j]:
                phase[j] = phase[k] + (j - k) * (slope[j] + slope[k]) / 2
                done[j] = True
                heappush(heap, (-new[j], 1, j))
    values = np.concatenate([old, new])
    order = np.sort(values)
    tied = np.isin(values, order[1:][order[1:] == order[:-1]])
    return phase, tied[:bins] | tied[bins:]


def hann_delta(s: Array) -> Array:
    """Closed form for the Hann window: distance in bins from each bin to the steady sine."""
    t = (s[2:] - s[:-2]) / (s[2:] + s[:-2])
    inner = 4 * t / (3 + np.sqrt(9 - 8 * t**2))
    return np.concatenate([[0.0], inner, [0.0]])


def hann_causal_slope(old: Array, new: Array, hop_over_n: float) -> Array:
    """Closed form for the Hann window, with the rule for rising bins, in turns per bin."""
    u = (np.sqrt(new) - np.sqrt(old)) / (np.sqrt(new) + np.sqrt(old))
    b = -2 * np.arctan(u / np.tan(np.pi * hop_over_n / 2))
    b = np.where(b < 0, -(b**2) / (np.abs(b) + np.pi * hop_over_n), b)
    return b / (2 * np.pi)


def wrapped(turns: Array) -> Array:
    """Distance to the nearest whole turn."""
    return np.abs(turns - np.round(turns))
