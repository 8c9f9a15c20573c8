"""What the machine itself withholds: a process ahead of every other that only sleeps, and tells when it woke late.

``python -m synth_app.audio.pauses`` prints how it is scheduled, "real-time" or "normal", and then the length in ms of
every pause, until its standard input ends. No program of this machine can be the cause of a pause that a real-time
process of the highest priority sees; the host of a virtual machine can.
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
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(os.sched_get_priority_max(os.SCHED_FIFO)))
        print("real-time", flush=True)
    except (AttributeError, OSError):
        print("normal", flush=True)
    while not over.is_set():
        before = time.monotonic()
        time.sleep(_SLEEP_S)
        late_s = time.monotonic() - before - _SLEEP_S
        if late_s > PAUSE_S:
            print(1e3 * late_s, flush=True)


def _await_end(over: threading.Event) -> None:
    sys.stdin.read()
    over.set()


if __name__ == "__main__":
    main()
