"""Size, decay and damping of a room as lengths and losses of the reverb's delay lines."""

import math
from typing import Final, NamedTuple

import numpy as np

from synth_app.effects.sample_kernels import Floats, Ints

LINES: Final = 16
CORNER_HZ: Final = 5000.0  # of the lines' low-pass: damping begins around it
_STATED_HZ = 1000.0  # frequency at which the decay time is exact
# Samples at 48 kHz: prime, evenly spaced on a log scale, 29 to 97 ms, 0.9 s in total, so 0.9 modes per hertz.
_LENGTHS: Floats = np.array(
    [1399, 1511, 1637, 1777, 1931, 2087, 2267, 2459, 2663, 2887, 3121, 3389, 3671, 3967, 4297, 4663], np.float64
)
# Lines of similar length go to different sides, so that both sides have short and long lines. A line's side is its
# last bit.
_ORDER = (0, 1, 3, 2, 4, 5, 7, 6, 9, 8, 10, 11, 13, 12, 14, 15)
DIFFUSERS: Ints = np.array([[229, 173, 613, 449], [239, 181, 593, 433]], np.int64)  # all-passes, left and right
_SMALLEST, _LARGEST = 0.4, 2.4  # factors of these lengths at size 0 and 1
_REFERENCE_S = 2.0  # decay at which the wet signal is as loud as the signal sent
_STRONGEST_DAMPING = 15.0  # at full damping the highest frequencies decay this many times as fast as the lowest


class ReverbRoom(NamedTuple):
    """Settings of the network.

    Attributes:
        level: gain of the wet signal.
        lengths: float64 [16], samples.
        gains: float64 [16], below 1.
        damping: float64 [16], 0-1, weight of the low-passed signal; the unfiltered one has the rest.
    """

    level: float
    lengths: Floats
    gains: Floats
    damping: Floats


def longest_line(rate: float) -> float:
    """Return the length in samples of the longest line of the largest room."""
    return float(_LENGTHS[-1]) * _LARGEST * rate / 48_000.0


def reverb_room(size: float, decay_s: float, damp: float, rate: float) -> ReverbRoom:
    """Return the network's settings for a room.

    A line of d samples loses 60 d / (T60 rate) dB per pass. Its filter (1 - m) + m LP(z) adds a loss that rises with
    frequency, up to that of the shorter time T60 / 15^damp. Its gain is set so that the decay is exact at 1 kHz.

    Args:
        size: 0-1.
        decay_s: time in which the reverb falls by 60 dB at 1 kHz.
        damp: 0-1.
        rate: sample rate in Hz.
    """
    lengths = _LENGTHS[list(_ORDER)] * _SMALLEST * (_LARGEST / _SMALLEST) ** size * rate / 48_000.0
    passes = 3.0 * lengths / rate  # decades per pass, times seconds
    damping = 1.0 - 10.0 ** (-passes / decay_s * (_STRONGEST_DAMPING**damp - 1.0))
    coefficient = 1.0 - math.exp(-2.0 * math.pi * CORNER_HZ / rate)
    low_pass = coefficient / (1.0 - (1.0 - coefficient) * np.exp(-2j * np.pi * _STATED_HZ / rate))
    at_stated = np.abs(1.0 - damping + damping * low_pass)
    gains = 10.0 ** (-passes / decay_s) / at_stated
    level = math.sqrt(_steady_gain(passes, decay_s) * _steady_gain(passes, _REFERENCE_S))
    return ReverbRoom(level, lengths, gains, damping)


def _steady_gain(passes: Floats, decay_s: float) -> float:
    """Return the gain at which a steady noise is as loud in the room as outside.

    The caller takes the root of two of them, which grows more slowly with the decay.
    """
    remaining = float(np.mean(10.0 ** (-2.0 * passes / decay_s)))
    return math.sqrt((1.0 - remaining) / remaining)
