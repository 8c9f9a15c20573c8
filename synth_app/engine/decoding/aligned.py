"""Arrays that begin at a cache line, so that no vector read from them lies across two."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

_LINE = 64


def aligned(values: NDArray[Any]) -> NDArray[Any]:
    """A copy in C order whose first byte begins a cache line."""
    room = np.zeros(values.nbytes + _LINE, np.uint8)
    start = -room.ctypes.data % _LINE
    copy = room[start : start + values.nbytes].view(values.dtype).reshape(values.shape)
    copy[...] = values
    return copy
