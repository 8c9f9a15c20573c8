"""LFO shapes in closed form: level as a function of time, without state (compiled)."""

import numpy as np
from numpy.typing import NDArray

from synth_app.patch.modulation_matrix import LFO_SHAPES, Point
from synth_app.support.kernels import public

SINE, TRIANGLE, SAW_UP, SAW_DOWN, SQUARE, SAMPLE_HOLD, RANDOM, DRAWN = range(len(LFO_SHAPES))
_STEP, _MIX_A, _MIX_B = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)
DRAWN_STEPS = 256  # of the table of a drawn cycle
_TO_UNIT = 2.0**-52  # 53 random bits to [0, 2)


@public
def hash_random(seed: int, count: int) -> float:
    """Return a random number in [-1, 1) that depends only on ``seed`` and ``count``.

    Two rounds of SplitMix64's finaliser (Steele, Lea & Flood, OOPSLA 2014).
    """
    x = np.uint64(seed) * _STEP
    x = (x ^ (x >> _S30)) * _MIX_A
    x = (x ^ (x >> _S27)) * _MIX_B
    x = (x ^ (x >> _S31)) + np.uint64(count) * _STEP + _STEP
    x = (x ^ (x >> _S30)) * _MIX_A
    x = (x ^ (x >> _S27)) * _MIX_B
    x = x ^ (x >> _S31)
    return np.float64(x >> _S11) * _TO_UNIT - 1.0


@public
def lfo_value(shape: int, turns: float, seed: int) -> float:
    """Return the level of an LFO, -1 to 1.

    Args:
        shape: index in ``LFO_SHAPES``; for ``DRAWN`` use ``drawn_value``.
        turns: cycles since the start, whole cycles included. Sine and triangle start at 0 and rise.
        seed: for the random shapes.
    """
    cycle = np.floor(turns)
    t = turns - cycle
    if shape == SINE:
        return np.sin(2.0 * np.pi * t)
    if shape == TRIANGLE:
        return 4.0 * abs((t + 0.75) % 1.0 - 0.5) - 1.0
    if shape == SAW_UP:
        return 2.0 * t - 1.0
    if shape == SAW_DOWN:
        return 1.0 - 2.0 * t
    if shape == SQUARE:
        return 1.0 if t < 0.5 else -1.0
    this_cycle = hash_random(seed, int(cycle))
    if shape == SAMPLE_HOLD:
        return this_cycle
    next_cycle = hash_random(seed, int(cycle) + 1)
    return this_cycle + (next_cycle - this_cycle) * t * t * (3.0 - 2.0 * t)


@public
def drawn_value(table: NDArray[np.float64], turns: float) -> float:
    """Return the level of a drawn LFO, -1 to 1.

    Args:
        table: float64 [DRAWN_STEPS + 1], levels at even steps over one cycle, both ends included.
        turns: cycles since the start, whole cycles included.
    """
    position = (turns - np.floor(turns)) * DRAWN_STEPS
    i = min(int(position), DRAWN_STEPS - 1)
    return table[i] + (position - i) * (table[i + 1] - table[i])


def drawn_table(points: tuple[Point, ...]) -> NDArray[np.float64]:
    """Return the table of a drawn cycle, float64 [DRAWN_STEPS + 1]; a jump takes one step."""
    turns, levels = zip(*points, strict=True)
    return np.interp(np.linspace(0.0, 1.0, DRAWN_STEPS + 1), turns, levels)
