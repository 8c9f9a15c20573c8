"""Chorus: two copies per side whose delays swing slowly, like several players."""

import math
from typing import NamedTuple

import numpy as np

from synth_app.effects.glides import Coefficients, Tail
from synth_app.effects.processor import TailProcessor
from synth_app.effects.sample_kernels import (
    DRY,
    MOVING,
    POSITION,
    SEND,
    Floats,
    Glides,
    Ints,
    Samples,
    asleep,
    fade_gain,
    falls_asleep,
    glide,
    oscillate,
    read_fractional,
)
from synth_app.params import param_index
from synth_app.support.fast_dispatch import FastDispatch
from synth_app.support.kernels import public

_ON, _RATE, _DEPTH_MS, _MIX = map(param_index, ("chorus_on", "chorus_rate_hz", "chorus_depth_ms", "chorus_mix"))
_STEP, _DEPTH = 2, 3  # positions in the values: LFO step, depth in samples
_SIZE = 2048
_CENTRES_S = (0.0090, 0.0143, 0.0107, 0.0161)  # left, left, right, right
_COPY_GAIN = math.sqrt(0.5)  # two copies together have the power of one
_f = np.float32


class ChorusState(NamedTuple):
    """Memory of the chorus.

    Attributes:
        lines: float32 [2, size], rings of the samples sent.
        circle: float64 [2], sine and cosine of the LFO.
        centres: float64 [4], mean delays of the copies in samples.
    """

    lines: Samples
    circle: Floats
    centres: Floats


@public
def chorus(out: Samples, glides: Glides, status: Ints, state: ChorusState) -> None:
    """Add the copies in place.

    Args:
        out: float32 [n, 2].
        glides: dry and sent gain, LFO step, depth in samples.
        status: int64, as in ``Tail``.
        state: changed.
    """
    values, lines, circle, centres = glides.now, state.lines, state.circle, state.centres
    mask = lines.shape[1] - 1
    for i in range(out.shape[0]):
        left, right = out[i, 0], out[i, 1]
        if asleep(left, right, glides, status):
            continue
        if status[MOVING]:
            status[MOVING] = glide(glides)
        at = status[POSITION]
        sent_left, sent_right = values[SEND] * left, values[SEND] * right
        lines[0, at & mask], lines[1, at & mask] = sent_left, sent_right
        oscillate(circle, values[_STEP])
        sine, cosine, gain = values[_DEPTH] * circle[0], values[_DEPTH] * circle[1], _COPY_GAIN * fade_gain(status)
        wet_left = gain * (
            read_fractional(lines[0], at, centres[0] + sine) + read_fractional(lines[0], at, centres[1] - sine)
        )
        wet_right = gain * (
            read_fractional(lines[1], at, centres[2] + cosine) + read_fractional(lines[1], at, centres[3] - cosine)
        )
        out[i, 0] = _f(values[DRY] * left + wet_left)
        out[i, 1] = _f(values[DRY] * right + wet_right)
        sent, tail = max(abs(sent_left), abs(sent_right)), max(abs(wet_left), abs(wet_right))
        if falls_asleep(sent, tail, lines.shape[1], status):
            lines[:] = _f(0.0)


class Chorus(TailProcessor):
    """Chorus of one stereo signal.

    Args:
        rate: sample rate in Hz.
        coefficients: smoothing coefficients of all parameters.
    """

    def __init__(self, rate: float, coefficients: Coefficients) -> None:
        self._rate = rate
        self.tail = Tail((coefficients[_RATE], coefficients[_DEPTH_MS]), coefficients[_MIX])
        lines = np.empty((2, _SIZE), np.float32)
        lines.fill(0.0)  # touches the memory now, not in the render thread
        self._state = ChorusState(lines, np.array([0.0, 1.0]), np.array(_CENTRES_S) * rate)
        self._run = FastDispatch(chorus)

    def set_targets(self, params: Floats, tempo_bpm: float) -> None:
        """As ``EffectProcessor.set_targets``."""

        def set_values(targets: Floats) -> None:
            targets[_STEP] = 2.0 * math.sin(math.pi * params[_RATE] / self._rate)
            targets[_DEPTH] = 1e-3 * params[_DEPTH_MS] * self._rate

        self.tail.set_targets(params[_MIX] if params[_ON] > 0.5 else 0.0, set_values)

    def process(self, out: Samples) -> None:
        """Change float32 [n, 2] in place."""
        if not self.tail.idle:
            self._run(out, self.tail.glides, self.tail.status, self._state)
