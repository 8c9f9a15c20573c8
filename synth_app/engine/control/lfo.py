"""Shapes over time: what an LFO and an envelope are at one moment, in closed form (compiled)."""

import numpy as np

from synth_app.patch.modulation_matrix import LFO_SHAPES
from synth_app.support.kernels import internal, public

SINE, TRIANGLE, SAW_UP, SAW_DOWN, SQUARE, SAMPLE_HOLD, RANDOM = range(len(LFO_SHAPES))
_STEP, _MIX_A, _MIX_B = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)
_TO_UNIT = 2.0**-52  # 53 random bits to [0, 2)


@public
def chance(seed: int, count: int) -> float:
    """A number in [-1, 1), the same for the same seed and count, unrelated to those of all others.

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
    """An LFO, -1 to 1.

    Args:
        shape: place in ``LFO_SHAPES``.
        turns: cycles since its beginning, whole ones included. Sine and triangle begin at 0 and rise.
        seed: of the shapes that are made by chance.
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
    here = chance(seed, int(cycle))
    if shape == SAMPLE_HOLD:
        return here
    there = chance(seed, int(cycle) + 1)
    return here + (there - here) * t * t * (3.0 - 2.0 * t)


@internal
def _held(elapsed_s: float, attack_s: float, decay_s: float, sustain: float) -> float:
    if elapsed_s < attack_s:
        return elapsed_s / attack_s
    return sustain + (1.0 - sustain) * np.exp(-4.605 * (elapsed_s - attack_s) / decay_s)


@public
def adsr(
    elapsed_s: float, released_s: float, attack_s: float, decay_s: float, sustain: float, release_s: float
) -> float:
    """An envelope, 0 to 1, as ``path.envelope`` but without any state.

    Args:
        elapsed_s: since the key went down. released_s: since it came up, negative while it is down.
        attack_s, decay_s, release_s: linear attack; decay over 99 %, release over 99.9 % of the way.
        sustain: level while the key is held.
    """
    if released_s <= 0.0:
        return _held(elapsed_s, attack_s, decay_s, sustain)
    return _held(elapsed_s - released_s, attack_s, decay_s, sustain) * np.exp(-6.9078 * released_s / release_s)
