"""Movement through a note's sustain: back and forth between random turning points (compiled).

A loop that turns only at the loop marks repeats, and a listener hears the repetition. With a new random turning point
each time, nothing repeats in the same order, and the sound keeps its own speed.
"""

import numpy as np
from numpy.typing import NDArray

from synth_app.engine.control.lfo import hash_random
from synth_app.support.kernels import internal, public

Float64s = NDArray[np.float64]
_SHORTEST_LEG = 0.25  # as a fraction of the sustain: shorter legs would flutter


@internal
def _next_turning_point(position: float, low: float, high: float, uniform: float) -> float:
    """Return a point at least a shortest leg away; ``uniform`` in [0, 1) chooses evenly among these points."""
    leg = _SHORTEST_LEG * (high - low)
    below, above = max(position - leg - low, 0.0), max(high - position - leg, 0.0)
    x = uniform * (below + above)
    return low + x if x < below else position + leg + (x - below)


@public
def advance_in_loop(
    position: Float64s, turning_point: Float64s, turns: NDArray[np.int64], low: float, high: float, frames: float,
    seed: int,
) -> None:  # fmt: skip
    """Move a reading position on, in place.

    Args:
        position, turning_point: float64 [1], in frames: where the note is read, and where the direction changes next.
        turns: int64 [1], changes of direction so far.
        low, high: ends of the sustain, in frames. A position outside starts at the nearer end.
        frames: distance to move.
        seed: of the turning points.
    """
    span = high - low
    position[0] = min(max(position[0], low), high)
    if span <= 0.0:
        return
    turning_point[0] = min(max(turning_point[0], low), high)
    left = min(frames, 4.0 * span)  # more than the distance between any two frames
    while left > abs(turning_point[0] - position[0]):
        left -= abs(turning_point[0] - position[0])
        position[0] = turning_point[0]
        turns[0] += 1
        turning_point[0] = _next_turning_point(position[0], low, high, 0.5 * (1.0 + hash_random(seed, turns[0])))
    position[0] += left if turning_point[0] > position[0] else -left
