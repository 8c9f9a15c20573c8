"""The axis of a spectral tilt: octaves about 1 kHz."""

import numpy as np
from numpy.typing import NDArray

PIVOT_HZ = 1000.0
_LOWEST_HZ = 20.0  # the slope ends below it


def octaves_about_pivot(bins: int, bin_hz: float) -> NDArray[np.float32]:
    """Return the distance of every bin from 1 kHz in octaves, float32 [bins]."""
    hz = np.maximum(np.arange(bins) * bin_hz, _LOWEST_HZ)
    return np.log2(hz / PIVOT_HZ).astype(np.float32)
