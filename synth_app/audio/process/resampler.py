"""Streaming sample-rate conversion for devices that do not run at the engine's 48 kHz."""

import math
from collections.abc import Callable

import numpy as np
import soxr

from synth_app.audio.protocol.telemetry import Frames
from synth_app.patch import ENGINE_RATE

_PRIME_FRAMES = 64  # zeros per step while filling the filter


class RateConverter:
    """Converts frames rendered at 48 kHz to the device's rate.

    It uses soxr's variable-rate mode although the rate is fixed: that mode returns the due number of frames at every
    call (115 dB signal-to-noise ratio, 5 ms delay), while the ordinary mode returns bursts of up to 1,660 frames.
    """

    def __init__(self, render: Callable[[int], Frames], rate: int, max_frames: int) -> None:
        """Prepare the filter.

        Args:
            render: renders n frames at 48 kHz, float32 [n, 2].
            rate: of the device, in Hz.
            max_frames: most frames per ``read``.
        """
        self._render = render
        self._ratio = ENGINE_RATE / rate
        self._stream = soxr.ResampleStream(ENGINE_RATE, rate, 2, dtype="float32", quality="HQ", vr=True)
        self._fifo = np.zeros((2 * max_frames + 1024, 2), np.float32)
        self._held = 0
        self.delay_s = self._prime()

    def read(self, out: Frames) -> None:
        """Fill ``out``, float32 [n, 2]."""
        n = len(out)
        while self._held < n:
            self._push(self._stream.resample_chunk(self._render(math.ceil((n - self._held) * self._ratio) + 2)))
        np.clip(self._fifo[:n], -1.0, 1.0, out=out)  # the filter overshoots at full-scale edges
        self._held -= n
        self._fifo[: self._held] = self._fifo[n : n + self._held]

    def _push(self, frames: Frames) -> None:
        self._fifo[self._held : self._held + len(frames)] = frames
        self._held += len(frames)

    def _prime(self) -> float:
        """Feed silence until the filter returns frames; return its delay in s, exact to 0.1 ms.

        soxr returns frame k for time k / rate as soon as its filter has enough input. So the delay is the duration of
        the input minus that of the output.
        """
        zeros = np.zeros((_PRIME_FRAMES, 2), np.float32)
        fed = returned = 0
        while not returned:
            returned = len(self._stream.resample_chunk(zeros))
            fed += _PRIME_FRAMES
        return (fed - returned * self._ratio) / ENGINE_RATE
