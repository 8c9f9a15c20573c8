"""A lane's summed spectra to samples: stereo width, phases relative to the frame's start, inverse transforms.

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
        self._run = FastDispatch(to_waves)

    def __call__(self, left: Float32s, right: Float32s, width: float) -> Float32s:
        """Return samples, float32 [2, n_fft], in a buffer that the next call overwrites.

        Args:
            left, right: float32 [2 (re, im), bins], phases relative to the frame's centre; set to 0.
            width: stereo width, 0-1.
        """
        if self._plan is not None:
            self._run(left, right, width, self._plan, self._samples)
            return self._samples
        apply_width_and_shift(left, right, width)
        for channel, planes in enumerate((left, right)):
            self._spectrum.real, self._spectrum.imag = planes
            np.fft.irfft(self._spectrum[: self._layout.bins], self._layout.n_fft, out=self._samples[channel])
            planes[:] = 0.0
        return self._samples


@public
def to_waves(left: Float32s, right: Float32s, width: float, plan: FftPlan, samples: Float32s) -> None:
    """Compute ``InverseFft`` for powers of two."""
    _apply_width_and_shift(left, right, width)
    irfft(left[0], left[1], plan, samples[0])
    irfft(right[0], right[1], plan, samples[1])
    left[:] = _f(0.0)
    right[:] = _f(0.0)


@public
def apply_width_and_shift(left: Float32s, right: Float32s, width: float) -> None:
    """Apply the stereo width, and invert every second bin: phases become relative to the frame's start."""
    _apply_width_and_shift(left, right, width)


@internal_fast
def _apply_width_and_shift(left: Float32s, right: Float32s, width: float) -> None:
    direct, cross = _f(0.5 + 0.5 * width), _f(0.5 - 0.5 * width)
    for plane in range(2):
        a, b = left[plane], right[plane]
        for k in range(a.shape[0]):
            sign = _f(1.0) - _f(2.0) * _f(k & 1)
            x, y = a[k], b[k]
            a[k] = sign * (direct * x + cross * y)
            b[k] = sign * (direct * y + cross * x)
