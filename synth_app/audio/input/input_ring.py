"""The ring between the callback of an input and the readers of its samples."""

import numpy as np
from numpy.typing import NDArray

from synth_app.audio.protocol.telemetry import Frames, read_ring

RING_FRAMES = 1 << 18  # 5.5 s at 48 kHz
_HEADER = np.dtype([("begun", np.int64), ("written", np.int64)])


class InputRing:
    """One writer, any number of readers, no locks; the memory is allocated at once."""

    def __init__(self) -> None:
        self._header: NDArray[np.void] = np.zeros(1, _HEADER)
        self._frames: Frames = np.zeros((RING_FRAMES, 2), np.float32)

    @property
    def written(self) -> int:
        """Index of the next sample."""
        return int(self._header["written"][0])

    def write(self, samples: Frames) -> None:
        """Append float32 [n, 1 or more], n below the ring's size; of more channels than two the first two."""
        n = len(samples)
        start = self.written
        self._header["begun"] = start + n
        position = start % RING_FRAMES
        first = min(n, RING_FRAMES - position)
        for channel in (0, 1):
            source = samples[:, min(channel, samples.shape[1] - 1)]
            self._frames[position : position + first, channel] = source[:first]
            self._frames[: n - first, channel] = source[first:]
        self._header["written"] = start + n

    def read_since(self, index: int) -> tuple[Frames, int, int]:
        """Return samples [n, 2] from ``index`` on, the index after them, and how many were overwritten before."""
        return read_ring(self._frames, self._header, "written", "begun", index)
