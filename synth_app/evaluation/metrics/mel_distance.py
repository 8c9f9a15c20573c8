"""Mel spectrograms of sounds, the distance between two of them in dB, and the spectral centroid."""

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

Float64s = NDArray[np.float64]
Sound = NDArray[np.floating]
MEL_BANDS, RANGE_DB = 80, 70.0
LOWEST_HZ, HIGHEST_HZ = 30.0, 20_000.0
FRAMES_PER_S = 200
_WINDOW_S = 2048 / 48_000
_LEAST_POWER = 1e-20


@cache
def mel_filters(rate: int, n_fft: int, bands: int) -> NDArray[np.float32]:
    """Return triangular filters of equal height, float32 [bands, n_fft // 2 + 1], up to 20 kHz or Nyquist.

    Args:
        rate: in Hz. n_fft: length of the transform in samples. bands: number of filters on Slaney's mel scale.
    """
    from synth_app.support.compiling.librosa_import import librosa

    filters: NDArray[np.float32] = librosa.filters.mel(
        sr=rate, n_fft=n_fft, n_mels=bands, fmin=LOWEST_HZ, fmax=min(HIGHEST_HZ, rate / 2), norm=None
    )
    return filters


def power_frames(mono: Sound, rate: int) -> Float64s:
    """Return power spectra, float64 [frames, bins], 200 frames per second; frame ``i`` is centred at ``i / 200`` s.

    The Hann window lasts 43 ms. The sound continues with zeros on both sides. A full-scale sine has power 1 in its bin.

    Args:
        mono: samples [n], at least one. rate: in Hz.
    """
    n_fft, hop = round(_WINDOW_S * rate), round(rate / FRAMES_PER_S)
    taper = np.hanning(n_fft + 1)[:-1]
    padded = np.pad(np.asarray(mono, np.float64), n_fft // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, n_fft)[::hop]
    power: Float64s = np.abs(np.fft.rfft(frames * (taper * 2.0 / taper.sum()))) ** 2
    return power


def mel_levels_db(mono: Sound, rate: int) -> Float64s:
    """Return the levels of 80 mel bands in dB, float64 [frames, bands], frames as in ``power_frames``."""
    filters = mel_filters(rate, round(_WINDOW_S * rate), MEL_BANDS)
    levels: Float64s = 10.0 * np.log10(power_frames(mono, rate) @ filters.T + _LEAST_POWER)
    return levels


def mel_distance_db(source_db: Float64s, made_db: Float64s, loudest_db: float) -> float:
    """Return the RMS difference of two mel spectrograms in dB.

    Levels more than 70 dB below ``loudest_db`` are inaudible; they count as this limit.

    Args:
        source_db, made_db: [frames, bands], of equal shape, with at least one frame.
        loudest_db: highest level of the source.
    """
    floor_db = loudest_db - RANGE_DB
    return float(np.sqrt(np.mean((np.maximum(source_db, floor_db) - np.maximum(made_db, floor_db)) ** 2)))


def centroid_hz(mono: Sound, rate: int) -> float:
    """Return the centroid of a sound's mean amplitude spectrum in Hz, from 30 Hz to 20 kHz.

    Args:
        mono: samples [n], at least 0.1 s; frames that reach beyond its ends are left out. rate: in Hz.
    """
    edge = math.ceil(0.5 * _WINDOW_S * FRAMES_PER_S)
    hz = np.fft.rfftfreq(round(_WINDOW_S * rate), 1.0 / rate)
    heard = (hz >= LOWEST_HZ) & (hz <= HIGHEST_HZ)
    amplitude = np.sqrt(power_frames(mono, rate)[edge:-edge].mean(axis=0))[heard]
    return float(hz[heard] @ amplitude / max(amplitude.sum(), _LEAST_POWER))
