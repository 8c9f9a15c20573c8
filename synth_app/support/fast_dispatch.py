"""Calls of a kernel without numba's type check of all arrays in all tuples at every call."""

from collections.abc import Callable
from typing import Any


class FastDispatch:
    """A kernel whose caller passes arguments of the same types at every call.

    The type check takes 10 to 15 microseconds with the engine's tuples, as long as a voice. The first call checks, and
    compiles if necessary. Later calls go straight to the machine code of the first.

    Args:
        kernel: made by ``synth_app.support.kernels.public``.
    """

    def __init__(self, kernel: Any) -> None:
        self._kernel = kernel
        self._entry: Callable[..., Any] | None = None

    def __call__(self, *args: Any) -> Any:
        """Call the kernel and return its result."""
        if self._entry is not None:
            return self._entry(*args)
        result = self._kernel(*args)
        types = tuple(self._kernel.typeof_pyval(each) for each in args)
        self._entry = self._kernel.overloads[types].entry_point
        return result
