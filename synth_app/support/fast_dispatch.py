"""Calls a kernel without numba finding out at every call, from all arrays in all tuples, what was passed."""

from collections.abc import Callable
from typing import Any


class FastDispatch:
    """A kernel that one caller gives arguments of the same types every time.

    Looking at the types takes 10 to 15 microseconds with the tuples of the engine, which is as long as a voice. The
    first call looks, and compiles if it must; later ones go straight to the machine code that was chosen then.

    Args:
        kernel: as ``synth_app.support.kernels.public`` makes them.
    """

    def __init__(self, kernel: Any) -> None:
        self._kernel = kernel
        self._entry: Callable[..., Any] | None = None

    def __call__(self, *args: Any) -> Any:
        """What the kernel returns."""
        if self._entry is not None:
            return self._entry(*args)
        result = self._kernel(*args)
        types = tuple(self._kernel.typeof_pyval(each) for each in args)
        self._entry = self._kernel.overloads[types].entry_point
        return result
