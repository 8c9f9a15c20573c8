"""Records what the system's default output plays, and when each part of it arrived."""

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
_FAINT = 1e-6  # of the energy looked for: a stretch with less is taken for silence
_LIKE = 0.95  # correlation above which a stretch of the recording is the one looked for


class Monitor:
    """A running ``parec`` on the monitor of PulseAudio's (or PipeWire's) default output; use it in a ``with``."""

    def __enter__(self) -> "Monitor":
        """Record from now on.

        Raises:
            UserError: parec is missing or there is nothing to record.
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
        """End the recording; what was recorded stays."""
        self._stop()

    def samples(self) -> Frames:
        """All recorded so far, float32 [n, 2] at ``ENGINE_RATE``."""
        data = b"".join(self._data)
        return np.frombuffer(data[: len(data) // _FRAME_BYTES * _FRAME_BYTES], np.float32).reshape(-1, 2)

    def arrived_s(self, index: int) -> float:
        """time.perf_counter() at which recorded frame ``index`` had arrived here."""
        return self._arrivals[int(np.searchsorted(self._ends, index, side="right"))]

    def index_at(self, time_s: float) -> int:
        """How many frames had arrived at that time.perf_counter()."""
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


def find_in(recording: Frames, wanted: Frames) -> int | None:
    """Where ``wanted`` begins in ``recording``: the place of the highest normalised cross-correlation.

    Args:
        recording: float32 [n, 2]. wanted: float32 [m, 2], m <= n. Channels are averaged.

    Returns:
        the index, or None where nothing in the recording is like it (correlation under 0.95).
    """
    whole, part = recording.mean(axis=1, dtype=np.float64), wanted.mean(axis=1, dtype=np.float64)
    places = len(whole) - len(part) + 1
    energy = float(part @ part)
    if places < 1 or energy == 0.0:
        return None
    size = 1 << (len(whole) - 1).bit_length()
    products = np.fft.irfft(np.fft.rfft(whole, size) * np.conj(np.fft.rfft(part, size)), size)[:places]
    sums = np.concatenate([[0.0], np.cumsum(whole**2)])
    local = sums[len(part) :] - sums[:places]
    likeness = products / np.sqrt(np.maximum(local, _FAINT * energy) * energy)
    best = int(likeness.argmax())
    return best if likeness[best] >= _LIKE else None
