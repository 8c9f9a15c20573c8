"""Fraction of each bin that a spectral peak explains; the rest of a static frame must sound as noise.

With smooth magnitudes that do not change, every phase method gives phases that repeat from frame to frame: a buzz of
period n_fft. Bins under clear peaks keep their phase. The others are mixed with hop-consistent noise as far as they are
static; magnitudes that change carry their own noise.

Scans over vectors pass a peak's properties down its slopes. Loops from valley to valley would cost many times as much,
because their branches are unpredictable.
"""

import math

import numpy as np

from synth_app.phase.carry import either
from synth_app.phase.state import Scratch
from synth_app.phase.tables import Float32s, KernelTables
from synth_app.phase.vectors import (
    WIDTH,
    Vector,
    bits,
    element_indices,
    first,
    floats,
    from_bits,
    ints,
    last,
    load,
    select,
    shift_down,
    shift_up,
    store,
    to_floats,
    to_ints,
    to_mask,
)
from synth_app.support.kernels import internal, public

_f = np.float32
_TINY = _f(1e-12)
_PACKED_POSITION = 32  # a packed peak: its position in 1/32 bin times 256, plus its weight in 1/255
_PACKED_WEIGHT = 255
_ABOVE_ALL = _f(1e30)  # louder than any bin: bin 0 does not rise


@internal
def peak_tonality(s: Float32s, tables: KernelTables, delta: Float32s, scratch: Scratch, tonal: Float32s) -> None:
    """Compute the fraction, 0-1, of every bin that the peak of its slope explains; a valley takes the greater one.

    A peak's weight rises over the range PEAK_DB of its height above the mean of its valleys. A bin is explained if it
    is below LOBE_EXCESS times the window's lobe at its distance from the peak; above that, in proportion.
    """
    feet_below(s, scratch)
    slopes_below(s, tables, delta, scratch, tonal)
    slopes_above(s, tables, scratch, tonal)
    tonal[0] = _f(1)
    tonal[-1] = _f(1)


@internal
def raise_to(min_tonal: Float32s, tonal: Float32s) -> None:
    """Raise tonal fractions to the least ones that the caller has set."""
    for k in range(0, tonal.shape[0], WIDTH):
        store(tonal, k, max(load(tonal, k), load(min_tonal, k)))


@internal
def feet_below(s: Float32s, scratch: Scratch) -> None:
    """Write the magnitude, as bits, at the foot of the slope below every bin into ``left``."""
    before, carry_in = floats(_ABOVE_ALL), ints(0)
    for k in range(0, s.shape[0], WIDTH):
        x = load(s, k)
        rises = to_mask(x > shift_up(before, x, 1))
        foot = fill_up(bits(x), rises, carry_in)
        store(scratch.left, k, foot)
        before, carry_in = x, last(foot)


@internal
def slopes_below(s: Float32s, tables: KernelTables, delta: Float32s, scratch: Scratch, tonal: Float32s) -> None:
    """Compute every peak's weight from the feet on both sides, and the fractions on the slopes below peaks.

    The peaks' properties are left in ``time`` (packed) and ``reach`` for the slopes above.
    """
    n = s.shape[0]
    foot_from, packed_from, reach_from, after = ints(0), ints(0), ints(0), floats(_f(0))
    start = (n - 1) // WIDTH * WIDTH
    x = load(s, start)
    for k in range(start, -1, -WIDTH):
        before = load(s, k - WIDTH) if k > 0 else floats(_f(-1))
        bin_ = element_indices() + k
        above = shift_down(x, after, 1)
        falls = to_mask((x >= above) & (bin_ < n - 1))
        foot = fill_down(bits(x), falls, foot_from)
        weight = peak_weight(x, shift_up(before, x, 1), above, load(scratch.left, k), foot, bin_, n - 1, tables)
        offset = load(delta, k)
        packed = to_ints((to_floats(bin_) + offset) * _f(_PACKED_POSITION) + _f(0.5)) << 8
        packed = packed + to_ints(weight * _f(_PACKED_WEIGHT) + _f(0.5))
        reach = tables.lobe_excess * x * inverse_lobe(offset, tables)
        store(scratch.time, k, packed)
        store(scratch.reach, k, reach)
        packed, passed_reach = fill_down(packed, ~falls, packed_from), fill_down(bits(reach), ~falls, reach_from)
        store(tonal, k, explained(x, from_bits(passed_reach), packed, to_floats(bin_), tables))
        foot_from, packed_from, reach_from, after, x = first(foot), first(packed), first(passed_reach), x, before


