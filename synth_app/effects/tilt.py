"""Tilt EQ: highs up and lows down around a pivot, or the other way round."""

import math

import numpy as np

from synth_app.effects.steps import Floats, Samples, flushed, glide
from synth_app.effects.values import Smoothing, Values
from synth_app.params import param_index
from synth_app.support.kernels import public

_ON, _TILT, _PIVOT = param_index("eq_on"), param_index("eq_tilt_db"), param_index("eq_pivot_hz")
_GAIN, _WARPED = 0, 1
_f = np.float32


@public
def tilt_eq(out: Samples, values: Floats, targets: Floats, shares: Floats, memory: Floats) -> None:
    """H(s) = (g s + w) / (s + g w), by the bilinear transform warped to meet the pivot w, in place.

    Gain 1/g at 0 Hz, 1 at the pivot and g at the Nyquist frequency: a first-order shelf whose pole and zero lie evenly
    about the pivot. Written as g x + (1/g - g) LP(x) with the one-pole low-pass LP of pole g w in its trapezoidal form
    (Zavalishin, "The art of VA filter design", ch. 3), so that g = 1 leaves the samples as they are.

    Args:
        out: float32 [n, 2].
        values, targets, shares: g, and tan(pi * pivot / rate).
        memory: float64 [2], of the low-pass.
    """
    for i in range(out.shape[0]):
        if values[_GAIN] == 1.0 == targets[_GAIN]:
            memory[:] = 0.0
            continue
        glide(values, targets, shares)
        g, warped = values[_GAIN], values[_WARPED]
        pole = g * warped / (1.0 + g * warped)
        low_share = 1.0 / g - g
        for channel in range(2):
            x = out[i, channel]
            step = pole * (x - memory[channel])
            low = memory[channel] + step
            memory[channel] = flushed(low + step)
            out[i, channel] = _f(g * x + low_share * low)


class TiltEq:
    """The tilt EQ of one stereo signal at ``rate`` Hz."""

    def __init__(self, rate: float, smoothing: Smoothing) -> None:
        self._rate = rate
        self._values = Values((1.0, 0.0), (smoothing[_TILT], smoothing[_PIVOT]))
        self._memory = np.zeros(2)
        self._begun = False

    def aim(self, params: Floats) -> None:
        """Go to the parameters' values, in table order."""
        on, idle = params[_ON] > 0.5, self._idle
        targets = self._values.targets
        targets[_GAIN] = 10.0 ** (params[_TILT] / 20.0) if on else 1.0
        if on:
            targets[_WARPED] = math.tan(math.pi * params[_PIVOT] / self._rate)
        if idle:
            self._memory[:] = 0.0
            self._values.now[_WARPED] = targets[_WARPED]
        if not self._begun:
            self._values.jump()
            self._begun = True

    def rest(self) -> bool:
        """Whether silence stays silence, and nothing glides."""
        now, targets, memory = self._values.now, self._values.targets, self._memory
        return bool(now[_GAIN] == targets[_GAIN] and now[_WARPED] == targets[_WARPED] and memory[0] == 0.0 == memory[1])

    def process(self, out: Samples) -> None:
        """Change float32 [n, 2] in place."""
        if not self._idle:
            tilt_eq(out, *self._values.arrays, self._memory)

    @property
    def _idle(self) -> bool:
        return bool(self._values.now[_GAIN] == 1.0 == self._values.targets[_GAIN])
