"""How much of each bin a spectral peak explains; the rest of a static frame must sound as noise.

Smooth magnitudes that do not change leave every phase method with phases that repeat from frame to frame: a
buzz of period n_fft. Bins under clear peaks keep their phase; the others are mixed with hop-consistent noise
as far as they are static (lively magnitudes carry their own noise).

What belongs to a peak is passed down its slopes by scans over vectors instead of loops from valley to valley, whose
unpredictable branches cost many times as much.
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
    first,
    floats,
    from_bits,
    ints,
    lanes,
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
_CODE_POSITION = 32  # a peak's code: position in 1/32 bin times 256, plus its weight in 1/255
_CODE_WEIGHT = 255
_OUTSIDE = _f(1e30)  # louder than any bin: bin 0 does not rise


@internal
def peak_tonality(s: Float32s, tables: KernelTables, delta: Float32s, scratch: Scratch, tonal: Float32s) -> None:
    """Share 0-1 of every bin explained by the peak on whose slope it lies; a valley takes the better one.

    A peak weighs as far as it stands PEAK_DB above the mean of its valleys; a bin is explained as far as it
    is not above LOBE_EXCESS times the window's lobe at its distance from the peak.
    """
    feet_below(s, scratch)
    slopes_below(s, tables, delta, scratch, tonal)
    slopes_above(s, tables, scratch, tonal)
    tonal[0] = _f(1)
    tonal[-1] = _f(1)


@internal
def at_least(pure: Float32s, tonal: Float32s) -> None:
    """Raise shares to those that the caller knows."""
    for k in range(0, tonal.shape[0], WIDTH):
        store(tonal, k, max(load(tonal, k), load(pure, k)))


@internal
def feet_below(s: Float32s, scratch: Scratch) -> None:
    """Magnitude at the foot of the slope below every bin, as bits, into ``left``."""
    before, arriving = floats(_OUTSIDE), ints(0)
    for k in range(0, s.shape[0], WIDTH):
        x = load(s, k)
        rises = to_mask(x > shift_up(before, x, 1))
        foot = fill_up(bits(x), rises, arriving)
        store(scratch.left, k, foot)
        before, arriving = x, last(foot)


@internal
def slopes_below(s: Float32s, tables: KernelTables, delta: Float32s, scratch: Scratch, tonal: Float32s) -> None:
    """Weigh every peak, once the feet above are known too, and explain the slopes below peaks.

    What peaks hand down is left in ``time`` (codes) and ``reach`` for the slopes above.
    """
    n = s.shape[0]
    foot_from, code_from, reach_from, after = ints(0), ints(0), ints(0), floats(_f(0))
    start = (n - 1) // WIDTH * WIDTH
    x = load(s, start)
    for k in range(start, -1, -WIDTH):
        before = load(s, k - WIDTH) if k > 0 else floats(_f(-1))
        bin_ = lanes() + k
        above = shift_down(x, after, 1)
        falls = to_mask((x >= above) & (bin_ < n - 1))
        foot = fill_down(bits(x), falls, foot_from)
        weight = peak_weight(x, shift_up(before, x, 1), above, load(scratch.left, k), foot, bin_, n - 1, tables)
        place = load(delta, k)
        code = to_ints((to_floats(bin_) + place) * _f(_CODE_POSITION) + _f(0.5)) << 8
        code = code + to_ints(weight * _f(_CODE_WEIGHT) + _f(0.5))
        reach = tables.lobe_excess * x * inverse_lobe(place, tables)
        store(scratch.time, k, code)
        store(scratch.reach, k, reach)
        code, reached = fill_down(code, ~falls, code_from), fill_down(bits(reach), ~falls, reach_from)
        store(tonal, k, explained(x, from_bits(reached), code, to_floats(bin_), tables))
        foot_from, code_from, reach_from, after, x = first(foot), first(code), first(reached), x, before


@internal
def slopes_above(s: Float32s, tables: KernelTables, scratch: Scratch, tonal: Float32s) -> None:
    """Explain the slopes above peaks."""
    before, code_from, reach_from = floats(_OUTSIDE), ints(0), ints(0)
    for k in range(0, s.shape[0], WIDTH):
        x = load(s, k)
        falls = ~to_mask(x > shift_up(before, x, 1))
        code = fill_up(load(scratch.time, k), falls, code_from)
        reached = fill_up(bits(load(scratch.reach, k)), falls, reach_from)
        share = explained(x, from_bits(reached), code, to_floats(lanes() + k), tables)
        store(tonal, k, max(load(tonal, k), share))
        before, code_from, reach_from = x, last(code), last(reached)


@internal
def fill_up(value: Vector, keep: Vector, arriving: Vector) -> Vector:
    """Where ``keep`` is -1, the value of the next bin below where it is 0; ``arriving`` is that before the first."""
    all_ = ints(-1)
    value = either(keep, shift_up(value, value, 1), value)
    keep = keep & shift_up(all_, keep, 1)
    value = either(keep, shift_up(value, value, 2), value)
    keep = keep & shift_up(all_, keep, 2)
    value = either(keep, shift_up(value, value, 4), value)
    keep = keep & shift_up(all_, keep, 4)
    value = either(keep, shift_up(value, value, 8), value)
    keep = keep & shift_up(all_, keep, 8)
    return either(keep, arriving, value)


@internal
def fill_down(value: Vector, keep: Vector, arriving: Vector) -> Vector:
    """As ``fill_up`` from above."""
    all_ = ints(-1)
    value = either(keep, shift_down(value, value, 1), value)
    keep = keep & shift_down(keep, all_, 1)
    value = either(keep, shift_down(value, value, 2), value)
    keep = keep & shift_down(keep, all_, 2)
    value = either(keep, shift_down(value, value, 4), value)
    keep = keep & shift_down(keep, all_, 4)
    value = either(keep, shift_down(value, value, 8), value)
    keep = keep & shift_down(keep, all_, 8)
    return either(keep, arriving, value)


@internal
def peak_weight(
    x: Vector, below: Vector, above: Vector, left: Vector, right: Vector, bin_: Vector, end: int, tables: KernelTables
) -> Vector:
    """Weight 0-1 of every local maximum by its height over its valleys (bits of magnitudes), 0 elsewhere."""
    # beyond 0 and Nyquist the spectrum is its own mirror image, so there is one valley
    low_foot = from_bits(select(bin_ < 1, right, left))
    high_foot = from_bits(select(bin_ < end, right, left))
    height = x / math.sqrt(low_foot * high_foot + _TINY * _TINY) - tables.peak_low
    height = min(max(height / (tables.peak_high - tables.peak_low), _f(0)), _f(1))
    return select((x > below) & (x >= above), height, _f(0))


@public
def inverse_lobe(x: Vector, tables: KernelTables) -> Vector:
    """W(0) / W(x) of the window's main lobe at x bins, at most 1 / LOBE_FLOOR."""
    fit = tables.lobe
    z = x * x
    return min(_f(1) + z * (fit.c1 + z * (fit.c2 + z * (fit.c3 + z * fit.c4))), fit.limit)


@internal
def explained(x: Vector, reach: Vector, code: Vector, bin_: Vector, tables: KernelTables) -> Vector:
    """Share that the handed-down lobe has in each bin."""
    distance = bin_ - to_floats(code >> 8) * _f(1 / _CODE_POSITION)
    weight = to_floats(code & 255) * _f(1 / _CODE_WEIGHT)
    return min(reach / ((x + _TINY) * inverse_lobe(distance, tables)), _f(1)) * weight
