"""Rebuilds the partials of low keys, which a decoder blurs, as lobes of the window at the key's harmonics (compiled).

Where partials stand closer than two lobes, a recorded frame's valleys beat from frame to frame. A decoder gives their
mean: lobes run into each other, peaks stand beside their harmonics or are none, and what the phase stage makes of it is
out of tune and hoarse. The key tells where the partials are. So as far as a frame rises at its harmonics at all, the
power around each is gathered into one steady partial there, but not where a clear peak stands apart from it; the rest
stays as it was decoded.
"""

import math

import numpy as np
from numpy.typing import NDArray

from synth_app.engine.spectral.peak_transpose import (
    LOBE_CORE_BINS,
    Float32s,
    PeakShape,
    Real,
    envelope_gain_db,
    lobe_db,
    sum_power,
)
from synth_app.phase import UNKNOWN
from synth_app.support.kernels import internal_fast, public_fast

_f = np.float32
WIDEST_BINS = 5.0  # partials farther apart have valleys of their own
CONTRAST_DB = (1.0, 2.5)  # of harmonics over what is between them: no partials to be sure of ... nothing but partials
_NEAR_POWER, _NEAR_SLACK = 0.4, 1.35  # a lobe's power a quarter of the spacing to either side: per bin of the spacing
_ALL, _FAR_DB = _f(0.99), _f(15.0)  # share, distance: beyond it the softer of two powers adds nothing that matters
_LEAST_REST = 1e-3  # of the decoded power, where all of it is a partial's
_LEAST_SHARE = 0.02  # of a partial that is worth its work
_PEAK_REACH = _f(0.75)  # bins from a harmonic, from which on a clear peak is none of the key's
_TINY = 1e-20


@internal_fast
def _power(sums: NDArray[np.float64], low: float, high: float) -> float:
    """Power between two places in bins, a bin reaching half-way to its neighbours."""
    n = sums.shape[0] - 1
    a, b = min(max(low + 0.5, 0.0), n), min(max(high + 0.5, 0.0), n)
    i, j = min(int(a), n - 1), min(int(b), n - 1)
    return (sums[j] + (b - j) * (sums[j + 1] - sums[j])) - (sums[i] + (a - i) * (sums[i + 1] - sums[i]))


@internal_fast
def _compare(sums: NDArray[np.float64], spacing: float, count: int, partials: Float32s) -> None:
    """Power next to every harmonic into ``partials[0]``, and half-way to its neighbours into ``partials[1]``."""
    quarter, eighth = 0.25 * spacing, 0.125 * spacing
    valley = _power(sums, 0.5 * spacing - eighth, 0.5 * spacing + eighth)
    for h in range(1, count + 1):
        place = h * spacing
        above = _power(sums, place + 0.5 * spacing - eighth, place + 0.5 * spacing + eighth)
        partials[0, h] = _f(_power(sums, place - quarter, place + quarter) + _TINY)
        partials[1, h] = _f(valley + above + _TINY)
        valley = above


@internal_fast
def _tonal_share(near: Real, between: Real) -> float:
    """How much of the power around harmonics is partials', 0-1."""
    contrast_db = 4.3429448 * math.log(near / between)
    x = min(max((contrast_db - CONTRAST_DB[0]) / (CONTRAST_DB[1] - CONTRAST_DB[0]), 0.0), 1.0)
    return x * x * (3.0 - 2.0 * x)


@internal_fast
def _weigh(strength: float, count: int, partials: Float32s) -> None:
    """From what ``_compare`` found: the share of the partial at every harmonic, into ``partials[1]``.

    A soft partial drowns in its neighbours' lobes, so the neighbours' evidence counts, by its power.
    """
    near, between = partials[0], partials[1]
    a, b = _f(0.0), _f(0.0)  # between, of the two harmonics before
    for h in range(1, count - 1):
        here = between[h]
        rises = _f(3.0) * near[h] + _f(2.0) * near[h + 1] + near[h + 2]
        falls = _f(3.0) * here + _f(2.0) * between[h + 1] + between[h + 2]
        if h > 1:
            rises, falls = rises + _f(2.0) * near[h - 1], falls + _f(2.0) * b
        if h > 2:
            rises, falls = rises + near[h - 2], falls + a
        between[h] = _f(strength * _tonal_share(rises, falls))
        a, b = b, here


@internal_fast
def _nearness(place: float, half_room: float, out: Float32s, course: Float32s) -> float:
    """1 where no clear peak stands around a harmonic, or one close to it; 0 where one stands apart.

    A peak that stands out over both its valleys is what the frame shows to be there: a bar, a bell, a stiff string.
    """
    first, last = max(math.ceil(place - half_room), 0), min(math.floor(place + half_room), out.shape[0] - 1)
    loudest, told = _f(-1e9), UNKNOWN
    for j in range(first, last + 1):
        if out[j] > loudest:
            loudest, told = out[j], course[j] + _f(j)
    if told >= UNKNOWN or abs(told - place) > half_room:  # a neighbour's skirt is no peak of this room
        return 1.0
    distance = float((told - place) / _PEAK_REACH)
    return max(1.0 - distance * distance, 0.0)


