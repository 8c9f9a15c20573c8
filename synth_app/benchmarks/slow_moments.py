"""Detects moments in which a core computes slowly without a pause: on each core a thread times a fixed computation.

``python -m synth_app.benchmarks.slow_moments`` prints how it is scheduled, "real-time" or "normal", and then for every
slow run its start (time.perf_counter() in s) and by how many times it was slower than usual, until its standard input
ends. It measures the thread's CPU time, so other programs that take the core are no slow moment; a virtual machine
whose host gives it less, or a processor that lowers its clock, is one. It takes about 4 % of each core.
"""

import os
import statistics
import sys
import threading
import time
from collections import deque

import numpy as np

from synth_app.benchmarks.scheduler_stalls import request_highest_priority

SLOW = 3.0  # times the usual duration
_SIZE = 160  # of the square matrices, about 0.2 ms
_SLEEP_S = 0.005
_USUAL_OF = 200  # runs; their median is the usual duration


def main() -> None:
    """Compute until standard input ends."""
    stop = threading.Event()
    cores: list[int | None] = [*sorted(os.sched_getaffinity(0))] if hasattr(os, "sched_getaffinity") else [None]
    print("real-time" if request_highest_priority() else "normal", flush=True)  # threads inherit the priority
    for core in cores:
        threading.Thread(target=_watch, args=(core, stop), daemon=True).start()
    sys.stdin.read()
    stop.set()


def _watch(core: int | None, stop: threading.Event) -> None:
    """Print the slow runs of one core, or of this process where threads cannot be bound to cores."""
    if core is not None:
        os.sched_setaffinity(0, {core})  # of this thread
    matrix, product = np.eye(_SIZE, dtype=np.float32), np.empty((_SIZE, _SIZE), np.float32)
    recent: deque[float] = deque(maxlen=_USUAL_OF)
    while not stop.wait(_SLEEP_S):
        start, cpu_s = time.perf_counter(), time.thread_time()
        np.matmul(matrix, matrix, out=product)
        cpu_s = time.thread_time() - cpu_s
        recent.append(cpu_s)
        usual_s = statistics.median(recent) if len(recent) == _USUAL_OF else cpu_s
        if cpu_s > SLOW * usual_s:
            print(f"{start} {cpu_s / usual_s}\n", end="", flush=True)


if __name__ == "__main__":
    main()