@internal
def slopes_above(s: Float32s, tables: KernelTables, scratch: Scratch, tonal: Float32s) -> None:
    """Compute the fractions on the slopes above peaks."""
    before, packed_from, reach_from = floats(_ABOVE_ALL), ints(0), ints(0)
    for k in range(0, s.shape[0], WIDTH):
        x = load(s, k)
        falls = ~to_mask(x > shift_up(before, x, 1))
        packed = fill_up(load(scratch.time, k), falls, packed_from)
        passed_reach = fill_up(bits(load(scratch.reach, k)), falls, reach_from)
        fraction = explained(x, from_bits(passed_reach), packed, to_floats(element_indices() + k), tables)
        store(tonal, k, max(load(tonal, k), fraction))
        before, packed_from, reach_from = x, last(packed), last(passed_reach)


@internal
def fill_up(value: Vector, mask: Vector, carry_in: Vector) -> Vector:
    """Fill bins with ``mask`` -1 from the next bin below with mask 0; ``carry_in`` is the value before the first."""
    all_set = ints(-1)
    value = either(mask, shift_up(value, value, 1), value)
    mask = mask & shift_up(all_set, mask, 1)
    value = either(mask, shift_up(value, value, 2), value)
    mask = mask & shift_up(all_set, mask, 2)
    value = either(mask, shift_up(value, value, 4), value)
    mask = mask & shift_up(all_set, mask, 4)
    value = either(mask, shift_up(value, value, 8), value)
    mask = mask & shift_up(all_set, mask, 8)
    return either(mask, carry_in, value)


@internal
def fill_down(value: Vector, mask: Vector, carry_in: Vector) -> Vector:
    """Fill as ``fill_up``, from above."""
    all_set = ints(-1)
    value = either(mask, shift_down(value, value, 1), value)
    mask = mask & shift_down(mask, all_set, 1)
    value = either(mask, shift_down(value, value, 2), value)
    mask = mask & shift_down(mask, all_set, 2)
    value = either(mask, shift_down(value, value, 4), value)
    mask = mask & shift_down(mask, all_set, 4)
    value = either(mask, shift_down(value, value, 8), value)
    mask = mask & shift_down(mask, all_set, 8)
    return either(mask, carry_in, value)


@internal
def peak_weight(
    x: Vector, below: Vector, above: Vector, left: Vector, right: Vector, bin_: Vector, end: int, tables: KernelTables
) -> Vector:
    """Return the weight, 0-1, of local maxima by their height over their valleys (bits of magnitudes); 0 elsewhere."""
    # the spectrum is symmetric about 0 and Nyquist, so a peak at the edge has one valley
    low_foot = from_bits(select(bin_ < 1, right, left))
    high_foot = from_bits(select(bin_ < end, right, left))
    height = x / math.sqrt(low_foot * high_foot + _TINY * _TINY) - tables.peak_low
    height = min(max(height / (tables.peak_high - tables.peak_low), _f(0)), _f(1))
    return select((x > below) & (x >= above), height, _f(0))


@public
def inverse_lobe(x: Vector, tables: KernelTables) -> Vector:
    """Return W(0) / W(x) of the window's main lobe at x bins, at most 1 / LOBE_FLOOR."""
    fit = tables.lobe
    z = x * x
    return min(_f(1) + z * (fit.c1 + z * (fit.c2 + z * (fit.c3 + z * fit.c4))), fit.limit)


@internal
def explained(x: Vector, reach: Vector, packed: Vector, bin_: Vector, tables: KernelTables) -> Vector:
    """Return the fraction of each bin that its peak's lobe explains."""
    distance = bin_ - to_floats(packed >> 8) * _f(1 / _PACKED_POSITION)
    weight = to_floats(packed & 255) * _f(1 / _PACKED_WEIGHT)
    return min(reach / ((x + _TINY) * inverse_lobe(distance, tables)), _f(1)) * weight
