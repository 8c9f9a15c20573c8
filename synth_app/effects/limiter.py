"""Limiter with look-ahead: the gain is reduced before the peak arrives, and never steps."""

import math
from typing import NamedTuple

import numpy as np

from synth_app.effects.glides import Coefficients, new_glides
from synth_app.effects.processor import EffectProcessor
from synth_app.effects.sample_kernels import Floats, Glides, Ints, Samples, glide
from synth_app.params import param_index
from synth_app.support.fast_dispatch import FastDispatch
from synth_app.support.kernels import public

_ON, _DRIVE_P = param_index("limiter_on"), param_index("limiter_drive_db")
_CEILING_P, _RELEASE_P = param_index("limiter_ceiling_db"), param_index("limiter_release_s")
_AMOUNT, _DRIVE, _CEILING, _RELEASE = range(4)  # positions in the values
_POSITION, _AGE, _QUIET = 0, 1, 2  # positions in the status
_ENVELOPE, _SUM = 0, 1  # positions in the memory
_RING = 64
_AHEAD = 48  # samples: 1 ms at 48 kHz
_SLEEP_AFTER = 96_000  # silent samples, after which the longest release has covered 86 % of the distance
_f = np.float32


class LimiterState(NamedTuple):
    """Memory of the limiter.

    Attributes:
        delayed: float32 [2, 64], ring of the signal.
        needed: float64 [64], ring of the gains that samples need.
        released: float64 [64], ring of the same gains, held and released.
        status: int64 [3], position, age, silent samples.
        memory: float64 [2], released gain, sum of the last gains.
    """

    delayed: Samples
    needed: Floats
    released: Floats
    status: Ints
    memory: Floats


@public
def clear(state: LimiterState) -> None:
    """Set the state before the first sample."""
    state.delayed[:], state.needed[:], state.released[:], state.status[:] = _f(0.0), 1.0, 1.0, 0
    state.memory[_ENVELOPE], state.memory[_SUM] = 1.0, _AHEAD + 1.0


@public
def limit(out: Samples, glides: Glides, state: LimiterState) -> None:
    """Delay by the look-ahead and keep samples below the ceiling, in place; both channels share the gain.

    The gain that a sample needs is held over the look-ahead (running minimum), released, and averaged over the
    look-ahead (running mean). Every gain in a sample's mean is at most the gain that this sample needs.

    Args:
        out: float32 [n, 2].
        glides: amount 0-1, drive, ceiling, release coefficient.
        state: changed.
    """
    values, targets = glides.now, glides.targets
    delayed, needed, released, status, memory = state
    mask = _RING - 1
    for i in range(out.shape[0]):
        if values[_AMOUNT] == 0.0 == targets[_AMOUNT]:
            clear(state)
            continue
        if status[_AGE] >= _AHEAD:
            glide(glides)
        left, right = values[_DRIVE] * out[i, 0], values[_DRIVE] * out[i, 1]
        peak = max(abs(left), abs(right))
        status[_QUIET] = 0 if peak > 0.0 else status[_QUIET] + 1
        if status[_QUIET] > _SLEEP_AFTER:
            clear(state)
            status[_QUIET], values[:] = _SLEEP_AFTER, targets
            continue
        at = status[_POSITION]
        needed[at & mask] = values[_CEILING] / peak if peak > values[_CEILING] else 1.0
        least = 1.0
        for k in range(_AHEAD + 1):
            least = min(least, needed[(at - k) & mask])
        envelope = memory[_ENVELOPE]
        envelope = least if least < envelope else envelope + values[_RELEASE] * (least - envelope)
        memory[_ENVELOPE] = envelope
        memory[_SUM] += envelope - released[(at - _AHEAD - 1) & mask]
        released[at & mask] = envelope
        if at & mask == 0:  # summed again, so that rounding errors do not accumulate
            memory[_SUM] = 0.0
            for k in range(_AHEAD + 1):
                memory[_SUM] += released[(at - k) & mask]
        gain, ceiling = memory[_SUM] / (_AHEAD + 1), values[_CEILING]
        delayed[0, at & mask], delayed[1, at & mask] = left, right
        then = (at - _AHEAD) & mask
        left = min(max(gain * delayed[0, then], -ceiling), ceiling)
        right = min(max(gain * delayed[1, then], -ceiling), ceiling)
        amount = values[_AMOUNT]
        if amount < 1.0:
            left, right = out[i, 0] + amount * (left - out[i, 0]), out[i, 1] + amount * (right - out[i, 1])
        out[i, 0], out[i, 1] = _f(left), _f(right)
        status[_POSITION] += 1
        status[_AGE] += 1


class Limiter(EffectProcessor):
    """Limiter of one stereo signal. While it is on, it delays the signal by 48 samples, 1 ms at 48 kHz.

    Args:
        rate: sample rate in Hz.
        coefficients: smoothing coefficients of all parameters.
    """

    def __init__(self, rate: float, coefficients: Coefficients) -> None:
        self._rate = rate
        glided = [coefficients[position] for position in (_ON, _DRIVE_P, _CEILING_P, _RELEASE_P)]
        self._glides = new_glides((0.0, 1.0, 1.0, 0.0), glided)
        self._state = LimiterState(
            np.zeros((2, _RING), np.float32), np.ones(_RING), np.ones(_RING), np.zeros(3, np.int64), np.zeros(2)
        )
        self._run, self._clear = FastDispatch(limit), FastDispatch(clear)
        self._begun = False
        self._clear(self._state)

    def set_targets(self, params: Floats, tempo_bpm: float) -> None:
        """As ``EffectProcessor.set_targets``."""
        on, idle = params[_ON] > 0.5, self._idle
        now, targets = self._glides.now, self._glides.targets
        targets[_AMOUNT] = 1.0 if on else 0.0
        if on:
            targets[_DRIVE] = 10.0 ** (params[_DRIVE_P] / 20.0)
            targets[_CEILING] = 10.0 ** (params[_CEILING_P] / 20.0)
            targets[_RELEASE] = 1.0 - math.exp(-1.0 / (params[_RELEASE_P] * self._rate))
        if idle:
            self._clear(self._state)
            now[_DRIVE:] = targets[_DRIVE:]
        if not self._begun:
            now[:] = targets
            self._begun = True

    def skip_silence(self) -> bool:
        """As ``EffectProcessor.skip_silence``; False until the delayed samples are out and the gain has recovered."""
        if self._idle:
            return True
        status = self._state.status
        if status[_QUIET] < _SLEEP_AFTER:
            return False
        if status[_AGE]:
            self._clear(self._state)
            status[_QUIET] = _SLEEP_AFTER
        self._glides.now[:] = self._glides.targets
        return True

    def process(self, out: Samples) -> None:
        """Change float32 [n, 2] in place."""
        if not self._idle:
            self._run(out, self._glides, self._state)

    @property
    def _idle(self) -> bool:
        return bool(self._glides.now[_AMOUNT] == 0.0 == self._glides.targets[_AMOUNT])
