"""The output stage of the engine: master gain before the effects, limiter to full scale after them (compiled)."""

import numpy as np
from numpy.typing import NDArray

from synth_app.support.kernels import public

Float32s = NDArray[np.float32]
_f = np.float32

CEILING = _f(0.98)  # -0.18 dBFS: headroom for the converter's interpolation
_RELEASE_S = 0.1
_RUNAWAY = 1e6  # louder values, and NaN, come from a fault


@public
def apply_gain(out: Float32s, gain: float, gain_target: float, glide: float) -> float:
    """Apply the master gain, sample by sample, so that the block size does not change the result.

    Args:
        out: float32 [n, 2], changed in place; finite afterwards, so that no echo holds a NaN.
        gain: present linear gain.
        gain_target: linear gain to glide to.
        glide: fraction of the distance to the target per sample.

    Returns:
        The gain after the block.
    """
    for i in range(out.shape[0]):
        gain += glide * (gain_target - gain)
        left, right = gain * out[i, 0], gain * out[i, 1]
        if not (abs(left) < _RUNAWAY and abs(right) < _RUNAWAY):  # silence rather than noise
            left = right = np.float64(0.0)
        out[i, 0], out[i, 1] = _f(left), _f(right)
    return gain


@public
def limit_to_full_scale(out: Float32s, limit: float, rate: float) -> tuple[float, bool]:
    """Limit the output to the ceiling, sample by sample, whatever the input is.

    The gain falls at once where a sample would exceed the ceiling, and rises again with a time constant of 0.1 s. Both
    channels share it, so the stereo image stays.

    Args:
        out: float32 [n, 2], changed in place; finite and within the ceiling afterwards.
        limit: present gain, 1 at first.
        rate: sample rate in Hz.

    Returns:
        The gain after the block, and whether any sample was limited.
    """
    recover = 1.0 - np.exp(-1.0 / (_RELEASE_S * rate))
    limited = False
    for i in range(out.shape[0]):
        left, right = float(out[i, 0]), float(out[i, 1])
        if not (abs(left) < _RUNAWAY and abs(right) < _RUNAWAY):
            left = right = np.float64(0.0)
        peak = max(abs(left), abs(right))
        limit += recover * (1.0 - limit)
        if peak * limit > CEILING:
            limit = float(CEILING / peak)
            limited = True
        out[i, 0] = min(max(_f(left * limit), -CEILING), CEILING)
        out[i, 1] = min(max(_f(right * limit), -CEILING), CEILING)
    return limit, limited
