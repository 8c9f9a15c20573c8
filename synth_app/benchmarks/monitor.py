"""Records the monitor of the system's default output, with the arrival time of each part."""

import shutil
import subprocess
import threading
import time
from types import TracebackType
from typing import IO, cast

import numpy as np

from synth_app.audio.protocol.telemetry import Frames
from synth_app.patch import ENGINE_RATE
from synth_app.support.errors import UserError

_START_S = 5.0
_COMMAND = (
    "parec", "--device=@DEFAULT_MONITOR@", "--format=float32le", "--channels=2", f"--rate={ENGINE_RATE}", "--raw",
    "--latency-msec=5",
)  # fmt: skip
_FRAME_BYTES = 8
_SILENCE = 1e-6  # fraction of the excerpt's energy below which a stretch counts as silence
_MIN_CORRELATION = 0.95  # lowest normalised correlation that counts as found


class Monitor:
    """Context manager that records the monitor of PulseAudio's (or PipeWire's) default output with ``parec``."""

    def __enter__(self) -> "Monitor":
        """Start recording.

        Raises:
            UserError: parec is missing, or there is no monitor.
        """
        if shutil.which(_COMMAND[0]) is None:
            raise UserError("recording the output needs PulseAudio's parec: sudo apt-get install pulseaudio-utils")
        self._data: list[bytes] = []
        self._ends: list[int] = []  # frames received after each piece
        self._arrivals: list[float] = []  # time.perf_counter() of each piece
        self._running = threading.Event()
        self._process = subprocess.Popen(_COMMAND, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0)
        self._thread = threading.Thread(target=self._read, name="monitor", daemon=True)
        self._thread.start()
        if not self._running.wait(_START_S):
            self._stop()
            raise UserError("the output's monitor cannot be recorded; is a PulseAudio or PipeWire server running?")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the recording; the samples stay available."""
        self._stop()

    def samples(self) -> Frames:
        """Return all samples so far, float32 [n, 2] at ``ENGINE_RATE``."""
        data = b"".join(self._data)
        return np.frombuffer(data[: len(data) // _FRAME_BYTES * _FRAME_BYTES], np.float32).reshape(-1, 2)

    def arrived_s(self, index: int) -> float:
        """Return the time.perf_counter() at which recorded frame ``index`` arrived."""
        return self._arrivals[int(np.searchsorted(self._ends, index, side="right"))]

    def index_at(self, time_s: float) -> int:
        """Return how many frames had arrived at that time.perf_counter()."""
        pieces = int(np.searchsorted(self._arrivals, time_s, side="right"))
        return self._ends[pieces - 1] if pieces else 0

    def _read(self) -> None:
        received = 0
        output = cast(IO[bytes], self._process.stdout)
        while data := output.read(1 << 16):
            arrival = time.perf_counter()
            received += len(data)
            self._data.append(data)
            self._arrivals.append(arrival)
            self._ends.append(received // _FRAME_BYTES)
            self._running.set()

    def _stop(self) -> None:
        self._process.kill()
        self._process.wait()
        self._thread.join()
        if self._process.stdout is not None:
            self._process.stdout.close()


def find_excerpt(recording: Frames, excerpt: Frames) -> int | None:
    """Find an excerpt in a recording by the highest normalised cross-correlation.

    Args:
        recording: float32 [n, 2]; channels are averaged.
        excerpt: float32 [m, 2], m <= n.

    Returns:
        Index at which the excerpt begins; None if no stretch is similar (correlation under 0.95).
    """
    whole, part = recording.mean(axis=1, dtype=np.float64), excerpt.mean(axis=1, dtype=np.float64)
    positions = len(whole) - len(part) + 1
    energy = float(part @ part)
    if positions < 1 or energy == 0.0:
        return None
    size = 1 << (len(whole) - 1).bit_length()
    products = np.fft.irfft(np.fft.rfft(whole, size) * np.conj(np.fft.rfft(part, size)), size)[:positions]
    sums = np.concatenate([[0.0], np.cumsum(whole**2)])
    local = sums[len(part) :] - sums[:positions]
    correlation = products / np.sqrt(np.maximum(local, _SILENCE * energy) * energy)
    best = int(correlation.argmax())
    return best if correlation[best] >= _MIN_CORRELATION else None
