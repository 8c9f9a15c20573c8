"""From a room's size, decay and damping to the lengths and losses of its delay lines."""

import math
from typing import Final, NamedTuple

import numpy as np

from synth_app.effects.steps import Floats, Ints

LINES: Final = 16
CORNER_HZ: Final = 5000.0  # about which damping sets in
_STATED_HZ = 1000.0  # where the decay time is what the knob says
# Samples at 48 kHz and size 1, prime, evenly spread in pitch: 29 to 97 ms, together 0.9 s, so 0.9 modes per hertz.
_LENGTHS: Floats = np.array(
    [1399, 1511, 1637, 1777, 1931, 2087, 2267, 2459, 2663, 2887, 3121, 3389, 3671, 3967, 4297, 4663], np.float64
)
# Neighbours in length are kept apart, so that both sides have short and long lines. A line's side is its last bit.
_ORDER = (0, 1, 3, 2, 4, 5, 7, 6, 9, 8, 10, 11, 13, 12, 14, 15)
DIFFUSERS: Ints = np.array([[229, 173, 613, 449], [239, 181, 593, 433]], np.int64)  # all-passes, left and right
_SMALLEST, _LARGEST = 0.4, 2.4  # times these lengths
_REFERENCE_S = 2.0  # decay at which the room is as loud as what is sent
_STRONGEST_DAMPING = 15.0  # highest frequencies die away that many times as fast as the lowest


class ReverbRoom(NamedTuple):
    """What the network needs.

    Attributes:
        level: gain of the wet sound.
        lengths: float64 [16], samples.
        gains: float64 [16], below 1.
        muffles: float64 [16], 0-1: how much of the low-passed signal takes the place of the signal.
    """

    level: float
    lengths: Floats
    gains: Floats
    muffles: Floats


def longest_line(rate: float) -> float:
    """Samples of the longest line of the largest room."""
    return float(_LENGTHS[-1]) * _LARGEST * rate / 48_000.0


def room(size: float, decay_s: float, damp: float, rate: float) -> ReverbRoom:
    """The network of a room.

    A line of d samples loses 60 d / (T60 rate) dB per pass. Its filter (1 - m) + m LP(z) loses more the higher the
    frequency, towards that of the shorter time T60 / 15^damp; its gain is set so that the time is exact at 1 kHz.

    Args:
        size: 0-1.
        decay_s: time until the room has fallen by 60 dB at 1 kHz.
        damp: 0-1.
        rate: Hz.
    """
    lengths = _LENGTHS[list(_ORDER)] * _SMALLEST * (_LARGEST / _SMALLEST) ** size * rate / 48_000.0
    passes = 3.0 * lengths / rate  # decades per pass, times seconds
    muffles = 1.0 - 10.0 ** (-passes / decay_s * (_STRONGEST_DAMPING**damp - 1.0))
    share = 1.0 - math.exp(-2.0 * math.pi * CORNER_HZ / rate)
    low_pass = share / (1.0 - (1.0 - share) * np.exp(-2j * np.pi * _STATED_HZ / rate))
    at_stated = np.abs(1.0 - muffles + muffles * low_pass)
    gains = 10.0 ** (-passes / decay_s) / at_stated
    level = math.sqrt(_evenness(passes, decay_s) * _evenness(passes, _REFERENCE_S))
    return ReverbRoom(level, lengths, gains, muffles)


def _evenness(passes: Floats, decay_s: float) -> float:
    """Gain that makes a steady noise as loud in the room as outside; its root grows less with the decay than that."""
    kept = float(np.mean(10.0 ** (-2.0 * passes / decay_s)))
    return math.sqrt((1.0 - kept) / kept)
