"""Compiles groups of kernels in processes of their own, at the same time, into the cache of the compiled kernels."""

import contextlib
import logging
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import numba

from synth_app.support.child_process import start_child
from synth_app.support.errors import UserError
from synth_app.support.files import atomic_path
from synth_app.support.kernels import cache_folder, kernel_sources

logger = logging.getLogger(__name__)

WITH_PARENT = "--with-parent"  # argument: end as soon as standard input closes
_ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")


class CompileJobs:
    """Compiles the groups that the cache does not hold yet, each in a process.

    A failed process is no error here: whoever needs the kernels then compiles them itself.

    Args:
        module: dotted name of a module that compiles the group named by its argument and calls ``mark_compiled``.
        groups: names of groups.
    """

    def __init__(self, module: str, groups: Sequence[str]) -> None:
        self._module = module
        self._missing = [group for group in groups if not is_compiled(group)] if _can_cache() else []
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Start the processes; none if the cache is complete, or cannot be written."""
        for group in self._missing:
            try:
                self._processes.append(start_child(self._module, (group, WITH_PARENT), _ONE_THREAD))
            except OSError as error:
                logger.warning("kernels of %r are not compiled in a process of their own: %s", group, error)

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait for all processes, up to ``timeout_s`` for each; return whether all have ended."""
        for process in self._processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout_s)
        return not self.running

    @property
    def running(self) -> bool:
        """Whether a process still compiles."""
        return any(process.poll() is None for process in self._processes)

    def end(self) -> None:
        """End the processes; what they have compiled stays in the cache."""
        for process in self._processes:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()
        self._processes.clear()


def compiled_kernels() -> int:
    """Return the number of kernels in the cache."""
    return sum(1 for _ in _folder().rglob("*.nbi"))


def is_compiled(group: str) -> bool:
    """Return whether the cache holds a group for the present sources."""
    try:
        return _marker(group).read_text(encoding="utf-8") == _stamp()
    except (OSError, UnicodeDecodeError):
        return False


def mark_compiled(group: str) -> None:
    """Note in the cache that a group is complete. Without space or permission it is compiled again next time."""
    with contextlib.suppress(OSError, UserError):
        _folder().mkdir(parents=True, exist_ok=True)
        with atomic_path(_marker(group), durable=False) as temporary:
            temporary.write_text(_stamp(), encoding="utf-8")


def _folder() -> Path:
    return Path(numba.config.CACHE_DIR or cache_folder())


def _can_cache() -> bool:
    return bool(numba.config.CACHE_DIR) and _folder().is_dir() and os.access(_folder(), os.W_OK)


def _marker(group: str) -> Path:
    return _folder() / f"{cache_folder().name}-{group}.compiled"


def _stamp() -> str:
    """Return a text that changes with the sources' times, because numba compiles touched files again."""
    return str(max(path.stat().st_mtime_ns for path in kernel_sources()))
