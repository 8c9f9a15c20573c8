"""Tilt EQ: raises high frequencies and lowers low ones around a pivot, or the opposite."""

import math

import numpy as np

from synth_app.effects.glides import Coefficients, new_glides
from synth_app.effects.processor import EffectProcessor
from synth_app.effects.sample_kernels import Floats, Glides, Samples, flushed, glide
from synth_app.params import param_index
from synth_app.support.fast_dispatch import FastDispatch
from synth_app.support.kernels import public

_ON, _TILT, _PIVOT = param_index("eq_on"), param_index("eq_tilt_db"), param_index("eq_pivot_hz")
_GAIN, _WARPED = 0, 1  # positions in the values
_f = np.float32


@public
def tilt_eq(out: Samples, glides: Glides, memory: Floats) -> None:
    """Filter by H(s) = (g s + w) / (s + g w), in place; the bilinear transform is warped to match at the pivot w.

    The gain is 1/g at 0 Hz, 1 at the pivot and g at the Nyquist frequency: a first-order shelf with its pole and zero
    at equal distance from the pivot. It is computed as g x + (1/g - g) LP(x), where LP is the one-pole low-pass with
    pole g w in trapezoidal form (Zavalishin, "The art of VA filter design", ch. 3). So g = 1 leaves samples unchanged.

    Args:
        out: float32 [n, 2].
        glides: g, and tan(pi * pivot / rate).
        memory: float64 [2], of the low-passes, changed.
    """
    values = glides.now
    for i in range(out.shape[0]):
        if values[_GAIN] == 1.0 == glides.targets[_GAIN]:
            memory[:] = 0.0
            continue
        glide(glides)
        g, warped = values[_GAIN], values[_WARPED]
        pole = g * warped / (1.0 + g * warped)
        low_gain = 1.0 / g - g
        for channel in range(2):
            x = out[i, channel]
            step = pole * (x - memory[channel])
            low = memory[channel] + step
            memory[channel] = flushed(low + step)
            out[i, channel] = _f(g * x + low_gain * low)


class TiltEq(EffectProcessor):
    """Tilt EQ of one stereo signal.

    Args:
        rate: sample rate in Hz.
        coefficients: smoothing coefficients of all parameters.
    """

    def __init__(self, rate: float, coefficients: Coefficients) -> None:
        self._rate = rate
        self._glides = new_glides((1.0, 0.0), (coefficients[_TILT], coefficients[_PIVOT]))
        self._memory = np.zeros(2)
        self._run = FastDispatch(tilt_eq)
        self._begun = False

    def set_targets(self, params: Floats, tempo_bpm: float) -> None:
        """As ``EffectProcessor.set_targets``."""
        on, idle = params[_ON] > 0.5, self._idle
        now, targets = self._glides.now, self._glides.targets
        targets[_GAIN] = 10.0 ** (params[_TILT] / 20.0) if on else 1.0
        if on:
            targets[_WARPED] = math.tan(math.pi * params[_PIVOT] / self._rate)
        if idle:
            self._memory[:] = 0.0
            now[_WARPED] = targets[_WARPED]
        if not self._begun:
            now[:] = targets
            self._begun = True

    def skip_silence(self) -> bool:
        """As ``EffectProcessor.skip_silence``; False while values glide or the low-pass has a memory."""
        now, targets, memory = self._glides.now, self._glides.targets, self._memory
        return bool(now[_GAIN] == targets[_GAIN] and now[_WARPED] == targets[_WARPED] and memory[0] == 0.0 == memory[1])

    def process(self, out: Samples) -> None:
        """Change float32 [n, 2] in place."""
        if not self._idle:
            self._run(out, self._glides, self._memory)

    @property
    def _idle(self) -> bool:
        return bool(self._glides.now[_GAIN] == 1.0 == self._glides.targets[_GAIN])
