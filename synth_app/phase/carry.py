"""The one sequential operation of the phase stage: values carried along the bins as far as a mask lets them.

``x[k] = (x[k-1] & keep[k]) + step[k]`` with keep -1 (carry) or 0 (begin anew). Written with a mask it has no
branch to mispredict and two cycles of latency per bin; both directions run in one loop to hide even those.
"""

from synth_app.kernels import internal
from synth_app.phase.state import Scratch
from synth_app.phase.tables import Int32s


@internal
def carry(keep_up: Int32s, up: Int32s, keep_down: Int32s, down: Int32s) -> None:
    """Replace the steps in ``up`` by values carried from bin 0 upwards, in ``down`` from the last bin down.

    All are int32 [bins]; the outermost keeps are taken as 0.
    """
    last = up.shape[0] - 1
    rising = up[0]
    falling = down[last]
    for k in range(1, last + 1):
        rising = (rising & keep_up[k]) + up[k]
        up[k] = rising
        j = last - k
        falling = (falling & keep_down[j]) + down[j]
        down[j] = falling


@internal
def propagate(scratch: Scratch, phase: Int32s) -> None:
    """Carry phases along the directions in the scratch (``from_below``, ``from_above``, ``time``, ``side``).

    A bin led from below never stands beside one that it leads from above, so both chains start from time
    steps only and do not need each other.
    """
    from_below, from_above, time, side = scratch.from_below, scratch.from_above, scratch.time, scratch.side
    up, down = scratch.left, scratch.right
    last = phase.shape[0] - 1
    for k in range(last + 1):
        up[k] = side[k] if from_below[k] else time[k]
    for k in range(last):
        down[k] = -side[k + 1] if from_above[k] else time[k]
    down[last] = time[last]
    carry(from_below, up, from_above, down)
    for k in range(last + 1):
        phase[k] = down[k] if from_above[k] else up[k]
