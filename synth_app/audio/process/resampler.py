"""Sample-rate conversion on the fly, for devices that do not run at the engine's 48 kHz."""

import math
from collections.abc import Callable

import numpy as np
import soxr

from synth_app.audio.protocol.telemetry import Frames
from synth_app.patch import ENGINE_RATE

_PRIME_FRAMES = 64  # zeros per step while filling the filter


class RateConverter:
    """Pulls frames at 48 kHz and gives them at the device's rate.

    soxr's variable-rate mode is used although the rate is fixed: it gives as many frames as it is owed at every
    call (115 dB signal to noise, 5 ms delay), where the ordinary mode delivers bursts of up to 1,660 frames.
    """

    def __init__(self, render: Callable[[int], Frames], rate: int, max_frames: int) -> None:
        """Convert ``render(n) -> float32 [n, 2]`` to ``rate`` in Hz, at most ``max_frames`` per read."""
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
        np.clip(self._fifo[:n], -1.0, 1.0, out=out)  # the filter may overshoot a full-scale edge
        self._held -= n
        self._fifo[: self._held] = self._fifo[n : n + self._held]

    def _push(self, frames: Frames) -> None:
        self._fifo[self._held : self._held + len(frames)] = frames
        self._held += len(frames)

    def _prime(self) -> float:
        """Feed silence until the filter answers; the delay of every frame from then on in seconds, within 0.1 ms.

        soxr gives frame k for time k / rate, as soon as its filter has seen enough: the delay is the time fed
        less the time that came out.
        """
        zeros = np.zeros((_PRIME_FRAMES, 2), np.float32)
        fed = given = 0
        while not given:
            given = len(self._stream.resample_chunk(zeros))
            fed += _PRIME_FRAMES
        return (fed - given * self._ratio) / ENGINE_RATE
