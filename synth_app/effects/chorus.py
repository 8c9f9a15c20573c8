"""Chorus: two copies per side whose delays swing slowly, so that the sound seems to come from several players."""

import math

import numpy as np

from synth_app.effects.steps import (
    DRY,
    MOVING,
    POSITION,
    SEND,
    Floats,
    Ints,
    Samples,
    asleep,
    between,
    glide,
    hush_gain,
    rests,
    swing,
)
from synth_app.effects.values import Smoothing, Tail
from synth_app.params import param_index
from synth_app.support.kernels import public

_ON, _RATE, _DEPTH_MS, _MIX = map(param_index, ("chorus_on", "chorus_rate_hz", "chorus_depth_ms", "chorus_mix"))
_STEP, _DEPTH = 2, 3  # places
_SIZE = 2048
_CENTRES_S = (0.0090, 0.0143, 0.0107, 0.0161)  # left, left, right, right
_EACH = math.sqrt(0.5)  # two copies together are as loud as one
_f = np.float32


@public
def chorus(
    out: Samples, lines: Samples, values: Floats, targets: Floats, shares: Floats, marks: Ints, circle: Floats,
    centres: Floats,
) -> None:  # fmt: skip
    """Add the swinging copies, in place.

    Args:
        out: float32 [n, 2].
        lines: float32 [2, size], what was sent.
        values, targets, shares, marks: as in ``Tail``; then the LFO's step, its depth in samples.
        circle: float64 [2], sine and cosine of the LFO.
        centres: float64 [4], delays about which the copies swing, samples.
    """
    mask = lines.shape[1] - 1
    for i in range(out.shape[0]):
        left, right = out[i, 0], out[i, 1]
        if asleep(left, right, values, targets, marks):
            continue
        if marks[MOVING]:
            marks[MOVING] = glide(values, targets, shares)
        at = marks[POSITION]
        into_left, into_right = values[SEND] * left, values[SEND] * right
        lines[0, at & mask], lines[1, at & mask] = into_left, into_right
        swing(circle, values[_STEP])
        sine, cosine, gain = values[_DEPTH] * circle[0], values[_DEPTH] * circle[1], _EACH * hush_gain(marks)
        wet_left = gain * (between(lines[0], at, centres[0] + sine) + between(lines[0], at, centres[1] - sine))
        wet_right = gain * (between(lines[1], at, centres[2] + cosine) + between(lines[1], at, centres[3] - cosine))
        out[i, 0] = _f(values[DRY] * left + wet_left)
        out[i, 1] = _f(values[DRY] * right + wet_right)
        if rests(max(abs(into_left), abs(into_right)), max(abs(wet_left), abs(wet_right)), lines.shape[1], marks):
            lines[:] = _f(0.0)


class Chorus:
    """The chorus of one stereo signal at ``rate`` Hz."""

    def __init__(self, rate: float, smoothing: Smoothing) -> None:
        self._rate = rate
        self.tail = Tail((smoothing[_RATE], smoothing[_DEPTH_MS]), smoothing[_MIX])
        self._lines = np.zeros((2, _SIZE), np.float32)
        self._lines.fill(0.0)
        self._circle = np.array([0.0, 1.0])
        self._centres = np.array(_CENTRES_S) * rate

    def aim(self, params: Floats) -> None:
        """Go to the parameters' values, in table order."""

        def tell(targets: Floats) -> None:
            targets[_STEP] = 2.0 * math.sin(math.pi * params[_RATE] / self._rate)
            targets[_DEPTH] = 1e-3 * params[_DEPTH_MS] * self._rate

        self.tail.aim(params[_MIX] if params[_ON] > 0.5 else 0.0, tell)

    def rest(self) -> bool:
        """Whether silence stays silence."""
        return self.tail.rest()

    def process(self, out: Samples) -> None:
        """Change float32 [n, 2] in place."""
        if not self.tail.idle:
            chorus(out, self._lines, *self.tail.values.arrays, self.tail.marks, self._circle, self._centres)
