"""The share of noise that the notes carry, as the greatest tonal weight of every bin (compiled).

A share is relative to the power around a bin, in a width of one distance of partials. So noise lies evenly under and
between the partials of a frame, and follows its level, its key and its formants.
"""

import math

import numpy as np
from numpy.typing import NDArray

from synth_app.engine.spectral.detail import NOISE, DetailTables, PartWeights
from synth_app.modelfile.noise_share import BANDS, EDGES
from synth_app.support.kernels import internal_fast, public_fast

Float32s = NDArray[np.float32]
_f = np.float32
_POWER_PER_DB = math.log(10.0) / 10.0
_TINY = _f(1e-20)
_EDGES = np.array(EDGES, np.float32)


@internal_fast
def known_share(tables: DetailTables, parts: PartWeights) -> np.float32:
    """Return the weight, 0-1, of the recordings whose share of noise is known."""
    known = _f(0.0)
    for part in range(parts.recording.shape[0]):
        if tables.noise[parts.recording[part]]:
            known += parts.weights[part, 0]
    return min(max(known, _f(0.0)), _f(1.0))


@internal_fast
def share_of_band(tables: DetailTables, parts: PartWeights, band: int) -> float:
    """Return the share of noise, 0-1, of all parts together in a band; their levels in dB are interpolated."""
    level, known = 0.0, 1e-9
    for part in range(parts.recording.shape[0]):
        if parts.weights[part, 0] != _f(0.0) and tables.noise[parts.recording[part]]:
            level += float(parts.weights[part, NOISE + band])
            known += float(parts.weights[part, 0])
    return min(math.exp(_POWER_PER_DB * level / known), 1.0)


@internal_fast
def shares_of_partials(tables: DetailTables, parts: PartWeights, out: Float32s) -> None:
    """Write the share of noise about every harmonic to ``out`` [bins], and how far it is known to ``out[0]``, 0-1."""
    out[0] = known_share(tables, parts)
    if out[0] <= _f(0.0):
        out[1:] = _f(0.0)
        return
    start = 1
    for band in range(BANDS):
        stop = out.shape[0] if band + 1 == BANDS else min(int(_EDGES[band + 1]) + 1, out.shape[0])
        share = _f(share_of_band(tables, parts, band))
        for harmonic in range(start, stop):
            out[harmonic] = share
        start = stop


@public_fast
def limit_tonal(
    magnitude: Float32s, spacing: float, tables: DetailTables, parts: PartWeights, sums: NDArray[np.float64],
    max_tonal: Float32s,
) -> None:  # fmt: skip
    """Write the greatest tonal weights of a frame.

    Args:
        magnitude: float32 [bins], linear. spacing: bins between its partials.
        tables, parts: as for ``combined_levels``.
        sums: float64 [bins + 1], scratch.
        max_tonal: float32 [bins], result; 1 where no share is known.
    """
    known = known_share(tables, parts)
    if known <= _f(0.0):
        max_tonal[:] = _f(1.0)
        return
    n, total = magnitude.shape[0], 0.0
    sums[0] = 0.0
    for k in range(n):
        total += float(magnitude[k]) * float(magnitude[k])
        sums[k + 1] = total
    half = min(max(2, int(0.5 * spacing + 0.5)), n // 4)
    start = 0
    for band in range(BANDS):
        stop = n
        if band + 1 < BANDS:
            stop = min(int(_EDGES[band + 1] * spacing) + 1, n)
        if stop > start:
            share = _f(share_of_band(tables, parts, band))
            _limit(magnitude, sums, half, start, stop, share, known, max_tonal)
            start = stop


@internal_fast
def _limit(
    magnitude: Float32s, sums: NDArray[np.float64], half: int, start: int, stop: int, share: np.float32,
    known: np.float32, max_tonal: Float32s,
) -> None:  # fmt: skip
    """Write the weights of the bins from ``start`` to ``stop``: the root of the power that is not noise."""
    n = magnitude.shape[0]
    for k in range(start, stop):
        low, high = max(k - half, 0), min(k + half + 1, n)
        around = _f((sums[high] - sums[low]) / (high - low))
        noise = share * around / (magnitude[k] * magnitude[k] + _TINY)
        tonal = np.sqrt(max(_f(1.0) - noise, _f(0.0)))
        max_tonal[k] = _f(1.0) - known * (_f(1.0) - tonal)
