"""Wandering through a note's sustain, back and forth between turning points drawn by chance (compiled).

Turned at the loop marks alone, a sustain would repeat for as long as a key is held, and be heard to. With other
turning points every time nothing comes back in the same order, while the sound moves at its own speed.
"""

import numpy as np
from numpy.typing import NDArray

from synth_app.engine.control.lfo import chance
from synth_app.support.kernels import internal, public

Float64s = NDArray[np.float64]
_SHORTEST = 0.25  # leg, as a share of the sustain: shorter ones would flutter


@internal
def _next_goal(at: float, low: float, high: float, drawn: float) -> float:
    """A turning point at least a short leg away, ``drawn`` in [0, 1) evenly among those that are."""
    leg = _SHORTEST * (high - low)
    below, above = max(at - leg - low, 0.0), max(high - at - leg, 0.0)
    x = drawn * (below + above)
    return low + x if x < below else at + leg + (x - below)


@public
def wander(
    place: Float64s, goal: Float64s, turns: NDArray[np.int64], low: float, high: float, frames: float, seed: int
) -> None:
    """Move on by ``frames`` frames.

    Args:
        place, goal: float64 [1], frames: where it is, and where it turns next. turns: int64 [1], turns so far.
        low, high: the sustain's ends. A place outside begins at the end next to it.
        frames: how far.
        seed: of the turning points.
    """
    span = high - low
    place[0] = min(max(place[0], low), high)
    if span <= 0.0:
        return
    goal[0] = min(max(goal[0], low), high)
    left = min(frames, 4.0 * span)  # farther than any frame is from the next
    while left > abs(goal[0] - place[0]):
        left -= abs(goal[0] - place[0])
        place[0] = goal[0]
        turns[0] += 1
        goal[0] = _next_goal(place[0], low, high, 0.5 * (1.0 + chance(seed, turns[0])))
    place[0] += left if goal[0] > place[0] else -left
