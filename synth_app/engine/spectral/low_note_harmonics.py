"""Partials of low keys, which a decoder blurs, rebuilt as window lobes at the key's harmonics (compiled).

Where partials are closer than two lobes, a recorded frame's valleys beat from frame to frame. A decoder gives their
mean: lobes merge, and peaks are shifted from their harmonics or missing. The phase stage turns such a frame into an
out-of-tune, hoarse sound. But the key determines where the partials are. So in proportion to how clearly a frame rises
at its harmonics, the power around each harmonic is gathered into one steady partial there, except where a clear peak
stands apart from it. All other power stays as decoded.
"""

import math

import numpy as np
from numpy.typing import NDArray

from synth_app.engine.spectral.peak_transpose import (
    LOBE_CORE_BINS,
    Float32s,
    MovedFrame,
    PeakShape,
    Real,
    Transposition,
    envelope_gain_db,
    lobe_db,
    sum_power,
)
from synth_app.phase import UNKNOWN
from synth_app.support.kernels import internal_fast, public_fast

_f = np.float32
WIDEST_BINS = 5.0  # partials farther apart have their own valleys
CONTRAST_DB = (1.0, 2.5)  # level of harmonics over the bins between them: no certain partials ... only partials
_NEAR_POWER, _NEAR_SLACK = 0.4, 1.35  # a lobe's power within a quarter of the spacing to either side, per bin of it
_ALL, _FAR_DB = _f(0.99), _f(15.0)  # fraction, level difference: beyond them the weaker power is negligible
_LEAST_REST = 1e-3  # of the decoded power that stays where all of it belongs to a partial, unless it is known
_LEAST_FRACTION = 0.02  # smaller partials are skipped
_PEAK_REACH = _f(0.75)  # bins; a clear peak farther from a harmonic does not belong to the key
_KNOWN_SLACK = _f(0.4)  # bins; where the share of noise is known, neighbours' lobes may pull a peak this far
_TINY = 1e-20


@internal_fast
def _power(sums: NDArray[np.float64], low: float, high: float) -> float:
    """Return the power between two positions in bins; a bin extends half-way to its neighbours."""
    n = sums.shape[0] - 1
    a, b = min(max(low + 0.5, 0.0), n), min(max(high + 0.5, 0.0), n)
    i, j = min(int(a), n - 1), min(int(b), n - 1)
    return (sums[j] + (b - j) * (sums[j + 1] - sums[j])) - (sums[i] + (a - i) * (sums[i + 1] - sums[i]))


@internal_fast
def _compare(sums: NDArray[np.float64], spacing: float, count: int, partials: Float32s) -> None:
    """Write the power at every harmonic into ``partials[0]``, and that between harmonics into ``partials[1]``."""
    quarter, eighth = 0.25 * spacing, 0.125 * spacing
    valley = _power(sums, 0.5 * spacing - eighth, 0.5 * spacing + eighth)
    for h in range(1, count + 1):
        position = h * spacing
        above = _power(sums, position + 0.5 * spacing - eighth, position + 0.5 * spacing + eighth)
        partials[0, h] = _f(_power(sums, position - quarter, position + quarter) + _TINY)
        partials[1, h] = _f(valley + above + _TINY)
        valley = above


@internal_fast
def _tonal_fraction(near: Real, between: Real) -> float:
    """Return the fraction of the power around harmonics that belongs to partials, 0-1."""
    contrast_db = 4.3429448 * math.log(near / between)
    x = min(max((contrast_db - CONTRAST_DB[0]) / (CONTRAST_DB[1] - CONTRAST_DB[0]), 0.0), 1.0)
    return x * x * (3.0 - 2.0 * x)


@internal_fast
def _weigh(strength: float, count: int, partials: Float32s) -> None:
    """Write the fraction of the partial at every harmonic into ``partials[1]``, from the result of ``_compare``.

    A soft partial is masked by its neighbours' lobes, so the neighbours' contrast counts too, weighted by power.
    """
    near, between = partials[0], partials[1]
    a, b = _f(0.0), _f(0.0)  # values of `between` for the two harmonics before
    for h in range(1, count - 1):
        here = between[h]
        rises = _f(3.0) * near[h] + _f(2.0) * near[h + 1] + near[h + 2]
        falls = _f(3.0) * here + _f(2.0) * between[h + 1] + between[h + 2]
        if h > 1:
            rises, falls = rises + _f(2.0) * near[h - 1], falls + _f(2.0) * b
        if h > 2:
            rises, falls = rises + near[h - 2], falls + a
        between[h] = _f(strength * _tonal_fraction(rises, falls))
        a, b = b, here


@internal_fast
def _apply_shares(strength: float, count: int, partials: Float32s) -> None:
    """Move the fractions of clear partials towards what the known shares of noise leave to them."""
    known = partials[2, 0]
    for h in range(1, count - 1):
        fraction = partials[1, h]
        clear = fraction / _f(max(strength, 1e-6))
        tonal = _f(strength) * (_f(1.0) - partials[2, h])
        partials[1, h] = fraction + known * clear * (tonal - fraction)


@internal_fast
def _nearness(position: float, half_width: float, slack: np.float32, moved: MovedFrame) -> float:
    """Return 1 if no clear peak is near a harmonic, or one close to it; 0 if a clear peak stands apart.

    A peak that rises over both its valleys shows a real partial: of a bar, a bell, a stiff string.
    """
    out, known_delta = moved.level_db, moved.known_delta
    first, last = max(math.ceil(position - half_width), 0), min(math.floor(position + half_width), out.shape[0] - 1)
    loudest, peak = _f(-1e9), UNKNOWN
    for j in range(first, last + 1):
        if out[j] > loudest:
            loudest, peak = out[j], known_delta[j] + _f(j)
    if peak >= UNKNOWN or abs(peak - position) > half_width:  # a neighbour's slope is not a peak of this harmonic
        return 1.0
    distance = float(max(abs(peak - _f(position)) - slack, _f(0.0)) / _PEAK_REACH)
    return max(1.0 - distance * distance, 0.0)


