"""Levels of auditory bands, and their movement around a local mean."""

import numpy as np
from numpy.typing import NDArray

from synth_app.spectrum import FrameSpec

Float64s = NDArray[np.float64]
Frames = NDArray[np.floating]
BANDS = 16
LOWEST_HZ, HIGHEST_HZ, _OF_RATE = 100.0, 12_000.0, 0.45
RANGE_DB = 50.0  # below the loudest band; what lies lower is not heard beside it
LOCAL_MEAN_S = 0.5  # length of the Hann window of the local mean; slower movement belongs to the loudness curve
_LEAST_POWER = 1e-20


def band_filters(spec: FrameSpec, bands: int = BANDS) -> Float64s:
    """Return the power weights of the bands, float64 [bands, bins of a frame].

    The bands are evenly spaced on the ERB-rate scale (Glasberg and Moore 1990), from 100 Hz to 12 kHz or 0.45 of the
    sample rate. Each is a squared half cosine that reaches zero at its neighbours' centres.
    """
    hz = np.arange(spec.bins) * spec.sample_rate / spec.n_fft
    centers = band_centers(highest_center_hz(spec), bands)
    distance = np.abs(_erb_rate(hz) - centers[:, None]) / (centers[1] - centers[0])
    filters: Float64s = np.cos(0.5 * np.pi * np.minimum(distance, 1.0)) ** 2
    return filters


def highest_center_hz(spec: FrameSpec) -> float:
    """Return the centre of the highest band in Hz."""
    return min(HIGHEST_HZ, _OF_RATE * spec.sample_rate)


def band_centers(highest_hz: float, bands: int = BANDS) -> Float64s:
    """Return the centres of bands from 100 Hz to ``highest_hz`` on the ERB-rate scale, float64 [bands]."""
    low, high = (float(_erb_rate(np.array(edge))) for edge in (LOWEST_HZ, highest_hz))
    return np.linspace(low, high, bands)


def band_levels_db(frames_db: Frames, filters: Float64s) -> Float64s:
    """Return the levels of bands in dB, float64 [frames, bands].

    Args:
        frames_db: [frames, bins], dB.
        filters: of ``band_filters``.
    """
    power = 10.0 ** (np.asarray(frames_db, np.float64) / 10.0) @ filters.T
    return np.asarray(10.0 * np.log10(power + _LEAST_POWER))


def movement(levels_db: Float64s, frames_per_second: float) -> Float64s:
    """Return what moves in band levels, in dB: each band less its local mean over half a second.

    This removes the mean spectrum, the loudness curve and slow changes, which belong to the content of a sound. Levels
    more than 50 dB under the loudest band's mean are raised to that limit first.

    Args:
        levels_db: [frames, bands].
        frames_per_second: rate in Hz.

    Returns:
        float64 [frames, bands]; the mean of every band is 0.
    """
    matrix = movement_matrix(len(levels_db), frames_per_second)
    return np.asarray(matrix @ np.maximum(levels_db, movement_floor_db(levels_db)))


def movement_floor_db(levels_db: Float64s) -> float:
    """Return the level in dB to which ``movement`` raises quieter ones."""
    return float(levels_db.mean(axis=0).max() - RANGE_DB)


def local_mean_matrix(frames: int, frames_per_second: float) -> Float64s:
    """Return the matrix [frames, frames] of the local mean: a Hann window, cut off and renormalized at the ends."""
    half = 0.5 * LOCAL_MEAN_S * frames_per_second
    distance = np.abs(np.arange(frames)[:, None] - np.arange(frames)) / half
    weights = np.where(distance < 1.0, np.cos(0.5 * np.pi * np.minimum(distance, 1.0)) ** 2, 0.0)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def movement_matrix(frames: int, frames_per_second: float) -> Float64s:
    """Return the matrix [frames, frames] that subtracts the local mean and then the rest of the mean."""
    matrix = np.eye(frames) - local_mean_matrix(frames, frames_per_second)
    return np.asarray(matrix - matrix.mean(axis=0))


def _erb_rate(hz: Float64s) -> Float64s:
    return np.asarray(21.4 * np.log10(1.0 + 0.00437 * hz))
