"""What the phase stage does from bin to bin, sixteen bins at a time: values carried along as far as a mask lets them.

Every step from one bin to the next is a function of what arrives, and functions of these kinds are closed under
composition. So the steps of neighbours are composed, then of pairs, of fours and of eights (Hillis & Steele, "Data
parallel algorithms", 1986), and what arrives from the vector before is put in last.
"""

from synth_app.phase.state import Scratch
from synth_app.phase.tables import Int32s
from synth_app.phase.vectors import WIDTH, Vector, first, ints, last, load, shift_down, shift_up, store
from synth_app.support.kernels import internal


@internal
def add_up(step: Vector, keep: Vector, arriving: Vector) -> Vector:
    """``x[k] = (x[k-1] & keep[k]) + step[k]``, keep -1 or 0; ``arriving`` is x before the first."""
    none, all_ = ints(0), ints(-1)
    step = step + (shift_up(none, step, 1) & keep)
    keep = keep & shift_up(all_, keep, 1)
    step = step + (shift_up(none, step, 2) & keep)
    keep = keep & shift_up(all_, keep, 2)
    step = step + (shift_up(none, step, 4) & keep)
    keep = keep & shift_up(all_, keep, 4)
    step = step + (shift_up(none, step, 8) & keep)
    keep = keep & shift_up(all_, keep, 8)
    return step + (arriving & keep)


@internal
def add_down(step: Vector, keep: Vector, arriving: Vector) -> Vector:
    """As ``add_up`` from above: ``x[k] = (x[k+1] & keep[k]) + step[k]``."""
    none, all_ = ints(0), ints(-1)
    step = step + (shift_down(step, none, 1) & keep)
    keep = keep & shift_down(keep, all_, 1)
    step = step + (shift_down(step, none, 2) & keep)
    keep = keep & shift_down(keep, all_, 2)
    step = step + (shift_down(step, none, 4) & keep)
    keep = keep & shift_down(keep, all_, 4)
    step = step + (shift_down(step, none, 8) & keep)
    keep = keep & shift_down(keep, all_, 8)
    return step + (arriving & keep)


@internal
def clamp_up(most: Vector, least: Vector, arriving: Vector) -> Vector:
    """``x[k] = max(min(x[k-1], most[k]), least[k])``; ``arriving`` is x before the first."""
    low, high = ints(-0x80000000), ints(0x7FFFFFFF)
    least = max(least, min(shift_up(low, least, 1), most))
    most = min(most, shift_up(high, most, 1))
    least = max(least, min(shift_up(low, least, 2), most))
    most = min(most, shift_up(high, most, 2))
    least = max(least, min(shift_up(low, least, 4), most))
    most = min(most, shift_up(high, most, 4))
    least = max(least, min(shift_up(low, least, 8), most))
    most = min(most, shift_up(high, most, 8))
    return max(least, min(arriving, most))


@internal
def clamp_down(most: Vector, least: Vector, arriving: Vector) -> Vector:
    """As ``clamp_up`` from above: ``x[k] = max(min(x[k+1], most[k]), least[k])``."""
    low, high = ints(-0x80000000), ints(0x7FFFFFFF)
    least = max(least, min(shift_down(least, low, 1), most))
    most = min(most, shift_down(most, high, 1))
    least = max(least, min(shift_down(least, low, 2), most))
    most = min(most, shift_down(most, high, 2))
    least = max(least, min(shift_down(least, low, 4), most))
    most = min(most, shift_down(most, high, 4))
    least = max(least, min(shift_down(least, low, 8), most))
    most = min(most, shift_down(most, high, 8))
    return max(least, min(arriving, most))


@internal
def either(mask: Vector, yes: Vector, no: Vector) -> Vector:
    """``yes`` where the mask is -1, ``no`` where it is 0."""
    return (mask & yes) | (~mask & no)


@internal
def propagate(scratch: Scratch, phase: Int32s) -> None:
    """Carry phases along the directions in the scratch (``from_below``, ``from_above``, ``time``, ``side``).

    A bin led from below never stands beside one that it leads from above, so both chains start from time
    steps only and do not need each other. The outermost bins must not be led from outside.
    """
    from_below, from_above, time, side = scratch.from_below, scratch.from_above, scratch.time, scratch.side
    down, n = scratch.right, phase.shape[0]
    arriving, after = ints(0), ints(0)
    for k in range((n - 1) // WIDTH * WIDTH, -1, -WIDTH):
        keep, step = load(from_above, k), load(side, k)
        value = add_down(either(keep, -shift_down(step, after, 1), load(time, k)), keep, arriving)
        store(down, k, value)
        arriving, after = first(value), step
    arriving = ints(0)
    for k in range(0, n, WIDTH):
        keep = load(from_below, k)
        value = add_up(either(keep, load(side, k), load(time, k)), keep, arriving)
        arriving = last(value)
        store(phase, k, either(load(from_above, k), load(down, k), value))
