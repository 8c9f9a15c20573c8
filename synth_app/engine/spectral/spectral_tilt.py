"""Tilt of a frame's spectrum about 1 kHz, peak by peak, so that no partial is detuned (compiled).

A straight slope in dB per octave would raise one side of every window lobe over the other, and the phase stage would
estimate another frequency from it. So all bins between two valleys get one gain, that of their peak.
"""

import numpy as np
from numpy.typing import NDArray

from synth_app.support.kernels import public_fast

Float32s = NDArray[np.float32]
_f = np.float32
MOST_DB = _f(48.0)
LEAST_TILT = 1e-3  # dB per octave; a smaller tilt is ignored


@public_fast
def tilt_frame(frame_db: Float32s, octaves: Float32s, db_per_octave: float) -> None:
    """Tilt a frame in position.

    Args:
        frame_db: float32 [bins], finite.
        octaves: as ``octaves_about_pivot``.
        db_per_octave: slope; positive is brighter. A bin changes by 48 dB at most.
    """
    n, slope = frame_db.shape[0], _f(db_per_octave)
    low = 0
    while low < n:
        peak = low
        while peak + 1 < n and frame_db[peak + 1] >= frame_db[peak]:
            peak += 1
        high = peak + 1
        while high < n and frame_db[high] < frame_db[high - 1]:
            high += 1
        gain = min(max(slope * octaves[peak], -MOST_DB), MOST_DB)
        for k in range(low, high):
            frame_db[k] += gain
        low = high
