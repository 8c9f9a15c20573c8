"""What hinders the sound in a soak: a training beside it, an app that stands still or collects garbage, the machine."""

import ctypes
import gc
import os
import subprocess
import sys
import threading
import time
from types import TracebackType
from typing import IO, cast

TRAINING, PAUSES = "synth_app.training.cpu_load", "synth_app.benchmarks.scheduler_stalls"  # tell the steps made, and ms
_END_S = 10.0
_GARBAGE = 300_000  # cycles made for one collection, about a quarter of a second


class Beside:
    """A module that runs in a process of its own until it is told to end; use it in a ``with``.

    Args:
        module: run by this interpreter; prints a word and then numbers, a line each, and ends with its standard input.

    Attributes:
        module: as given.
        kind: the word; "" until it has begun.
        numbers: all so far.
    """

    def __init__(self, module: str) -> None:
        self.module, self.kind, self.numbers = module, "", list[float]()

    def __enter__(self) -> "Beside":
        """Start; returns at once, ``kind`` says when it has begun."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", self.module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "OPENBLAS_NUM_THREADS": "1"},
        )
        self._thread = threading.Thread(target=self._read, name="beside", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it."""
        cast(IO[str], self._process.stdin).close()
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._thread.join()
        cast(IO[str], self._process.stdout).close()

    @property
    def ended(self) -> bool:
        """Whether the process is no longer there."""
        return self._process.poll() is not None

    def _read(self) -> None:
        for line in cast(IO[str], self._process.stdout):
            if self.kind:
                self.numbers.append(float(line))
            else:
                self.kind = line.strip()


def stand_still(seconds: float) -> float:
    """Sleep without letting any other thread of this process run, as a C extension in a long computation does.

    Returns:
        seconds it took.
    """
    start = time.monotonic()
    library = ctypes.PyDLL(None)  # unlike CDLL it keeps the interpreter's lock during the call
    library.poll(None, 0, round(1e3 * seconds))
    return time.monotonic() - start


def collect_garbage() -> float:
    """Make many objects that only a full collection can free, and collect them; seconds it took."""
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
