"""Detects scheduler stalls: on each core a thread of the highest priority sleeps and reports when it wakes late.

``python -m synth_app.benchmarks.scheduler_stalls`` prints how it is scheduled, "real-time" or "normal", and then for
every stall of any core its end (time.perf_counter() in s) and its length in ms, until its standard input ends. A stall
seen by a real-time thread of the highest priority hardly comes from another program; it can come from the host of a
virtual machine. The threads take about 1 % of each core.
"""

import os
import sys
import threading
import time

STALL_S = 0.01  # shorter stalls do no harm
_SLEEP_S = 0.004


def main() -> None:
    """Sleep until standard input ends."""
    stop = threading.Event()
    threading.Thread(target=_wait_for_end, args=(stop,), daemon=True).start()
    cores: list[int | None] = [*sorted(os.sched_getaffinity(0))] if hasattr(os, "sched_getaffinity") else [None]
    print("real-time" if request_highest_priority() else "normal", flush=True)  # threads inherit the priority
    watchers = [threading.Thread(target=_watch, args=(core, stop)) for core in cores]
    for watcher in watchers:
        watcher.start()
    for watcher in watchers:
        watcher.join()


def request_highest_priority() -> bool:
    """Request real-time scheduling at the highest priority for this thread; return whether it was granted."""
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(os.sched_get_priority_max(os.SCHED_FIFO)))
    except (AttributeError, OSError):
        return False
    return True


def _watch(core: int | None, stop: threading.Event) -> None:
    """Print end and length of the stalls of one core, or of this process where threads cannot be bound to cores."""
    if core is not None:
        os.sched_setaffinity(0, {core})  # of this thread
    while not stop.is_set():
        before = time.perf_counter()
        time.sleep(_SLEEP_S)
        end = time.perf_counter()
        late_s = end - before - _SLEEP_S
        if late_s > STALL_S:
            print(f"{end} {1e3 * late_s}\n", end="", flush=True)


def _wait_for_end(stop: threading.Event) -> None:
    sys.stdin.read()
    stop.set()


if __name__ == "__main__":
    main()
