"""Recurrences from bin to bin, computed for sixteen bins at a time by parallel scans.

Every step from one bin to the next is a function of the value carried in, and functions of these kinds are closed under
composition. So the steps of neighbours are composed, then those of pairs, of fours and of eights (Hillis & Steele,
"Data parallel algorithms", 1986). The value carried in from the vector before is applied last.
"""

from synth_app.phase.state import Scratch
from synth_app.phase.tables import Int32s
from synth_app.phase.vectors import WIDTH, Vector, first, ints, last, load, shift_down, shift_up, store
from synth_app.support.kernels import internal


@internal
def add_up(step: Vector, mask: Vector, carry_in: Vector) -> Vector:
    """Compute ``x[k] = (x[k-1] & mask[k]) + step[k]``, mask -1 or 0; ``carry_in`` is x before the first bin."""
    none, all_set = ints(0), ints(-1)
    step = step + (shift_up(none, step, 1) & mask)
    mask = mask & shift_up(all_set, mask, 1)
    step = step + (shift_up(none, step, 2) & mask)
    mask = mask & shift_up(all_set, mask, 2)
    step = step + (shift_up(none, step, 4) & mask)
    mask = mask & shift_up(all_set, mask, 4)
    step = step + (shift_up(none, step, 8) & mask)
    mask = mask & shift_up(all_set, mask, 8)
    return step + (carry_in & mask)


@internal
def add_down(step: Vector, mask: Vector, carry_in: Vector) -> Vector:
    """Compute ``add_up`` from above: ``x[k] = (x[k+1] & mask[k]) + step[k]``."""
    none, all_set = ints(0), ints(-1)
    step = step + (shift_down(step, none, 1) & mask)
    mask = mask & shift_down(mask, all_set, 1)
    step = step + (shift_down(step, none, 2) & mask)
    mask = mask & shift_down(mask, all_set, 2)
    step = step + (shift_down(step, none, 4) & mask)
    mask = mask & shift_down(mask, all_set, 4)
    step = step + (shift_down(step, none, 8) & mask)
    mask = mask & shift_down(mask, all_set, 8)
    return step + (carry_in & mask)


@internal
def clamp_up(most: Vector, least: Vector, carry_in: Vector) -> Vector:
    """Compute ``x[k] = max(min(x[k-1], most[k]), least[k])``; ``carry_in`` is x before the first bin."""
    low, high = ints(-0x80000000), ints(0x7FFFFFFF)
    least = max(least, min(shift_up(low, least, 1), most))
    most = min(most, shift_up(high, most, 1))
    least = max(least, min(shift_up(low, least, 2), most))
    most = min(most, shift_up(high, most, 2))
    least = max(least, min(shift_up(low, least, 4), most))
    most = min(most, shift_up(high, most, 4))
    least = max(least, min(shift_up(low, least, 8), most))
    most = min(most, shift_up(high, most, 8))
    return max(least, min(carry_in, most))


@internal
def clamp_down(most: Vector, least: Vector, carry_in: Vector) -> Vector:
    """Compute ``clamp_up`` from above: ``x[k] = max(min(x[k+1], most[k]), least[k])``."""
    low, high = ints(-0x80000000), ints(0x7FFFFFFF)
    least = max(least, min(shift_down(least, low, 1), most))
    most = min(most, shift_down(most, high, 1))
    least = max(least, min(shift_down(least, low, 2), most))
    most = min(most, shift_down(most, high, 2))
    least = max(least, min(shift_down(least, low, 4), most))
    most = min(most, shift_down(most, high, 4))
    least = max(least, min(shift_down(least, low, 8), most))
    most = min(most, shift_down(most, high, 8))
    return max(least, min(carry_in, most))


@internal
def either(mask: Vector, yes: Vector, no: Vector) -> Vector:
    """Select ``yes`` where the mask is -1, ``no`` where it is 0."""
    return (mask & yes) | (~mask & no)


@internal
def propagate(scratch: Scratch, phase: Int32s) -> None:
    """Propagate phases along the directions in the scratch (``from_below``, ``from_above``, ``time``, ``side``).

    A bin that takes its phase from below never passes it down, so both chains start from time steps and are
    independent. The outermost bins must not take their phase from outside.
    """
    from_below, from_above, time, side = scratch.from_below, scratch.from_above, scratch.time, scratch.side
    down, n = scratch.right, phase.shape[0]
    carry_in, after = ints(0), ints(0)
    for k in range((n - 1) // WIDTH * WIDTH, -1, -WIDTH):
        mask, step = load(from_above, k), load(side, k)
        value = add_down(either(mask, -shift_down(step, after, 1), load(time, k)), mask, carry_in)
        store(down, k, value)
        carry_in, after = first(value), step
    carry_in = ints(0)
    for k in range(0, n, WIDTH):
        mask = load(from_below, k)
        value = add_up(either(mask, load(side, k), load(time, k)), mask, carry_in)
        carry_in = last(value)
        store(phase, k, either(load(from_above, k), load(down, k), value))
