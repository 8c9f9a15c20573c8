"""How many threads the BLAS libraries of this process use."""

import threading
from types import TracebackType

from threadpoolctl import threadpool_limits


class BlasThreadLimit:
    """A limit of one BLAS thread, in force from creation until ``close`` or the end of a ``with`` block.

    The products of one frame are small: several threads would wait for each other, by milliseconds, and use cores that
    another process needs. The limit holds for libraries that are loaded when it is made.

    Limits may overlap, also in several threads. The end of the last one restores the numbers from before the first.
    """

    _lock = threading.Lock()
    _active = 0  # limits in force
    _limits: list[threadpool_limits] = []  # noqa: RUF012  # shared by all limits on purpose: oldest first

    def __init__(self) -> None:
        self._closed = False
        with BlasThreadLimit._lock:
            BlasThreadLimit._active += 1
            self._limits.append(threadpool_limits(1, user_api="blas"))

    def close(self) -> None:
        """End this limit; the last one restores the numbers of threads. Later calls do nothing."""
        with BlasThreadLimit._lock:
            if self._closed:
                return
            self._closed = True
            BlasThreadLimit._active -= 1
            while not BlasThreadLimit._active and self._limits:
                self._limits.pop().restore_original_limits()

    def __enter__(self) -> "BlasThreadLimit":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
