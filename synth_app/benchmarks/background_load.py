"""Disturbances in a soak test: training in another process, threads that hold the GIL, garbage collection, stalls."""

import ctypes
import gc
import subprocess
import threading
import time
from types import TracebackType
from typing import IO, cast

from synth_app.support.child_process import start_child

TRAINING = "synth_app.training.cpu_load"  # prints the steps done
STALLS = "synth_app.benchmarks.scheduler_stalls"  # prints pairs: end in s, length in ms
SLOW_MOMENTS = "synth_app.benchmarks.slow_moments"  # prints pairs: start in s, times slower than usual
_END_S = 10.0
_GARBAGE = 300_000  # objects in cycles per collection, which takes about a quarter of a second


class BackgroundProcess:
    """Context manager that runs a module in a process of its own.

    Args:
        module: run with ``python -m``. It prints a word and then lines of numbers, and ends when its standard
            input closes.

    Attributes:
        module: as given.
        kind: the word; "" until it is printed.
        numbers: all numbers so far.
    """

    def __init__(self, module: str) -> None:
        self.module, self.kind, self.numbers = module, "", list[float]()

    def __enter__(self) -> "BackgroundProcess":
        """Start the process; returns at once, before ``kind`` is known."""
        self._process = start_child(self.module, environment={"OPENBLAS_NUM_THREADS": "1"})
        self._thread = threading.Thread(target=self._read, name="background", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the process."""
        cast(IO[bytes], self._process.stdin).close()
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._thread.join()
        cast(IO[bytes], self._process.stdout).close()

    @property
    def ended(self) -> bool:
        """Whether the process has ended."""
        return self._process.poll() is not None

    def _read(self) -> None:
        for line in cast(IO[bytes], self._process.stdout):
            if self.kind:
                self.numbers.extend(map(float, line.split()))
            else:
                self.kind = line.decode().strip()


def hold_gil(seconds: float) -> float:
    """Sleep while holding the GIL, as a C extension in a long computation does, so that no other thread runs.

    Returns:
        Duration in s.
    """
    start = time.monotonic()
    library = ctypes.PyDLL(None)  # unlike CDLL it holds the GIL during the call
    library.poll(None, 0, round(1e3 * seconds))
    return time.monotonic() - start


def collect_garbage() -> float:
    """Create many objects that only a full collection can free, and collect them; return the duration in s."""
    start = time.monotonic()
    gc.disable()
    try:
        for _ in range(_GARBAGE):
            cycle: list[object] = []
            cycle.append(cycle)
        gc.collect()
    finally:
        gc.enable()
    return time.monotonic() - start