@internal_fast
def _gather(
    transposition: Transposition, shape: PeakShape, sums: NDArray[np.float64], count: int, partials: Float32s,
    moved: MovedFrame,
) -> float:  # fmt: skip
    """Write every partial's level in dB into ``partials[0]``, and reduce its surroundings in ``moved``.

    Returns:
        fraction of the frame's power that went into partials.
    """
    ratio, formant, spacing = transposition.ratio, transposition.formant, transposition.spacing_bins
    gathered, out = 0.0, moved.level_db
    half, top = max(2, int(spacing * 0.5 + 0.5)), sums.shape[0] - 2.0
    end, slack = math.ceil(0.5 * spacing * ratio), _KNOWN_SLACK * partials[2, 0]
    for h in range(1, count + 1):
        position, fraction = h * spacing, float(partials[1, h])
        start, end = end, min(math.ceil((position + 0.5 * spacing) * ratio), out.shape[0])
        if fraction > _LEAST_FRACTION:
            fraction *= _nearness(position * ratio, 0.5 * spacing * ratio, slack, moved)
        partials[1, h] = _f(fraction) if fraction > _LEAST_FRACTION else _f(0.0)
        if fraction > _LEAST_FRACTION:
            least = _LEAST_REST + float(partials[2, 0]) * (float(partials[2, h]) - _LEAST_REST)
            rest_db = _f(4.3429448 * math.log(max(1.0 - fraction, least, _TINY)))
            for j in range(start, end):
                out[j] += rest_db
            around = _power(sums, position - 0.5 * spacing, position + 0.5 * spacing) / shape.power
            # a neighbour's slope alone is not a partial
            beside = _NEAR_SLACK * float(partials[0, h]) / min(_NEAR_POWER * spacing, float(shape.power))
            power = fraction * min(around, beside) + _TINY
            gathered += power * shape.power
            gain = envelope_gain_db(sums, position, position * ratio, half, formant, top)
            partials[0, h] = _f(4.3429448 * math.log(power)) + gain
    return min(gathered / (sums[-1] + _TINY), 1.0)


@public_fast
def rebuild_partials(
    amplitude: Float32s, gain_db: float, transposition: Transposition, shape: PeakShape, sums: NDArray[np.float64],
    partials: Float32s, moved: MovedFrame,
) -> float:  # fmt: skip
    """Rebuild the partials of a narrow comb in a frame that ``shift_peaks`` has made from the same arguments.

    Args:
        amplitude: float32 [bins], the frame before ``shift_peaks``, linear.
        gain_db: gain of ``amplitude`` over that frame in dB.
        transposition: as in ``shift_peaks``; ``lock`` is the fraction of partials' power that is gathered. From a
            spacing of ``WIDEST_BINS`` on the frame stays unchanged.
        shape: lobe of the frame's window.
        sums: float64 [bins + 1], scratch.
        partials: float32 [3, bins], scratch; in the last row the shares of noise about the harmonics, 0-1, and in its
            first element how far they are known.
        moved: the frame, changed in place; ``min_tonal`` is set where a partial is added.

    Returns:
        fraction of the frame's power that is in rebuilt partials, 0-1.
    """
    ratio, spacing_bins, lock = transposition.ratio, transposition.spacing_bins, transposition.lock
    out = moved.level_db
    if lock <= 0.0 or spacing_bins >= WIDEST_BINS or spacing_bins < 1.0:
        return 0.0
    sum_power(amplitude, sums)
    strength = lock * min(1.0, WIDEST_BINS - spacing_bins)  # so that a glide does not step
    known = int((out.shape[0] - 1) / spacing_bins) - 1  # the last ones have no valley above them
    _compare(sums, spacing_bins, known, partials)
    _weigh(strength, known, partials)
    _apply_shares(strength, known, partials)
    count = min(known - 2, int((out.shape[0] - 1) / (spacing_bins * ratio)))
    gathered = _gather(transposition, shape, sums, count, partials, moved)
    for h in range(1, count + 1):
        if partials[1, h] > _f(0.0):
            level_db = partials[0, h] - _f(gain_db)
            tonal = partials[1, h] + partials[2, 0] * (np.sqrt(partials[1, h]) - partials[1, h])
            _add_partial(_f(h * spacing_bins * ratio), level_db, partials[1, h], tonal, shape, moved)
    return gathered


@internal_fast
def _add_partial(
    position: Real, level_db: Real, fraction: Real, tonal: Real, shape: PeakShape, moved: MovedFrame
) -> None:
    """Add one partial's power to the rest of the frame, and its frequency where it is the louder of both."""
    out, known_delta, min_tonal = moved
    first, last = max(int(position - shape.reach) + 1, 0), min(int(position + shape.reach), out.shape[0] - 1)
    for j in range(first, last + 1):
        distance = abs(_f(j) - position)
        value = _f(level_db) + lobe_db(shape, distance)
        rest_db = out[j]
        if fraction < _ALL and abs(value - rest_db) < _FAR_DB:
            out[j] = value + _f(4.3429448) * _f(math.log(1.0 + math.exp((rest_db - value) / 4.3429448)))
        elif value > rest_db:
            out[j] = value
        if value > rest_db:
            min_tonal[j] = tonal
            known_delta[j] = _f(position) - _f(j) if distance < LOBE_CORE_BINS else UNKNOWN
