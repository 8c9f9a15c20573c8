"""Reverb: a room as a feedback delay network of sixteen lines that swing a little.

Source of the structure: Jot & Chaigne (1991), "Digital delay networks for designing artificial reverberators", AES 90th
convention: a lossless network, and in each line a loss in proportion to its length, so that all modes of one
frequency die away alike and no single one is left ringing.
"""

import math

import numpy as np

from synth_app.effects.reverb_room import CORNER_HZ, DIFFUSERS, LINES, longest_line, room
from synth_app.effects.steps import (
    DRY,
    MOVING,
    POSITION,
    SEND,
    WANTED,
    Floats,
    Ints,
    Samples,
    asleep,
    between,
    cross_on,
    crossing_tap,
    flushed,
    glide,
    hush_gain,
    rests,
    swing,
)
from synth_app.effects.values import Smoothing, Tail
from synth_app.params import param_index
from synth_app.support.kernels import internal, public

_ON, _SIZE, _DECAY = map(param_index, ("reverb_on", "reverb_size", "reverb_decay_s"))
_DAMP, _PREDELAY, _MIX = map(param_index, ("reverb_damp", "reverb_predelay_s", "reverb_mix"))
_LEVEL, _LENGTH = 2, 3  # places: gain of the wet sound, then 16 lengths, 16 gains, 16 low-passed shares
_GAIN, _MUFFLE = _LENGTH + LINES, _LENGTH + 2 * LINES
_COUNT = 1 + 3 * LINES  # of these
_SIZE_GLIDE_S = 0.15  # slow: lines that change their length bend the pitch of the tail
_LINE_SIZE, _PRE_SIZE, _DIFFUSER_SIZE = 16384, 16384, 1024
_DIFFUSION = 0.65
_LOW_CUT_HZ = 70.0  # of what is sent: a room that rumbles hides the basses
_SWING = 10.0  # samples either way, two cents at the rates below
_SWING_HZ = (0.67, 0.91)
_FADE, _CUT, _SLOW, _FAST, _LOWS = 0, 1, 3, 5, 7  # places in the memory: fade, 2 high-passes, 2 swings, 16 low-passes
_HOLD = _LINE_SIZE + _PRE_SIZE
_INTO = math.sqrt(2.0 / LINES)  # each side into half of the lines, with its power
_f = np.float32


@internal
def hadamard(v: Floats) -> None:
    """Multiply float64 [16] by the normalised Hadamard matrix, in place: fast Walsh-Hadamard transform.

    It is orthogonal, and all its entries have the same size: every line feeds every other one alike.
    """
    for k in range(8):
        a, b = v[k], v[k + 8]
        v[k], v[k + 8] = a + b, a - b
    for half in (0, 8):
        for k in range(4):
            a, b = v[half + k], v[half + k + 4]
            v[half + k], v[half + k + 4] = a + b, a - b
    for k in range(0, LINES, 4):
        a, b, c, d = v[k], v[k + 1], v[k + 2], v[k + 3]
        v[k], v[k + 1] = 0.25 * ((a + c) + (b + d)), 0.25 * ((a + c) - (b + d))
        v[k + 2], v[k + 3] = 0.25 * ((a - c) + (b - d)), 0.25 * ((a - c) - (b - d))


@internal
def diffuse(x: float, lines: Samples, position: int, lengths: Ints) -> float:
    """Send a sample through the all-passes of one side, which make many echoes of one (Schroeder 1962).

    Args:
        x: the sample.
        lines: float32 [allpasses, size], rings. lengths: int64 [allpasses].
        position: of the present sample.
    """
    mask = lines.shape[1] - 1
    for k in range(lines.shape[0]):
        held = lines[k, (position - lengths[k]) & mask]
        inner = x + _DIFFUSION * held
        lines[k, position & mask] = _f(inner)
        x = held - _DIFFUSION * inner
    return x


