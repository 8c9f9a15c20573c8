"""Arrays that begin at a cache line, so that no vector read from them crosses two lines."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

_LINE = 64


def aligned(values: NDArray[Any]) -> NDArray[Any]:
    """Return a copy in C order that begins at a cache line."""
    buffer = np.zeros(values.nbytes + _LINE, np.uint8)
    start = -buffer.ctypes.data % _LINE
    copy = buffer[start : start + values.nbytes].view(values.dtype).reshape(values.shape)
    copy[...] = values
    return copy
