"""Pauses of the machine itself: on each core a thread of the highest priority only sleeps, and reports waking late.

``python -m synth_app.benchmarks.scheduler_stalls`` prints how it is scheduled, "real-time" or "normal", and then the
length in ms of every pause of any core, until its standard input ends. Hardly any program can be the cause of a
pause that a real-time thread of the highest priority sees; the host of a virtual machine can. It takes about one
percent of each core.
"""

import os
import sys
import threading
import time

PAUSE_S = 0.01  # what is shorter is nobody's trouble
_SLEEP_S = 0.004


def main() -> None:
    """Sleep until standard input ends."""
    over = threading.Event()
    threading.Thread(target=_await_end, args=(over,), daemon=True).start()
    cores: list[int | None] = [*sorted(os.sched_getaffinity(0))] if hasattr(os, "sched_getaffinity") else [None]
    print("real-time" if _ask_real_time() else "normal", flush=True)  # the threads made from here on have it too
    watchers = [threading.Thread(target=_watch, args=(core, over)) for core in cores]
    for watcher in watchers:
        watcher.start()
    for watcher in watchers:
        watcher.join()


def _ask_real_time() -> bool:
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(os.sched_get_priority_max(os.SCHED_FIFO)))
    except (AttributeError, OSError):
        return False
    return True


def _watch(core: int | None, over: threading.Event) -> None:
    """Tell of one core's pauses, or of this process's where threads cannot be bound to one."""
    if core is not None:
        os.sched_setaffinity(0, {core})  # of this thread
    while not over.is_set():
        before = time.monotonic()
        time.sleep(_SLEEP_S)
        late_s = time.monotonic() - before - _SLEEP_S
        if late_s > PAUSE_S:
            print(f"{1e3 * late_s}\n", end="", flush=True)


def _await_end(over: threading.Event) -> None:
    sys.stdin.read()
    over.set()


if __name__ == "__main__":
    main()
