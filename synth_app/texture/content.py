"""What belongs to the content of a sound: onsets and the loudness curve."""

import numpy as np
from numpy.typing import NDArray

Float64s = NDArray[np.float64]
_WINDOW_S, _LAG_S = 0.09, 0.023  # as the default window and hop of librosa.onset.onset_strength
_ONSET_RANGE_DB = 80.0
MOMENTARY_S = 0.4  # of momentary loudness, ITU-R BS.1770-4
HEARD_DB = 40.0  # below the maximum of the loudness curve
_LEAST_POWER = 1e-20


def onset_envelope(levels_db: Float64s, frames_per_second: float) -> Float64s:
    """Return the spectral flux of band levels: their mean rise over 23 ms in dB, float64 [frames].

    The power is averaged over a Hann window of 90 ms first, because quicker pulses are heard as roughness and not as
    onsets. Levels more than 80 dB under the loudest count as this limit.

    Args:
        levels_db: [frames, bands]. It should begin with silence, if the first onset matters.
        frames_per_second: rate in Hz.
    """
    length = 2 * round(0.5 * _WINDOW_S * frames_per_second) + 1
    taper = np.hanning(length + 2)[1:-1]
    padded = np.pad(10.0 ** (levels_db / 10.0), ((length // 2, length // 2), (0, 0)), mode="edge")
    power = np.apply_along_axis(np.convolve, 0, padded, taper / taper.sum(), "valid")
    smooth = 10.0 * np.log10(power + _LEAST_POWER)
    heard = np.maximum(smooth, smooth.max() - _ONSET_RANGE_DB)
    lag = max(1, round(_LAG_S * frames_per_second))
    rise = np.zeros(len(levels_db))
    rise[lag:] = np.maximum(heard[lag:] - heard[:-lag], 0.0).mean(axis=1)
    return rise


def onset_correlation(first_db: Float64s, second_db: Float64s, frames_per_second: float) -> float:
    """Return the correlation of the onset envelopes of two sounds of equal length, -1 to 1; 0 if one has no onset."""
    one, other = (onset_envelope(each, frames_per_second) for each in (first_db, second_db))
    if one.std() == 0.0 or other.std() == 0.0:
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])


def momentary_loudness_db(power: Float64s, frames_per_second: float) -> Float64s:
    """Return the loudness curve in dB: the mean of K-weighted power over 0.4 s, float64 [frames].

    Args:
        power: float64 [frames], K-weighted power of every frame.
        frames_per_second: rate in Hz.
    """
    return np.asarray(10.0 * np.log10(momentary_mean(power, frames_per_second) + _LEAST_POWER))


def momentary_mean(values: Float64s, frames_per_second: float) -> Float64s:
    """Return the mean of values [frames] over 0.4 s around every frame, float64 [frames]; less at the ends."""
    reach = max(1, round(MOMENTARY_S * frames_per_second)) // 2
    total = np.concatenate([[0.0], np.cumsum(values)])
    frames = np.arange(len(values))
    first, last = np.maximum(frames - reach, 0), np.minimum(frames + reach + 1, len(values))
    return np.asarray((total[last] - total[first]) / (last - first))


def loudness_difference_db(first: Float64s, second: Float64s, frames_per_second: float) -> float:
    """Return the greatest difference of two loudness curves in dB, where the first is within 40 dB of its maximum.

    Args:
        first, second: float64 [frames], K-weighted power of every frame, of equal length.
        frames_per_second: rate in Hz.
    """
    one, other = (momentary_loudness_db(each, frames_per_second) for each in (first, second))
    return float(np.abs(one - other)[one > one.max() - HEARD_DB].max())
