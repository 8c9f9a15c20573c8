"""Delay: echoes at a time or a note value, straight or from side to side, duller with every round."""

import math

import numpy as np

from synth_app.effects.steps import (
    DRY,
    MOVING,
    NEXT,
    NOW,
    POSITION,
    SEND,
    WANTED,
    Floats,
    Ints,
    Samples,
    asleep,
    cross_on,
    crossing_tap,
    flushed,
    glide,
    hush_gain,
    rests,
)
from synth_app.effects.values import Smoothing, Tail
from synth_app.params import param, param_index
from synth_app.params.note_values import note_beats
from synth_app.support.kernels import public

_ON, _TIME, _SYNC, _MIX = map(param_index, ("delay_on", "delay_time_s", "delay_sync", "delay_mix"))
_FEEDBACK_P, _DAMP_P, _WIDTH_P = map(param_index, ("delay_feedback", "delay_damp", "delay_width"))
_FEEDBACK, _DAMP, _WIDTH = 2, 3, 4  # places
_SIZE = 2**18
_LONGEST_S = param("delay_time_s").maximum
_DULLEST_HZ, _BRIGHTEST_HZ = 800.0, 20_000.0  # low-pass at full and at little damping
_LEFT_LOW, _RIGHT_LOW, _FADE = 0, 1, 2  # places in the memory
_f = np.float32


def delay_seconds(params: Floats, tempo_bpm: float) -> float:
    """Time between echoes: the time set, or the note value at that tempo, halved as often as it must be to fit."""
    choice = round(params[_SYNC])
    if choice == 0:
        return float(params[_TIME])
    seconds = 60.0 / tempo_bpm * note_beats(param("delay_sync").choices[choice])
    while seconds > _LONGEST_S:
        seconds *= 0.5
    return seconds


@public
def echo(
    out: Samples, lines: Samples, values: Floats, targets: Floats, shares: Floats, marks: Ints, memory: Floats
) -> None:
    """Add the echoes, in place.

    At width 0 each side repeats itself. At width 1 both go into the left line, and the lines feed each other: echoes
    alternate. Between, both in proportion; the way around is never above the feedback. Another time is crossed over to.

    Args:
        out: float32 [n, 2].
        lines: float32 [2, size].
        values, targets, shares, marks: as in ``Tail``; then feedback 0-1, low-pass share 0-1, width 0-1.
        memory: float64 [3], of the low-passes, and the fade of the tap.
    """
    mask = lines.shape[1] - 1
    for i in range(out.shape[0]):
        left, right = out[i, 0], out[i, 1]
        if asleep(left, right, values, targets, marks):
            continue
        if marks[MOVING]:
            marks[MOVING] = glide(values, targets, shares)
        damp, width, straight = values[_DAMP], values[_WIDTH], 1.0 - values[_WIDTH]
        for channel in range(2):
            heard = crossing_tap(lines[channel], memory[_FADE], marks)
            memory[channel] = flushed(memory[channel] + damp * (heard - memory[channel]))
        memory[_FADE] = cross_on(memory[_FADE], marks)
        wet_left, wet_right = memory[_LEFT_LOW], memory[_RIGHT_LOW]
        into_left, into_right = values[SEND] * left, values[SEND] * right
        back = values[_FEEDBACK]
        at = marks[POSITION] & mask
        lines[0, at] = _f(
            straight * into_left + width * math.sqrt(0.5) * (into_left + into_right)
            + back * (straight * wet_left + width * wet_right)
        )  # fmt: skip
        lines[1, at] = _f(straight * into_right + back * (straight * wet_right + width * wet_left))
        gain = hush_gain(marks)
        out[i, 0] = _f(values[DRY] * left + gain * wet_left)
        out[i, 1] = _f(values[DRY] * right + gain * wet_right)
        hold = 2 * max(marks[NOW], marks[NEXT]) + 4800
        if rests(max(abs(into_left), abs(into_right)), max(abs(wet_left), abs(wet_right)), hold, marks):
            memory[:] = 0.0


class Delay:
    """The delay of one stereo signal at ``rate`` Hz."""

    def __init__(self, rate: float, smoothing: Smoothing) -> None:
        self._rate = rate
        self.tail = Tail((smoothing[_FEEDBACK_P], smoothing[_DAMP_P], smoothing[_WIDTH_P]), smoothing[_MIX])
        self._lines = np.empty((2, _SIZE), np.float32)
        self._lines.fill(0.0)  # touched now: not by the thread that renders
        self._memory = np.zeros(3)

    def aim(self, params: Floats, tempo_bpm: float) -> None:
        """Go to the parameters' values, in table order, at a tempo in quarter notes per minute."""

        def tell(targets: Floats) -> None:
            targets[_FEEDBACK] = params[_FEEDBACK_P]
            targets[_DAMP] = self._low_pass_share(params[_DAMP_P])
            targets[_WIDTH] = params[_WIDTH_P]
            self.tail.marks[WANTED] = max(round(delay_seconds(params, tempo_bpm) * self._rate), 1)

        self.tail.aim(params[_MIX] if params[_ON] > 0.5 else 0.0, tell)

    def rest(self) -> bool:
        """Whether silence stays silence."""
        return self.tail.rest()

    def process(self, out: Samples) -> None:
        """Change float32 [n, 2] in place."""
        if not self.tail.idle:
            echo(out, self._lines, *self.tail.values.arrays, self.tail.marks, self._memory)

    def _low_pass_share(self, damp: float) -> float:
        """Of a one-pole low-pass; exactly 1, which passes everything, without damping."""
        if damp <= 0.0:
            return 1.0
        corner_hz = _BRIGHTEST_HZ * (_DULLEST_HZ / _BRIGHTEST_HZ) ** damp
        return 1.0 - math.exp(-2.0 * math.pi * corner_hz / self._rate)
