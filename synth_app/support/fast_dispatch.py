"""Calls of a kernel without numba's type check of all arrays in all tuples at every call."""

from collections.abc import Callable
from typing import Any

import numpy as np


class FastDispatch:
    """A kernel whose tuples hold arrays of the same types at every call.

    The type check takes 10 to 15 microseconds with the engine's tuples, as long as a voice. The first call checks, and
    compiles if necessary. Later calls go straight to the machine code of the first.

    Arrays that are arguments themselves, such as a caller's output, are checked at every call. Machine code for
    C-contiguous arrays would write outside of a strided one. Each new layout or dtype compiles once.

    Args:
        kernel: made by ``synth_app.support.kernels.public``.
    """

    def __init__(self, kernel: Any) -> None:
        self._kernel = kernel
        self._entries: dict[tuple[Any, ...], Callable[..., Any]] = {}

    def __call__(self, *args: Any) -> Any:
        """Call the kernel and return its result."""
        layout = tuple([  # a list is faster than a generator
            (each.dtype, each.ndim, each.flags.c_contiguous, each.flags.writeable)
            for each in args
            if type(each) is np.ndarray
        ])  # fmt: skip
        entry = self._entries.get(layout)
        if entry is not None:
            return entry(*args)
        result = self._kernel(*args)
        types = tuple(self._kernel.typeof_pyval(each) for each in args)
        self._entries[layout] = self._kernel.overloads[types].entry_point
        return result