@public
def reverb(
    out: Samples, pre: Samples, allpasses: Samples, lines: Samples, values: Floats, targets: Floats, shares: Floats,
    marks: Ints, memory: Floats, lengths: Ints, loop: Floats, constants: Floats,
) -> None:  # fmt: skip
    """Add the room, in place.

    Args:
        out: float32 [n, 2].
        pre: float32 [2, size], predelay. allpasses: float32 [2, n, size]. lines: float32 [16, size].
        values, targets, shares, marks: as in ``Tail``; then level, lengths, gains, muffled shares of the lines.
        memory: float64 [23].
        lengths: int64 [2, n], of the all-passes.
        loop: float64 [16], scratch.
        constants: float64 [4], shares of the low-cut and of the lines' low-pass, steps of the swings.
    """
    mask, pre_mask = lines.shape[1] - 1, pre.shape[1] - 1
    cut, corner = constants[0], constants[1]
    for i in range(out.shape[0]):
        left, right = out[i, 0], out[i, 1]
        if asleep(left, right, values, targets, marks):
            continue
        if marks[MOVING]:
            marks[MOVING] = glide(values, targets, shares)
        at = marks[POSITION]
        into_left, into_right = values[SEND] * left, values[SEND] * right
        memory[_CUT] = flushed(memory[_CUT] + cut * (into_left - memory[_CUT]))
        memory[_CUT + 1] = flushed(memory[_CUT + 1] + cut * (into_right - memory[_CUT + 1]))
        pre[0, at & pre_mask], pre[1, at & pre_mask] = into_left - memory[_CUT], into_right - memory[_CUT + 1]
        early_left = _INTO * diffuse(crossing_tap(pre[0], memory[_FADE], marks), allpasses[0], at, lengths[0])
        early_right = _INTO * diffuse(crossing_tap(pre[1], memory[_FADE], marks), allpasses[1], at, lengths[1])
        memory[_FADE] = cross_on(memory[_FADE], marks)
        swing(memory[_SLOW:_FAST], constants[2])
        swing(memory[_FAST:_LOWS], constants[3])
        slow, fast = _SWING * memory[_SLOW], _SWING * memory[_FAST]
        swings = (slow, fast, -slow, -fast)
        for k in range(LINES):
            loop[k] = between(lines[k], at, values[_LENGTH + k] + swings[(k >> 1) & 3])
        for k in range(LINES):
            low = memory[_LOWS + k]
            low = flushed(low + corner * (loop[k] - low))
            memory[_LOWS + k] = low
            loop[k] = values[_GAIN + k] * (loop[k] + values[_MUFFLE + k] * (low - loop[k]))
        wet_left = ((loop[0] - loop[2]) + (loop[4] - loop[6])) + ((loop[8] - loop[10]) + (loop[12] - loop[14]))
        wet_right = ((loop[1] - loop[3]) + (loop[5] - loop[7])) + ((loop[9] - loop[11]) + (loop[13] - loop[15]))
        hadamard(loop)
        for k in range(0, LINES, 2):
            lines[k, at & mask], lines[k + 1, at & mask] = _f(loop[k] + early_left), _f(loop[k + 1] + early_right)
        gain = values[_LEVEL] * hush_gain(marks)
        wet_left, wet_right = gain * wet_left, gain * wet_right
        out[i, 0] = _f(values[DRY] * left + wet_left)
        out[i, 1] = _f(values[DRY] * right + wet_right)
        if rests(max(abs(into_left), abs(into_right)), max(abs(wet_left), abs(wet_right)), _HOLD, marks):
            lines[:], allpasses[:], memory[_LOWS:], memory[_FADE] = _f(0.0), _f(0.0), 0.0, 0.0


class Reverb:
    """The reverb of one stereo signal at ``rate`` Hz."""

    def __init__(self, rate: float, smoothing: Smoothing) -> None:
        self._rate = rate
        slow = 1.0 - math.exp(-1.0 / (_SIZE_GLIDE_S * rate))
        shares = (smoothing[_DECAY], *(slow,) * LINES, *(smoothing[_DECAY],) * LINES, *(smoothing[_DAMP],) * LINES)
        self.tail = Tail(shares, smoothing[_MIX])
        self._pre = np.empty((2, _PRE_SIZE), np.float32)
        self._allpasses = np.empty((*DIFFUSERS.shape, _DIFFUSER_SIZE), np.float32)
        self._lines = np.empty((LINES, _LINE_SIZE), np.float32)
        for ring in (self._pre, self._allpasses, self._lines):
            ring.fill(0.0)  # touched now: not by the thread that renders
        self._memory, self._loop = np.zeros(_LOWS + LINES), np.zeros(LINES)
        self._memory[[_SLOW + 1, _FAST + 1]] = 1.0
        steps = [2.0 * math.sin(math.pi * hz / rate) for hz in _SWING_HZ]
        self._constants = np.array([_share(_LOW_CUT_HZ, rate), _share(CORNER_HZ, rate), *steps])
        if longest_line(rate) + _SWING + 3 > _LINE_SIZE:
            raise ValueError(f"{rate:g} Hz: the longest line has {longest_line(rate):.0f} samples; {_LINE_SIZE} fit")

    def aim(self, params: Floats) -> None:
        """Go to the parameters' values, in table order."""

        def tell(targets: Floats) -> None:
            made = room(params[_SIZE], params[_DECAY], params[_DAMP], self._rate)
            targets[_LEVEL] = made.level
            targets[_LENGTH:_GAIN], targets[_GAIN:_MUFFLE], targets[_MUFFLE:] = made.lengths, made.gains, made.muffles
            self.tail.marks[WANTED] = max(round(params[_PREDELAY] * self._rate), 1)

        self.tail.aim(params[_MIX] if params[_ON] > 0.5 else 0.0, tell)

    def rest(self) -> bool:
        """Whether silence stays silence."""
        return self.tail.rest()

    def process(self, out: Samples) -> None:
        """Change float32 [n, 2] in place."""
        if not self.tail.idle:
            reverb(
                out, self._pre, self._allpasses, self._lines, *self.tail.values.arrays, self.tail.marks, self._memory,
                DIFFUSERS, self._loop, self._constants,
            )  # fmt: skip


def _share(corner_hz: float, rate: float) -> float:
    return 1.0 - math.exp(-2.0 * math.pi * corner_hz / rate)
