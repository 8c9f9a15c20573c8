"""How many threads the BLAS libraries of this process use."""

from types import TracebackType

from threadpoolctl import threadpool_limits


class BlasThreadLimit:
    """A limit on BLAS threads, in force from creation until ``close`` or the end of a ``with`` block.

    The products of one frame are small: several threads would wait for each other, by milliseconds, and use cores that
    another process needs. The limit holds for libraries that are loaded when it is made.

    Args:
        threads: most threads of each library.
    """

    def __init__(self, threads: int = 1) -> None:
        self._limits = threadpool_limits(threads, user_api="blas")

    def close(self) -> None:
        """Restore the numbers of threads from before."""
        self._limits.restore_original_limits()

    def __enter__(self) -> "BlasThreadLimit":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
