"""Compiled steps that all effects take in every sample: glide values, wake and sleep, read delay lines.

An effect with a tail sends ``SEND`` times the input into its lines and adds their output to ``DRY`` times the input.
When it is switched off, both values glide, to 0 and 1. The tail rings out, and then the effect sleeps.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from synth_app.support.kernels import internal

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Samples = NDArray[np.float32]
_f = np.float32

DRY, SEND = 0, 1  # positions in the values of an effect with a tail
AWAKE, QUIET, POSITION, AGE, FADE_LEFT = 0, 1, 2, 3, 4  # positions in its status
NOW, NEXT, WANTED = 5, 6, 7  # delays in samples of a tap that crossfades to another delay
MOVING = 8  # whether any value may still be gliding
STATUS_SIZE: Final = 9
SILENT = 1e-7  # -140 dB re full scale: below the last of 24 bits
FADE_SAMPLES = 3072  # 64 ms at 48 kHz: at least as long as the fade of the voices after a panic
_CROSSFADE_STEP = 1.0 / 2400.0  # of a tap's crossfade per sample: 50 ms at 48 kHz
_SETTLED = 1e-9  # a value this close to its target is set to it
_ONE, _TWO = np.uint64(1), np.uint64(2)
_NEGLIGIBLE = 1e-25  # a filter's memory below it is cleared, long before it becomes a denormal number


class Glides(NamedTuple):
    """Values that glide to their targets by one-pole smoothing, float64 [n] each.

    Attributes:
        now: present values.
        targets: where they go.
        coefficients: fraction of the distance to the target per sample, 0-1.
    """

    now: Floats
    targets: Floats
    coefficients: Floats


@internal
def glide(glides: Glides) -> bool:
    """Move values by one sample; they reach their targets exactly. Return whether any is still moving."""
    now, targets = glides.now, glides.targets
    moving = False
    for k in range(now.shape[0]):
        distance = targets[k] - now[k]
        if abs(distance) < _SETTLED:
            now[k] = targets[k]
        else:
            now[k] += glides.coefficients[k] * distance
            moving = True
    return moving


@internal
def asleep(left: float, right: float, glides: Glides, status: Ints) -> bool:
    """Return whether an effect with a tail sleeps through this sample; an audible sample wakes it.

    During sleep all values jump to their targets. Only the mix glides if the effect wakes under a sound.
    """
    if status[AWAKE]:
        return False
    now, targets = glides.now, glides.targets
    if targets[SEND] == 0.0 or max(abs(left), abs(right)) < SILENT:
        now[DRY], now[SEND] = targets[DRY], targets[SEND]
        return True
    for k in range(SEND + 1, now.shape[0]):
        now[k] = targets[k]
    status[AWAKE], status[QUIET], status[AGE], status[FADE_LEFT] = 1, 0, 0, 0
    status[NOW] = status[NEXT] = status[WANTED]
    return False


@internal
def falls_asleep(sent: float, tail: float, hold: int, status: Ints) -> bool:
    """Count silent samples. Return whether the effect sleeps from the next sample on and must clear its lines.

    Args:
        sent, tail: magnitudes of the effect's input and output.
        hold: samples for which a sound may be inside the lines without being audible.
        status: of the effect, changed.
    """
    status[QUIET] = 0 if max(sent, tail) >= SILENT else status[QUIET] + 1
    status[POSITION] += 1
    status[AGE] += 1
    if status[FADE_LEFT] > 0:
        status[FADE_LEFT] -= 1
        if status[FADE_LEFT] == 0:
            status[QUIET] = hold + 1
    if status[QUIET] > hold:
        status[AWAKE] = 0
        return True
    return False


@internal
def fade_gain(status: Ints) -> float:
    """Return the gain of the tail: 1, or less while it fades out after a panic."""
    return status[FADE_LEFT] / FADE_SAMPLES if status[FADE_LEFT] > 0 else 1.0


@internal
def flushed(value: float) -> float:
    """Return the value, or 0 if it is negligible."""
    return 0.0 if abs(value) < _NEGLIGIBLE else value


@internal
def tap(line: Samples, delay: int, status: Ints) -> float:
    """Read the sample written ``delay`` samples before the present ``POSITION``; 0 from before the effect woke.

    Args:
        line: float32 [size], a ring whose size is a power of two.
        delay: 1 or more, less than the ring's size.
        status: of the effect.
    """
    if delay > status[AGE]:
        return 0.0
    return line[(status[POSITION] - delay) & (line.shape[0] - 1)]


@internal
def crossfading_tap(line: Samples, fade: float, status: Ints) -> float:
    """Read the tap at ``NOW``, crossfaded with the one at ``NEXT`` if ``fade``, 0-1, is above 0."""
    value = tap(line, status[NOW], status)
    if fade > 0.0:
        weight = fade * fade * (3.0 - 2.0 * fade)
        value += weight * (tap(line, status[NEXT], status) - value)
    return value


@internal
def advance_crossfade(fade: float, status: Ints) -> float:
    """Advance a tap's crossfade by one sample, or begin one if another delay is wanted. Return the new fade."""
    if fade == 0.0:
        if status[WANTED] == status[NOW]:
            return 0.0
        status[NEXT] = status[WANTED]
    fade += _CROSSFADE_STEP
    if fade >= 1.0:
        status[NOW] = status[NEXT]
        return 0.0
    return fade


@internal
def read_fractional(line: Samples, position: int, delay: float) -> float:
    """Read the value ``delay`` samples before ``position``, by third-order Lagrange interpolation.

    In its middle interval the interpolator's magnitude never exceeds 1, so a feedback loop around it stays stable.
    Source: Laakso, Valimaki, Karjalainen & Laine (1996), "Splitting the unit delay", IEEE Signal Processing Magazine
    13(1).

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
def oscillate(circle: Floats, step: float) -> None:
    """Advance a pair of sine and cosine by one sample; ``step`` is 2 sin(pi f / rate).

    Source: Gordon & Smith (1985), "A sine generation algorithm for VLSI applications", ICMC: the "magic circle". Its
    amplitude stays constant.
    """
    circle[0] += step * circle[1]
    circle[1] -= step * circle[0]
