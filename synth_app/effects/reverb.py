"""Reverb: a room as a feedback delay network of sixteen lines whose lengths are modulated slightly.

Source of the structure: Jot & Chaigne (1991), "Digital delay networks for designing artificial reverberators", AES 90th
convention. The network is lossless, and each line has a loss in proportion to its length. So all modes of one frequency
decay alike, and no single mode rings on.
"""

import math
from typing import NamedTuple

import numpy as np

from synth_app.effects.glides import Coefficients, Tail
from synth_app.effects.processor import TailProcessor
from synth_app.effects.reverb_room import CORNER_HZ, DIFFUSERS, LINES, longest_line, reverb_room
from synth_app.effects.sample_kernels import (
    DRY,
    MOVING,
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
    oscillate,
    read_fractional,
)
from synth_app.params import param_index
from synth_app.support.fast_dispatch import FastDispatch
from synth_app.support.kernels import internal, public

_ON, _SIZE, _DECAY = map(param_index, ("reverb_on", "reverb_size", "reverb_decay_s"))
_DAMP, _PREDELAY, _MIX = map(param_index, ("reverb_damp", "reverb_predelay_s", "reverb_mix"))
# positions in the values: wet gain, then 16 lengths, 16 gains, 16 weights of the low-passed signal
_LEVEL, _LENGTH = 2, 3
_GAIN, _DAMPING = _LENGTH + LINES, _LENGTH + 2 * LINES
_SIZE_GLIDE_S = 0.15  # slow, because lines that change their length bend the pitch of the tail
_LINE_SIZE, _PRE_SIZE, _DIFFUSER_SIZE = 16384, 16384, 1024
_DIFFUSION = 0.65
_LOW_CUT_HZ = 70.0  # of the signal sent: low rumble in the room masks the basses
_MODULATION = 10.0  # samples either way, two cents at the rates below
_MODULATION_HZ = (0.67, 0.91)
# positions in the memory: crossfade, 2 high-passes, 2 oscillators, 16 low-passes
_FADE, _CUT, _SLOW, _FAST, _LOWS = 0, 1, 3, 5, 7
_HOLD = _LINE_SIZE + _PRE_SIZE
_IN_GAIN = math.sqrt(2.0 / LINES)  # each side goes into half of the lines and keeps its power
_f = np.float32


class ReverbState(NamedTuple):
    """Memory and constants of the reverb.

    Attributes:
        pre: float32 [2, size], rings of the predelay.
        allpasses: float32 [2, n, size], rings of the diffusers.
        lines: float32 [16, size], rings of the network.
        memory: float64 [23], of the filters, oscillators and the predelay's crossfade.
        lengths: int64 [2, n], delays of the diffusers in samples.
        loop: float64 [16], scratch.
        constants: float64 [4], coefficients of the low cut and of the lines' low-pass, steps of the oscillators.
    """

    pre: Samples
    allpasses: Samples
    lines: Samples
    memory: Floats
    lengths: Ints
    loop: Floats
    constants: Floats


