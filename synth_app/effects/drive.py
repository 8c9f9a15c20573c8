"""Drive: a soft clipper at four times the sample rate, so that what it adds above half the sample rate is removed.

Between two samples the input is taken as a straight line, and the output is the clipper's mean along it: the difference
of the antiderivative over that of the input (Parker, Zavalishin & Le Bivic, "Reducing the aliasing of nonlinear
waveshaping using continuous-time convolution", DAFx 2016). The clipper f(x) = x / sqrt(1 + x^2) has the antiderivative
F(x) = sqrt(1 + x^2), and F(x)^2 - F(y)^2 = x^2 - y^2. So the quotient is (x + y) / (F(x) + F(y)), which needs no other
formula where x and y are near.
"""

import math
from typing import NamedTuple

import numpy as np

from synth_app.effects.glides import Coefficients, new_glides
from synth_app.effects.processor import EffectProcessor
from synth_app.effects.sample_kernels import SILENT, Floats, Glides, Ints, Samples, flushed, glide
from synth_app.params import param_index
from synth_app.support.fast_dispatch import FastDispatch
from synth_app.support.kernels import internal, internal_fast, public

_ON, _GAIN_P, _EVEN_P, _MIX_P = map(param_index, ("drive_on", "drive_gain_db", "drive_even", "drive_mix"))
_AMOUNT, _GAIN, _BIAS, _MIX = range(4)  # positions in the values
_POSITION, _AGE, _QUIET = range(3)  # positions in the status
_DRIVEN, _PLAIN = range(2)  # positions in the last values
FACTOR = 4  # of the sample rate
TAPS = 24  # of the low-pass for each of the four phases
LATENCY = TAPS - 1  # samples, and an eighth: both low-passes and half a step of the clipper
_KAISER_BETA = 8.0  # stop band at -80 dB
_REFERENCE = 0.25  # amplitude of a sine, -12 dB re full scale, whose level stays about the same
_MOST_BIAS = 1.0
_DC_HZ = 5.0  # corner of the high-pass that removes the constant part of an asymmetric wave
_ENDING_HZ = 100.0  # the same once the input and both low-passes are silent, so that no effect behind it hears the end
_SLEEP_AFTER = 4800  # silent samples: the high-pass has fallen by 500 dB
_f = np.float32


class DriveState(NamedTuple):
    """Memory of the drive.

    Attributes:
        fir: float32 [FACTOR, TAPS], the low-pass by phase, for the way up.
        down: float32 [FACTOR * TAPS], the same for the way down, in the order of time.
        inputs: float32 [2, 2 TAPS], ring of the samples, written twice so that the last ones are always in a row.
        fine: float32 [2, 2 FACTOR TAPS], the same of the distorted samples at the higher rate.
        before: float64 [2, 2], last values at the higher rate: of the clipper's input with its bias, without gain.
        constant: float64 [2, 2], last input and output of the high-pass.
        status: int64 [3], position, age, silent samples.
        poles: float64 [2], of the high-pass, and of its end.
    """

    fir: Samples
    down: Samples
    inputs: Samples
    fine: Samples
    before: Floats
    constant: Floats
    status: Ints
    poles: Floats


@public
def clear(state: DriveState, bias: float) -> None:
    """Set the state before the first sample."""
    state.inputs[:], state.fine[:], state.constant[:] = _f(0.0), _f(0.0), 0.0
    state.before[:, _DRIVEN], state.before[:, _PLAIN] = bias, 0.0
    state.status[_POSITION], state.status[_AGE] = 0, 0


@internal_fast
def _dot(taps: Samples, ring: Samples, start: int) -> np.float32:
    """Return the sum of products of taps with as many values of a ring from ``start`` on."""
    total = _f(0.0)
    for k in range(taps.shape[0]):
        total += taps[k] * ring[start + k]
    return total


@public
def makeup(gain: float, bias: float) -> float:
    """Return the gain behind the clipper at which a sine of -12 dB keeps its height from peak to peak."""
    top, bottom = bias + gain * _REFERENCE, bias - gain * _REFERENCE
    height = top / math.sqrt(1.0 + top * top) - bottom / math.sqrt(1.0 + bottom * bottom)
    return 2.0 * _REFERENCE / height


@public
def drive(out: Samples, glides: Glides, state: DriveState) -> None:
    """Distort in place.

    Args:
        out: float32 [n, 2].
        glides: amount 0-1, gain, bias, mix.
        state: changed.
    """
    values, targets, status = glides.now, glides.targets, state.status
    for i in range(out.shape[0]):
        if values[_AMOUNT] == 0.0 == targets[_AMOUNT]:
            if status[_AGE]:
                clear(state, values[_BIAS])
            continue
        status[_QUIET] = 0 if out[i, 0] != _f(0.0) or out[i, 1] != _f(0.0) else status[_QUIET] + 1
        if status[_QUIET] > _SLEEP_AFTER:
            clear(state, targets[_BIAS])
            status[_QUIET], values[:] = _SLEEP_AFTER, targets
            continue
        if status[_AGE] >= LATENCY:
            glide(glides)
        amount, level = values[_AMOUNT], makeup(values[_GAIN], values[_BIAS])
        for channel in range(2):
            distorted = _distorted(float(out[i, channel]), channel, values, level, state)
            out[i, channel] = _f(out[i, channel] + amount * (distorted - out[i, channel]))
        status[_POSITION] = (status[_POSITION] + 1) % TAPS
        status[_AGE] += 1


