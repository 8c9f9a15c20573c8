"""What every effect does in every sample: glide its numbers, wake, sleep, read between samples (compiled).

An effect with a tail feeds it through ``SEND`` and adds it to ``DRY`` times the input. Switching it off lets both
glide, to 0 and 1; what is in the tail rings out, and then the effect sleeps.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from synth_app.support.kernels import internal

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Samples = NDArray[np.float32]
_f = np.float32

DRY, SEND = 0, 1  # places in the values of an effect with a tail
AWAKE, QUIET, POSITION, AGE, HUSH = 0, 1, 2, 3, 4  # places in its marks
NOW, NEXT, WANTED = 5, 6, 7  # delays of a tap that crosses over, in samples
MOVING = 8  # whether any value may still be on its way
MARKS: Final = 9
SILENT = 1e-7  # -140 dB re full scale: below the last of 24 bits
HUSH_SAMPLES = 3072  # 64 ms at 48 kHz: no shorter than a panic's own fade
_CROSS = 1.0 / 2400.0  # share of a tap's crossfade per sample: 50 ms at 48 kHz
_SETTLED = 1e-9  # a value this near to its target is there
_ONE, _TWO = np.uint64(1), np.uint64(2)
_NOTHING = 1e-25  # what a filter's memory is emptied at, long before it becomes a denormal number


@internal
def glide(values: Floats, targets: Floats, shares: Floats) -> bool:
    """One sample of one-pole glides, exactly at their targets in the end; whether any is still on its way."""
    moving = False
    for k in range(values.shape[0]):
        way = targets[k] - values[k]
        if abs(way) < _SETTLED:
            values[k] = targets[k]
        else:
            values[k] += shares[k] * way
            moving = True
    return moving


@internal
def asleep(left: float, right: float, values: Floats, targets: Floats, marks: Ints) -> bool:
    """Whether an effect with a tail sleeps through this sample; wakes it where there is something to hear.

    While nothing is heard all its numbers jump to their targets; only its mix glides if it wakes under a sound.
    """
    if marks[AWAKE]:
        return False
    if targets[SEND] == 0.0 or max(abs(left), abs(right)) < SILENT:
        values[DRY], values[SEND] = targets[DRY], targets[SEND]
        return True
    for k in range(SEND + 1, values.shape[0]):
        values[k] = targets[k]
    marks[AWAKE], marks[QUIET], marks[AGE], marks[HUSH] = 1, 0, 0, 0
    marks[NOW] = marks[NEXT] = marks[WANTED]
    return False


@internal
def rests(into: float, tail: float, hold: int, marks: Ints) -> bool:
    """Count silence; whether the effect may sleep from the next sample on, and must forget what it holds.

    Args:
        into, tail: magnitudes of what goes in and comes out.
        hold: samples for which something may be under way unheard.
        marks: of the effect.
    """
    marks[QUIET] = 0 if max(into, tail) >= SILENT else marks[QUIET] + 1
    marks[POSITION] += 1
    marks[AGE] += 1
    if marks[HUSH] > 0:
        marks[HUSH] -= 1
        if marks[HUSH] == 0:
            marks[QUIET] = hold + 1
    if marks[QUIET] > hold:
        marks[AWAKE] = 0
        return True
    return False


@internal
def hush_gain(marks: Ints) -> float:
    """Gain of the tail: 1, or on its way down after a panic."""
    return marks[HUSH] / HUSH_SAMPLES if marks[HUSH] > 0 else 1.0


@internal
def flushed(value: float) -> float:
    """The value, or 0 where it is next to nothing."""
    return 0.0 if abs(value) < _NOTHING else value


@internal
def tap(line: Samples, delay: int, marks: Ints) -> float:
    """What was written ``delay`` samples before the present one (``POSITION``); 0 from before the effect woke.

    Args:
        line: float32 [size], a ring whose size is a power of two.
        delay: 1 or more, less than the ring's size.
        marks: of the effect.
    """
    if delay > marks[AGE]:
        return 0.0
    return line[(marks[POSITION] - delay) & (line.shape[0] - 1)]


@internal
def crossing_tap(line: Samples, fade: float, marks: Ints) -> float:
    """The tap at ``NOW``, or between it and the one at ``NEXT``, at ``fade`` of the way (0-1)."""
    value = tap(line, marks[NOW], marks)
    if fade > 0.0:
        share = fade * fade * (3.0 - 2.0 * fade)
        value += share * (tap(line, marks[NEXT], marks) - value)
    return value


@internal
def cross_on(fade: float, marks: Ints) -> float:
    """Move a tap's crossfade on by one sample; begin one where another delay is wanted. Returns the fade."""
    if fade == 0.0:
        if marks[WANTED] == marks[NOW]:
            return 0.0
        marks[NEXT] = marks[WANTED]
    fade += _CROSS
    if fade >= 1.0:
        marks[NOW] = marks[NEXT]
        return 0.0
    return fade


@internal
def between(line: Samples, position: int, delay: float) -> float:
    """What was written ``delay`` samples before ``position``, by third-order Lagrange interpolation.

    In its middle interval its magnitude is never above 1, so that a loop around it stays stable. Source: Laakso,
    Valimaki, Karjalainen & Laine (1996), "Splitting the unit delay", IEEE Signal Processing Magazine 13(1).

    Args:
        line: float32 [size], a ring whose size is a power of two.
        position: of the present sample.
        delay: 2 or more, less than the ring's size by 3.
    """
    whole = int(delay)
    d = delay - whole
    mask, at = np.uint64(line.shape[0] - 1), np.uint64(position - whole)  # unsigned: no check for indices below 0
    newer, here = line[(at + _ONE) & mask], line[at & mask]
    older, oldest = line[(at - _ONE) & mask], line[(at - _TWO) & mask]
    inner, outer = d * (d - 1.0), (d + 1.0) * (d - 2.0)
    return inner * (1.0 / 6.0) * ((d + 1.0) * oldest - (d - 2.0) * newer) + 0.5 * outer * ((d - 1.0) * here - d * older)


@internal
def swing(circle: Floats, step: float) -> None:
    """Turn a pair of sine and cosine by one sample, where ``step`` is 2 sin(pi * hertz / rate).

    Source: Gordon & Smith (1985), "A sine generation algorithm for VLSI applications", ICMC: the "magic circle",
    whose amplitude stays what it is.
    """
    circle[0] += step * circle[1]
    circle[1] -= step * circle[0]
