"""Delay.

Echoes at a time or a note value, on the same side or alternating, each with less treble than the one before.
"""

import math
from typing import NamedTuple

import numpy as np

from synth_app.effects.glides import Coefficients, Tail
from synth_app.effects.processor import TailProcessor
from synth_app.effects.sample_kernels import (
    DRY,
    MOVING,
    NEXT,
    NOW,
    POSITION,
    SEND,
    WANTED,
    Floats,
    Glides,
    Ints,
    Samples,
    advance_crossfade,
    asleep,
    crossfading_tap,
    fade_gain,
    falls_asleep,
    flushed,
    glide,
)
from synth_app.params import param, param_index
from synth_app.params.note_values import note_beats
from synth_app.support.fast_dispatch import FastDispatch
from synth_app.support.kernels import public

_ON, _TIME, _SYNC, _MIX = map(param_index, ("delay_on", "delay_time_s", "delay_sync", "delay_mix"))
_FEEDBACK_P, _DAMP_P, _WIDTH_P = map(param_index, ("delay_feedback", "delay_damp", "delay_width"))
_FEEDBACK, _DAMP, _WIDTH = 2, 3, 4  # positions in the values
_SIZE = 2**18
_LONGEST_S = param("delay_time_s").maximum
_DULLEST_HZ, _BRIGHTEST_HZ = 800.0, 20_000.0  # corner of the low-pass at full and at little damping
_LEFT_LOW, _RIGHT_LOW, _FADE = 0, 1, 2  # positions in the memory
_f = np.float32


def delay_seconds(params: Floats, tempo_bpm: float) -> float:
    """Return the time between echoes in s: the time set, or the note value at ``tempo_bpm``.

    A note value that is too long for the lines is halved until it fits.
    """
    choice = round(params[_SYNC])
    if choice == 0:
        return float(params[_TIME])
    seconds = 60.0 / tempo_bpm * note_beats(param("delay_sync").choices[choice])
    while seconds > _LONGEST_S:
        seconds *= 0.5
    return seconds


class DelayState(NamedTuple):
    """Memory of the delay.

    Attributes:
        lines: float32 [2, size], rings.
        memory: float64 [3], of the two low-passes, and the tap's crossfade.
    """

    lines: Samples
    memory: Floats


@public
def echo(out: Samples, glides: Glides, status: Ints, state: DelayState) -> None:
    """Add the echoes in place.

    At width 0 each side repeats itself. At width 1 both sides go into the left line, and the lines feed each other, so
    that echoes alternate. Values between mix both in proportion; the loop gain never exceeds the feedback. A change of
    the time crossfades from the old tap to the new one.

    Args:
        out: float32 [n, 2].
        glides: dry and sent gain, feedback 0-1, low-pass coefficient 0-1, width 0-1.
        status: int64, as in ``Tail``.
        state: changed.
    """
    values, lines, memory = glides.now, state.lines, state.memory
    mask = lines.shape[1] - 1
    for i in range(out.shape[0]):
        left, right = out[i, 0], out[i, 1]
        if asleep(left, right, glides, status):
            continue
        if status[MOVING]:
            status[MOVING] = glide(glides)
        damp, width, straight = values[_DAMP], values[_WIDTH], 1.0 - values[_WIDTH]
        for channel in range(2):
            delayed = crossfading_tap(lines[channel], memory[_FADE], status)
            memory[channel] = flushed(memory[channel] + damp * (delayed - memory[channel]))
        memory[_FADE] = advance_crossfade(memory[_FADE], status)
        wet_left, wet_right = memory[_LEFT_LOW], memory[_RIGHT_LOW]
        sent_left, sent_right = values[SEND] * left, values[SEND] * right
        feedback = values[_FEEDBACK]
        at = status[POSITION] & mask
        lines[0, at] = _f(
            straight * sent_left + width * math.sqrt(0.5) * (sent_left + sent_right)
            + feedback * (straight * wet_left + width * wet_right)
        )  # fmt: skip
        lines[1, at] = _f(straight * sent_right + feedback * (straight * wet_right + width * wet_left))
        gain = fade_gain(status)
        out[i, 0] = _f(values[DRY] * left + gain * wet_left)
        out[i, 1] = _f(values[DRY] * right + gain * wet_right)
        hold = 2 * max(status[NOW], status[NEXT]) + 4800
        sent, tail = max(abs(sent_left), abs(sent_right)), max(abs(wet_left), abs(wet_right))
        if falls_asleep(sent, tail, hold, status):
            memory[:] = 0.0


class Delay(TailProcessor):
    """Delay of one stereo signal.

    Args:
        rate: sample rate in Hz.
        coefficients: smoothing coefficients of all parameters.
    """

    def __init__(self, rate: float, coefficients: Coefficients) -> None:
        self._rate = rate
        glided = (coefficients[_FEEDBACK_P], coefficients[_DAMP_P], coefficients[_WIDTH_P])
        self.tail = Tail(glided, coefficients[_MIX])
        lines = np.empty((2, _SIZE), np.float32)
        lines.fill(0.0)  # touches the memory now, not in the render thread
        self._state = DelayState(lines, np.zeros(3))
        self._run = FastDispatch(echo)

    def set_targets(self, params: Floats, tempo_bpm: float) -> None:
        """As ``EffectProcessor.set_targets``."""

        def set_values(targets: Floats) -> None:
            targets[_FEEDBACK] = params[_FEEDBACK_P]
            targets[_DAMP] = self._low_pass_coefficient(params[_DAMP_P])
            targets[_WIDTH] = params[_WIDTH_P]
            self.tail.status[WANTED] = max(round(delay_seconds(params, tempo_bpm) * self._rate), 1)

        self.tail.set_targets(params[_MIX] if params[_ON] > 0.5 else 0.0, set_values)

    def process(self, out: Samples) -> None:
        """Change float32 [n, 2] in place."""
        if not self.tail.idle:
            self._run(out, self.tail.glides, self.tail.status, self._state)

    def _low_pass_coefficient(self, damp: float) -> float:
        """Return the coefficient of the one-pole low-pass; exactly 1, which passes everything, without damping."""
        if damp <= 0.0:
            return 1.0
        corner_hz = _BRIGHTEST_HZ * (_DULLEST_HZ / _BRIGHTEST_HZ) ** damp
        return 1.0 - math.exp(-2.0 * math.pi * corner_hz / self._rate)
