"""Programme loudness of a sound by the broadcasting standard."""

import numpy as np
from numpy.typing import NDArray

from synth_app.engine.spectral.loudness import k_weights
from synth_app.support.errors import UserError

RATE = 48_000  # Hz; the weighting curve is given for it
_BLOCK, _STEP = int(0.4 * RATE), int(0.1 * RATE)
_ABSOLUTE_LUFS, _RELATIVE_LU = -70.0, -10.0
_OFFSET = -0.691  # makes a 997 Hz sine read its level


def integrated_loudness(audio: NDArray[np.float32]) -> float:
    """Return the integrated loudness with both gates, ITU-R BS.1770-4.

    The weighting is applied to the spectrum of the whole sound. The power is that of the standard's filters; only their
    delay is missing, which does not change the loudness of a block.

    Args:
        audio: float32 [n, channels] at ``RATE``, full scale 1. All channels have equal weights.

    Returns:
        LUFS; minus infinity if no block is louder than -70 LUFS.

    Raises:
        UserError: the sound is shorter than one block of 0.4 s.
    """
    if len(audio) < _BLOCK:
        raise UserError(f"{len(audio) / RATE:.2f} s are too short to measure loudness; it takes 0.4 s")
    padded = np.concatenate([audio, np.zeros((RATE, audio.shape[1]), audio.dtype)]).astype(np.float64)
    spectrum = np.fft.rfft(padded, axis=0)
    weights = np.sqrt(k_weights(len(spectrum), RATE / len(padded)).astype(np.float64))
    weighted = np.fft.irfft(spectrum * weights[:, None], len(padded), axis=0)[: len(audio)]
    energy = np.concatenate([[0.0], np.cumsum(np.sum(weighted**2, axis=1))])
    starts = np.arange(0, len(audio) - _BLOCK + 1, _STEP)
    power = (energy[starts + _BLOCK] - energy[starts]) / _BLOCK
    loud = power[_lufs(power) > _ABSOLUTE_LUFS]
    if not len(loud):
        return -np.inf
    gate = _lufs(loud.mean()) + _RELATIVE_LU
    return float(_lufs(loud[_lufs(loud) > gate].mean()))


def _lufs(power: NDArray[np.float64] | np.floating) -> NDArray[np.float64]:
    return np.asarray(_OFFSET + 10.0 * np.log10(np.maximum(power, 1e-30)))
