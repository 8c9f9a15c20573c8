"""Tells whether the program already runs, so that two windows do not save over each other's session."""

import contextlib
from pathlib import Path

from PySide6.QtCore import QLockFile


class InstanceLock:
    """A lock that the first running program holds. That of a program that has crashed does not count.

    Attributes:
        first: whether no other program of this user holds the lock; also True where no lock file can be made.
    """

    def __init__(self, path: Path) -> None:
        with contextlib.suppress(OSError):  # then no lock can be made either
            path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = QLockFile(str(path))
        self._lock.setStaleLockTime(0)
        self.first = self._lock.tryLock(0) or self._lock.error() != QLockFile.LockError.LockFailedError

    def release(self) -> None:
        """Let another program be the first one."""
        self._lock.unlock()
