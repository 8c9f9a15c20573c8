"""Limiter that looks ahead: its gain is down when the peak comes, and never steps."""

import math

import numpy as np

from synth_app.effects.steps import Floats, Ints, Samples, glide
from synth_app.effects.values import Smoothing, Values
from synth_app.params import param_index
from synth_app.support.kernels import public

_ON, _DRIVE_P = param_index("limiter_on"), param_index("limiter_drive_db")
_CEILING_P, _RELEASE_P = param_index("limiter_ceiling_db"), param_index("limiter_release_s")
_AMOUNT, _DRIVE, _CEILING, _RELEASE = range(4)  # places
_AT, _AGE, _QUIET = 0, 1, 2  # places in the marks
_ENVELOPE, _SUM = 0, 1  # places in the memory
_RING = 64
_AHEAD = 48  # samples: 1 ms at 48 kHz
_REST = 96_000  # samples of nothing after which it sleeps: the longest release has come back to 0.86 of the way
LOOK_AHEAD_S = 1e-3
_f = np.float32


@public
def forget(held: Samples, needs: Floats, gains: Floats, marks: Ints, memory: Floats) -> None:
    """Back to the state before the first sample; arguments as ``limit``."""
    held[:], needs[:], gains[:], marks[:] = _f(0.0), 1.0, 1.0, 0
    memory[_ENVELOPE], memory[_SUM] = 1.0, _AHEAD + 1.0


@public
def limit(
    out: Samples, held: Samples, needs: Floats, gains: Floats, values: Floats, targets: Floats, shares: Floats,
    marks: Ints, memory: Floats,
) -> None:  # fmt: skip
    """Delay by the look-ahead and keep below the ceiling, in place; both channels share the gain.

    The gain a sample needs is held over the look-ahead (running minimum), released towards it, and averaged over
    the look-ahead (running mean): every gain in the mean of a sample is at most what that sample needs.

    Args:
        out: float32 [n, 2].
        held: float32 [2, 64], the signal. needs, gains: float64 [64], gain needed; held and released.
        values, targets, shares: amount 0-1, drive, ceiling, share of the release per sample.
        marks: int64 [3]: position, age, silent samples. memory: float64 [2]: released gain, sum of the last gains.
    """
    mask = _RING - 1
    for i in range(out.shape[0]):
        if values[_AMOUNT] == 0.0 == targets[_AMOUNT]:
            forget(held, needs, gains, marks, memory)
            continue
        if marks[_AGE] >= _AHEAD:
            glide(values, targets, shares)
        left, right = values[_DRIVE] * out[i, 0], values[_DRIVE] * out[i, 1]
        peak = max(abs(left), abs(right))
        marks[_QUIET] = 0 if peak > 0.0 else marks[_QUIET] + 1
        if marks[_QUIET] > _REST:
            forget(held, needs, gains, marks, memory)
            marks[_QUIET], values[:] = _REST, targets
            continue
        at = marks[_AT]
        needs[at & mask] = values[_CEILING] / peak if peak > values[_CEILING] else 1.0
        least = 1.0
        for k in range(_AHEAD + 1):
            least = min(least, needs[(at - k) & mask])
        envelope = memory[_ENVELOPE]
        envelope = least if least < envelope else envelope + values[_RELEASE] * (least - envelope)
        memory[_ENVELOPE] = envelope
        memory[_SUM] += envelope - gains[(at - _AHEAD - 1) & mask]
        gains[at & mask] = envelope
        if at & mask == 0:  # rounding must not add up
            memory[_SUM] = 0.0
            for k in range(_AHEAD + 1):
                memory[_SUM] += gains[(at - k) & mask]
        gain, ceiling = memory[_SUM] / (_AHEAD + 1), values[_CEILING]
        held[0, at & mask], held[1, at & mask] = left, right
        then = (at - _AHEAD) & mask
        left = min(max(gain * held[0, then], -ceiling), ceiling)
        right = min(max(gain * held[1, then], -ceiling), ceiling)
        amount = values[_AMOUNT]
        if amount < 1.0:
            left, right = out[i, 0] + amount * (left - out[i, 0]), out[i, 1] + amount * (right - out[i, 1])
        out[i, 0], out[i, 1] = _f(left), _f(right)
        marks[_AT] += 1
        marks[_AGE] += 1


class Limiter:
    """The limiter of one stereo signal at ``rate`` Hz. While it is on the sound comes ``LOOK_AHEAD_S`` later."""

    def __init__(self, rate: float, smoothing: Smoothing) -> None:
        self._rate = rate
        shares = [smoothing[place] for place in (_ON, _DRIVE_P, _CEILING_P, _RELEASE_P)]
        self._values = Values((0.0, 1.0, 1.0, 0.0), shares)
        self._held = np.zeros((2, _RING), np.float32)
        self._needs, self._gains = np.ones(_RING), np.ones(_RING)
        self._marks, self._memory = np.zeros(3, np.int64), np.zeros(2)
        self._begun = False
        forget(self._held, self._needs, self._gains, self._marks, self._memory)

    def aim(self, params: Floats) -> None:
        """Go to the parameters' values, in table order."""
        on, idle = params[_ON] > 0.5, self._idle
        targets = self._values.targets
        targets[_AMOUNT] = 1.0 if on else 0.0
        if on:
            targets[_DRIVE] = 10.0 ** (params[_DRIVE_P] / 20.0)
            targets[_CEILING] = 10.0 ** (params[_CEILING_P] / 20.0)
            targets[_RELEASE] = 1.0 - math.exp(-1.0 / (params[_RELEASE_P] * self._rate))
        if idle:
            forget(self._held, self._needs, self._gains, self._marks, self._memory)
            self._values.now[_DRIVE:] = targets[_DRIVE:]
        if not self._begun:
            self._values.jump()
            self._begun = True

    def rest(self) -> bool:
        """Whether silence stays silence."""
        if self._idle:
            return True
        if self._marks[_QUIET] < _REST:
            return False
        if self._marks[_AGE]:
            forget(self._held, self._needs, self._gains, self._marks, self._memory)
            self._marks[_QUIET] = _REST
        self._values.jump()
        return True

    def process(self, out: Samples) -> None:
        """Change float32 [n, 2] in place."""
        if not self._idle:
            limit(out, self._held, self._needs, self._gains, *self._values.arrays, self._marks, self._memory)

    @property
    def _idle(self) -> bool:
        return bool(self._values.now[_AMOUNT] == 0.0 == self._values.targets[_AMOUNT])
