"""Keeps a C library from writing to the standard error stream."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_STDERR = 2
_lock = threading.Lock()


@contextmanager
def quiet_stderr() -> Iterator[None]:
    """Drop what this process writes to its standard error stream; it has no other switch in libmpg123.

    Messages of other threads in this time are lost, too. One thread at a time enters the block.
    """
    with _lock:
        try:
            kept = os.dup(_STDERR)
        except OSError:  # a program without a terminal has no such stream
            yield
            return
        try:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, _STDERR)
            os.close(nowhere)
            yield
        finally:
            os.dup2(kept, _STDERR)
            os.close(kept)