@internal_fast
def _gather(
    ratio: float, formant: float, spacing: float, shape: PeakShape, sums: NDArray[np.float64], count: int,
    partials: Float32s, out: Float32s, course: Float32s,
) -> float:  # fmt: skip
    """Level of every partial in dB into ``partials[0]``, and what is left of its surroundings into ``out``.

    Returns:
        the share of the frame's power that went into partials.
    """
    gathered = 0.0
    half, top = max(2, int(spacing * 0.5 + 0.5)), sums.shape[0] - 2.0
    end = math.ceil(0.5 * spacing * ratio)
    for h in range(1, count + 1):
        place, share = h * spacing, float(partials[1, h])
        start, end = end, min(math.ceil((place + 0.5 * spacing) * ratio), out.shape[0])
        if share > _LEAST_SHARE:
            share *= _nearness(place * ratio, 0.5 * spacing * ratio, out, course)
        partials[1, h] = _f(share) if share > _LEAST_SHARE else _f(0.0)
        if share > _LEAST_SHARE:
            rest_db = _f(4.3429448 * math.log(max(1.0 - share, _LEAST_REST)))
            for j in range(start, end):
                out[j] += rest_db
            around = _power(sums, place - 0.5 * spacing, place + 0.5 * spacing) / shape.power
            # where only a neighbour's skirt is, there is no partial
            beside = _NEAR_SLACK * float(partials[0, h]) / min(_NEAR_POWER * spacing, float(shape.power))
            power = share * min(around, beside) + _TINY
            gathered += power * shape.power
            gain = envelope_gain_db(sums, place, place * ratio, half, formant, top)
            partials[0, h] = _f(4.3429448 * math.log(power)) + gain
    return min(gathered / (sums[-1] + _TINY), 1.0)


@public_fast
def rebuild_partials(
    amplitude: Float32s, gain_db: float, ratio: float, formant: float, spacing_bins: float, lock: float,
    shape: PeakShape, sums: NDArray[np.float64], partials: Float32s, out: Float32s, course: Float32s, pure: Float32s,
) -> float:  # fmt: skip
    """Put the partials of a narrow comb into a frame that ``shift_peaks`` has made of the same arguments.

    Args:
        amplitude: float32 [bins], the frame before that, linear. gain_db: of it over that frame in dB.
        ratio, formant, spacing_bins: as in ``shift_peaks``; from ``WIDEST_BINS`` on nothing is done.
        lock: 0-1, how much of what is a partial's is gathered.
        shape: lobe of the frame's window.
        sums: float64 [bins + 1], scratch. partials: float32 [2, bins], scratch.
        out: float32 [bins], dB, changed in place. course: float32 [bins], likewise, as in ``shift_peaks``.
        pure: float32 [bins], as ``SweepState.pure``; written where a partial is put.

    Returns:
        share of the frame's power that is in these partials now, 0-1.
    """
    if lock <= 0.0 or spacing_bins >= WIDEST_BINS or spacing_bins < 1.0:
        return 0.0
    sum_power(amplitude, sums)
    strength = lock * min(1.0, WIDEST_BINS - spacing_bins)  # a glide must not step
    known = int((out.shape[0] - 1) / spacing_bins) - 1  # the last ones have no valley above
    _compare(sums, spacing_bins, known, partials)
    _weigh(strength, known, partials)
    count = min(known - 2, int((out.shape[0] - 1) / (spacing_bins * ratio)))
    gathered = _gather(ratio, formant, spacing_bins, shape, sums, count, partials, out, course)
    for h in range(1, count + 1):
        if partials[1, h] > _f(0.0):
            level_db = partials[0, h] - _f(gain_db)
            _put(_f(h * spacing_bins * ratio), level_db, partials[1, h], shape, out, course, pure)
    return gathered


@internal_fast
def _put(
    place: Real, level_db: Real, share: Real, shape: PeakShape, out: Float32s, course: Float32s, pure: Float32s
) -> None:
    """One partial: its power on what is left there, its frequency where it is the louder of both."""
    first, last = max(int(place - shape.reach) + 1, 0), min(int(place + shape.reach), out.shape[0] - 1)
    for j in range(first, last + 1):
        distance = abs(_f(j) - place)
        value = _f(level_db) + lobe_db(shape, distance)
        rest_db = out[j]
        if share < _ALL and abs(value - rest_db) < _FAR_DB:
            out[j] = value + _f(4.3429448) * _f(math.log(1.0 + math.exp((rest_db - value) / 4.3429448)))
        elif value > rest_db:
            out[j] = value
        if value > rest_db:
            pure[j] = share
            course[j] = _f(place) - _f(j) if distance < LOBE_CORE_BINS else UNKNOWN