@internal
def hadamard(v: Floats) -> None:
    """Multiply float64 [16] by the normalised Hadamard matrix, in place (fast Walsh-Hadamard transform).

    The matrix is orthogonal, and all its entries have the same magnitude: every line feeds all others equally.
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
    """Send a sample through one side's all-passes, which turn one echo into many (Schroeder 1962).

    Args:
        x: the sample.
        lines: float32 [allpasses, size], rings.
        position: of the present sample.
        lengths: int64 [allpasses], delays in samples.
    """
    mask = lines.shape[1] - 1
    for k in range(lines.shape[0]):
        held = lines[k, (position - lengths[k]) & mask]
        inner = x + _DIFFUSION * held
        lines[k, position & mask] = _f(inner)
        x = held - _DIFFUSION * inner
    return x


@public
def reverb(out: Samples, glides: Glides, status: Ints, state: ReverbState) -> None:
    """Add the room in place.

    Args:
        out: float32 [n, 2].
        glides: dry and sent gain, wet gain; lengths, gains and damping weights of the lines.
        status: int64, as in ``Tail``.
        state: changed.
    """
    values = glides.now
    pre, allpasses, lines, memory, lengths, loop, constants = state
    mask, pre_mask = lines.shape[1] - 1, pre.shape[1] - 1
    cut, corner = constants[0], constants[1]
    for i in range(out.shape[0]):
        left, right = out[i, 0], out[i, 1]
        if asleep(left, right, glides, status):
            continue
        if status[MOVING]:
            status[MOVING] = glide(glides)
        at = status[POSITION]
        sent_left, sent_right = values[SEND] * left, values[SEND] * right
        memory[_CUT] = flushed(memory[_CUT] + cut * (sent_left - memory[_CUT]))
        memory[_CUT + 1] = flushed(memory[_CUT + 1] + cut * (sent_right - memory[_CUT + 1]))
        pre[0, at & pre_mask], pre[1, at & pre_mask] = sent_left - memory[_CUT], sent_right - memory[_CUT + 1]
        early_left = _IN_GAIN * diffuse(crossfading_tap(pre[0], memory[_FADE], status), allpasses[0], at, lengths[0])
        early_right = _IN_GAIN * diffuse(crossfading_tap(pre[1], memory[_FADE], status), allpasses[1], at, lengths[1])
        memory[_FADE] = advance_crossfade(memory[_FADE], status)
        oscillate(memory[_SLOW:_FAST], constants[2])
        oscillate(memory[_FAST:_LOWS], constants[3])
        slow, fast = _MODULATION * memory[_SLOW], _MODULATION * memory[_FAST]
        offsets = (slow, fast, -slow, -fast)
        for k in range(LINES):
            loop[k] = read_fractional(lines[k], at, values[_LENGTH + k] + offsets[(k >> 1) & 3])
        for k in range(LINES):
            low = memory[_LOWS + k]
            low = flushed(low + corner * (loop[k] - low))
            memory[_LOWS + k] = low
            loop[k] = values[_GAIN + k] * (loop[k] + values[_DAMPING + k] * (low - loop[k]))
        wet_left = ((loop[0] - loop[2]) + (loop[4] - loop[6])) + ((loop[8] - loop[10]) + (loop[12] - loop[14]))
        wet_right = ((loop[1] - loop[3]) + (loop[5] - loop[7])) + ((loop[9] - loop[11]) + (loop[13] - loop[15]))
        hadamard(loop)
        for k in range(0, LINES, 2):
            lines[k, at & mask], lines[k + 1, at & mask] = _f(loop[k] + early_left), _f(loop[k + 1] + early_right)
        gain = values[_LEVEL] * fade_gain(status)
        wet_left, wet_right = gain * wet_left, gain * wet_right
        out[i, 0] = _f(values[DRY] * left + wet_left)
        out[i, 1] = _f(values[DRY] * right + wet_right)
        sent, tail = max(abs(sent_left), abs(sent_right)), max(abs(wet_left), abs(wet_right))
        if falls_asleep(sent, tail, _HOLD, status):
            lines[:], allpasses[:], memory[_LOWS:], memory[_FADE] = _f(0.0), _f(0.0), 0.0, 0.0


class Reverb(TailProcessor):
    """Reverb of one stereo signal.

    Args:
        rate: sample rate in Hz.
        coefficients: smoothing coefficients of all parameters.

    Raises:
        ValueError: the rate is so high that the longest line does not fit.
    """

    def __init__(self, rate: float, coefficients: Coefficients) -> None:
        if longest_line(rate) + _MODULATION + 3 > _LINE_SIZE:
            raise ValueError(
                f"rate {rate:g} Hz: the longest line has {longest_line(rate):.0f} samples, the limit is {_LINE_SIZE}; "
                "use a lower rate"
            )
        self._rate = rate
        slow = 1.0 - math.exp(-1.0 / (_SIZE_GLIDE_S * rate))
        decay, damp = coefficients[_DECAY], coefficients[_DAMP]
        self.tail = Tail((decay, *(slow,) * LINES, *(decay,) * LINES, *(damp,) * LINES), coefficients[_MIX])
        self._state = _new_state(rate)
        self._run = FastDispatch(reverb)

    def set_targets(self, params: Floats, tempo_bpm: float) -> None:
        """As ``EffectProcessor.set_targets``."""

        def set_values(targets: Floats) -> None:
            room = reverb_room(params[_SIZE], params[_DECAY], params[_DAMP], self._rate)
            targets[_LEVEL] = room.level
            targets[_LENGTH:_GAIN], targets[_GAIN:_DAMPING], targets[_DAMPING:] = room.lengths, room.gains, room.damping
            self.tail.status[WANTED] = max(round(params[_PREDELAY] * self._rate), 1)

        self.tail.set_targets(params[_MIX] if params[_ON] > 0.5 else 0.0, set_values)

    def process(self, out: Samples) -> None:
        """Change float32 [n, 2] in place."""
        if not self.tail.idle:
            self._run(out, self.tail.glides, self.tail.status, self._state)


def _new_state(rate: float) -> ReverbState:
    pre = np.empty((2, _PRE_SIZE), np.float32)
    allpasses = np.empty((*DIFFUSERS.shape, _DIFFUSER_SIZE), np.float32)
    lines = np.empty((LINES, _LINE_SIZE), np.float32)
    for ring in (pre, allpasses, lines):
        ring.fill(0.0)  # touches the memory now, not in the render thread
    memory = np.zeros(_LOWS + LINES)
    memory[[_SLOW + 1, _FAST + 1]] = 1.0
    steps = [2.0 * math.sin(math.pi * hz / rate) for hz in _MODULATION_HZ]
    constants = np.array([_low_pass_coefficient(_LOW_CUT_HZ, rate), _low_pass_coefficient(CORNER_HZ, rate), *steps])
    return ReverbState(pre, allpasses, lines, memory, DIFFUSERS, np.zeros(LINES), constants)


def _low_pass_coefficient(corner_hz: float, rate: float) -> float:
    return 1.0 - math.exp(-2.0 * math.pi * corner_hz / rate)
