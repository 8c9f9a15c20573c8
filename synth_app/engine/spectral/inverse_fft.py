"""A lane's summed spectra to samples: stereo width, phases relative to the frame's start, inverse transforms.

Noise differs between left and right from the start. Partials do not, so a copy of the mean (L + R) / 2 is added to the
left and subtracted from the right. Its level is 8 to 14 dB below the mean. Its phase turns once an octave, so that no
side is favoured. It is weighted by how equal both sides are, so that a voice at one end stays there. The mono sum is
unchanged.

If n_fft is a power of two, one compiled call does all of it. NumPy's transform releases the GIL, and the render thread
might wait to get it back.
"""

import numpy as np
from numpy.typing import NDArray

from synth_app.engine.spectral.frame_layout import FrameLayout
from synth_app.phase.fft import FftPlan, fft_plan, irfft
from synth_app.support.fast_dispatch import FastDispatch
from synth_app.support.kernels import internal_fast, public

Float32s = NDArray[np.float32]
_f = np.float32
_SIDE_LEVEL, _SIDE_PHASE = 0.2, 0.4  # parts of the copy in phase (louder on one side) and in quadrature
_TURN_HZ = 500.0  # below it the phase turns more slowly than once an octave: its delay stays under 3 ms


def side_filter(bins: int, bin_hz: float) -> Float32s:
    """Return the filter from the sum of the channels to their added difference, float32 [2 (re, im), bins]."""
    turn = 2.0 * np.pi * np.log2(1.0 + np.arange(bins) * bin_hz / _TURN_HZ)
    return np.stack([_SIDE_LEVEL * np.cos(turn), -_SIDE_PHASE * np.sin(turn)]).astype(np.float32)


class InverseFft:
    """Transforms the spectra of one frame layout.

    Args:
        layout: sizes of the frames.
        bins: number of bins of the spectra; those above the layout's own are ignored.
    """

    def __init__(self, layout: FrameLayout, bins: int) -> None:
        self._layout = layout
        self._samples = np.zeros((2, layout.n_fft), np.float32)
        whole = layout.n_fft & (layout.n_fft - 1) == 0 and bins == layout.n_fft // 2 + 1
        self._plan: FftPlan | None = fft_plan(layout.n_fft) if whole else None
        self._spectrum = np.zeros(bins, np.complex64)
        self._side = side_filter(bins, layout.bin_hz)
        self._run = FastDispatch(to_waves)

    def __call__(self, left: Float32s, right: Float32s, width: float) -> Float32s:
        """Return samples, float32 [2, n_fft], in a buffer that the next call overwrites.

        Args:
            left, right: float32 [2 (re, im), bins], phases relative to the frame's centre; set to 0.
            width: stereo width, 0-1.
        """
        if self._plan is not None:
            self._run(left, right, width, self._side, self._plan, self._samples)
            return self._samples
        apply_width_and_shift(left, right, width, self._side)
        for channel, planes in enumerate((left, right)):
            self._spectrum.real, self._spectrum.imag = planes
            np.fft.irfft(self._spectrum[: self._layout.bins], self._layout.n_fft, out=self._samples[channel])
            planes[:] = 0.0
        return self._samples


@public
def to_waves(
    left: Float32s, right: Float32s, width: float, side: Float32s, plan: FftPlan, samples: Float32s
) -> None:  # fmt: skip
    """Compute ``InverseFft`` for powers of two."""
    _apply_width_and_shift(left, right, width, side)
    irfft(left[0], left[1], plan, samples[0])
    irfft(right[0], right[1], plan, samples[1])
    left[:] = _f(0.0)
    right[:] = _f(0.0)


@public
def apply_width_and_shift(left: Float32s, right: Float32s, width: float, side: Float32s) -> None:
    """Apply the stereo width, and invert every second bin: phases become relative to the frame's start.

    Args:
        left, right: float32 [2 (re, im), bins], changed in place.
        width: 0 for mono, 1 for full width.
        side: from ``side_filter``.
    """
    _apply_width_and_shift(left, right, width, side)


@internal_fast
def _apply_width_and_shift(left: Float32s, right: Float32s, width: float, side: Float32s) -> None:
    w, half, tiny = _f(width), _f(0.5), _f(1e-30)
    for k in range(left.shape[1]):
        sign = _f(1.0) - _f(2.0) * _f(k & 1)
        mid_re, mid_im = half * (left[0, k] + right[0, k]), half * (left[1, k] + right[1, k])
        left_power = left[0, k] * left[0, k] + left[1, k] * left[1, k]
        right_power = right[0, k] * right[0, k] + right[1, k] * right[1, k]
        equal = _f(2.0) * np.sqrt(left_power * right_power) / (left_power + right_power + tiny)
        filter_re, filter_im = equal * side[0, k], equal * side[1, k]
        side_re = half * (left[0, k] - right[0, k]) + filter_re * mid_re - filter_im * mid_im
        side_im = half * (left[1, k] - right[1, k]) + filter_re * mid_im + filter_im * mid_re
        left[0, k], left[1, k] = sign * (mid_re + w * side_re), sign * (mid_im + w * side_im)
        right[0, k], right[1, k] = sign * (mid_re - w * side_re), sign * (mid_im - w * side_im)
