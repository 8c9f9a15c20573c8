"""librosa, imported by one process after the other: ``from synth_app.support.compiling.librosa_import import librosa``.

librosa compiles functions for whole arrays (numba's ``guvectorize``) while it is imported. numba caches each in two
files: the function, and a wrapper that calls it by a name with a number of the process which compiled it. Two processes
that compile at once overwrite each other's files. If a function of one and a wrapper of the other remain, every later
process calls address 0 and ends. So a process holds a lock during the import: the first one compiles, the others load.
The files are in a folder of their own, where a new version of this program finds them.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout

from synth_app.support.kernels import other_cache_folder
from synth_app.support.resources import user_folder

__all__ = ["librosa"]

LOCK_NAME, FOLDER_NAME = "librosa.lock", "librosa"
_LONGEST_S = 120.0  # several times what compiling takes on a slow laptop

logger = logging.getLogger(__name__)


@contextmanager
def _one_process_at_a_time() -> Iterator[None]:
    lock = FileLock(user_folder("cache") / LOCK_NAME)
    try:
        user_folder("cache").mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=_LONGEST_S)
    except (OSError, NotImplementedError, Timeout) as error:  # NotImplementedError: a file system without locks
        logger.warning("librosa is imported without a lock, which another process may do at once: %s", error)
    try:
        yield
    finally:
        lock.release()


with _one_process_at_a_time(), other_cache_folder(user_folder("cache") / FOLDER_NAME):
    import librosa
    import librosa.core.pitch  # what is compiled: librosa itself imports its parts at their first use