@internal
def _distorted(x: float, channel: int, values: Floats, level: float, state: DriveState) -> float:
    """Send one sample of a channel through the clipper; the result is ``LATENCY`` samples late."""
    inputs, fine, at = state.inputs[channel], state.fine[channel], state.status[_POSITION]
    inputs[at] = inputs[at + TAPS] = _f(x)
    gain, bias, mix = values[_GAIN], values[_BIAS], values[_MIX]
    rest = bias / math.sqrt(1.0 + bias * bias)
    before, last, place = state.before[channel, _DRIVEN], state.before[channel, _PLAIN], FACTOR * at
    before_root = math.sqrt(1.0 + before * before)
    for phase in range(FACTOR):
        now = float(_dot(state.fir[phase], inputs, at + 1))
        driven = gain * now + bias
        root = math.sqrt(1.0 + driven * driven)
        clipped = level * ((driven + before) / (root + before_root) - rest)
        # the input's own mean, so that both have the same delay
        value = _f(mix * clipped + (1.0 - mix) * 0.5 * (now + last))
        fine[place + phase] = fine[place + phase + FACTOR * TAPS] = value
        before, before_root, last = driven, root, now
    state.before[channel, _DRIVEN], state.before[channel, _PLAIN] = before, last
    heard = float(_dot(state.down, fine, place + FACTOR))
    constant = state.constant[channel]
    ends = state.status[_QUIET] > 2 * TAPS
    passed = flushed(heard - constant[0] + state.poles[1 if ends else 0] * constant[1])
    constant[0], constant[1] = heard, 0.0 if ends and abs(passed) < SILENT else passed
    return constant[1]


class Drive(EffectProcessor):
    """Drive of one stereo signal. While it is on, it delays the signal by ``LATENCY`` samples, 0.5 ms at 48 kHz.

    Args:
        rate: sample rate in Hz.
        coefficients: smoothing coefficients of all parameters.
    """

    def __init__(self, rate: float, coefficients: Coefficients) -> None:
        glided = [coefficients[position] for position in (_ON, _GAIN_P, _EVEN_P, _MIX_P)]
        self._glides = new_glides((0.0, 1.0, 0.0, 1.0), glided)
        low_pass = low_pass_taps()
        up = np.ascontiguousarray(low_pass.reshape(TAPS, FACTOR).T[:, ::-1] * FACTOR, np.float32)
        self._state = DriveState(
            up, low_pass[::-1].astype(np.float32), np.zeros((2, 2 * TAPS), np.float32),
            np.zeros((2, 2 * FACTOR * TAPS), np.float32), np.zeros((2, 2)), np.zeros((2, 2)), np.zeros(3, np.int64),
            np.array([1.0 - 2.0 * math.pi * hz / rate for hz in (_DC_HZ, _ENDING_HZ)]),
        )  # fmt: skip
        self._run, self._clear = FastDispatch(drive), FastDispatch(clear)
        self._begun = False

    def set_targets(self, params: Floats, tempo_bpm: float) -> None:
        """As ``EffectProcessor.set_targets``."""
        on, idle = params[_ON] > 0.5, self._idle
        now, targets = self._glides.now, self._glides.targets
        targets[_AMOUNT] = 1.0 if on else 0.0
        if on:
            gain, bias = 10.0 ** (params[_GAIN_P] / 20.0), _MOST_BIAS * params[_EVEN_P]
            targets[_GAIN], targets[_BIAS], targets[_MIX] = gain, bias, params[_MIX_P]
        if idle:
            now[_GAIN:] = targets[_GAIN:]
            self._clear(self._state, now[_BIAS])
        if not self._begun:
            now[:] = targets
            self._begun = True

    def skip_silence(self) -> bool:
        """As ``EffectProcessor.skip_silence``; False until the distorted samples are out."""
        if self._idle:
            return True
        if self._state.status[_QUIET] < _SLEEP_AFTER:
            return False
        if self._state.status[_AGE]:
            self._clear(self._state, self._glides.targets[_BIAS])
        self._glides.now[:] = self._glides.targets
        return True

    def process(self, out: Samples) -> None:
        """Change float32 [n, 2] in place."""
        if not self._idle:
            self._run(out, self._glides, self._state)

    @property
    def _idle(self) -> bool:
        return bool(self._glides.now[_AMOUNT] == 0.0 == self._glides.targets[_AMOUNT])


def low_pass_taps() -> Floats:
    """Return the low-pass of both changes of rate, float64 [FACTOR * TAPS], sum 1: a sinc in a Kaiser window."""
    place = np.arange(FACTOR * TAPS) - 0.5 * (FACTOR * TAPS - 1)
    taps = np.sinc(place / FACTOR) * np.kaiser(FACTOR * TAPS, _KAISER_BETA)
    return np.asarray(taps / taps.sum())
