"""Strength of pitches in short spectra: SWIPE' (Camacho and Harris 2008).

A kernel of cosine lobes at the first and the prime harmonics is compared with the square root of the spectrum on a
scale of equivalent rectangular bandwidths. Valleys between the lobes count against a pitch, so an octave below scores
less than the pitch itself. Without composite harmonics, other fractions of the pitch do too.
"""

import math
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Float64s = NDArray[np.float64]
LOWEST_HZ, HIGHEST_HZ = 24.0, 4500.0  # the keys of a piano and some cents
CANDIDATES_PER_OCTAVE = 48
_HIGHEST_PARTIAL_HZ = 12_000.0  # the octave of the highest key and half a lobe are below
_ERB_STEP = 0.1
_PERIODS = 8.0  # in the window of a pitch: lobes of a Hann window as wide as those of the kernel


class _Kernels(NamedTuple):
    """Kernels [candidates, points] of pitches in Hz [candidates] at frequencies in Hz [points]."""

    pitches_hz: Float64s
    points_hz: Float64s
    kernels: Float64s


def candidate_hz() -> Float64s:
    """Return the pitches whose strength is found, float64 [candidates] in Hz, equal steps of 25 cents."""
    count = int(math.log2(HIGHEST_HZ / LOWEST_HZ) * CANDIDATES_PER_OCTAVE) + 1
    pitches: Float64s = LOWEST_HZ * 2.0 ** (np.arange(count) / CANDIDATES_PER_OCTAVE)
    return pitches


def pitch_strengths(samples: NDArray[np.floating], rate: int, at_s: Float64s) -> Float64s:
    """Return the strengths of all candidates at some moments, float64 [moments, candidates], at most 1.

    A harmonic sound has 0.3 or more at its pitch, white noise less than 0.1 everywhere.

    Args:
        samples: mono [n]; beyond its ends there is silence. rate: in Hz.
        at_s: the moments in seconds, centres of the windows.
    """
    found = _kernels(rate)
    size_log2 = np.log2(_PERIODS * rate / found.pitches_hz)
    strengths = np.zeros((len(at_s), len(found.pitches_hz)))
    for exponent in range(math.floor(size_log2.min()), math.ceil(size_log2.max()) + 1):
        share = np.maximum(1.0 - np.abs(size_log2 - exponent), 0.0)  # of this window in the strength of a candidate
        used = share > 0.0
        loudness = _loudness(samples, rate, at_s, 2**exponent, found.points_hz)
        strengths[:, used] += share[used] * (loudness @ found.kernels[used].T)
    return strengths


def _loudness(samples: NDArray[np.floating], rate: int, at_s: Float64s, size: int, points_hz: Float64s) -> Float64s:
    """Return the square roots of amplitudes at the points, [moments, points], the norm of each moment being 1."""
    padded = np.pad(np.asarray(samples, np.float64), (size // 2, size))
    starts = np.minimum(np.rint(at_s * rate).astype(int), len(samples))
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[starts]
    amplitude = np.abs(np.fft.rfft(frames * np.hanning(size + 1)[:-1], axis=1))
    position = np.minimum(points_hz * size / rate, size / 2 - 1e-6)
    low = position.astype(int)
    fraction = position - low
    between = (1.0 - fraction) * amplitude[:, low] + fraction * amplitude[:, low + 1]
    loudness = np.sqrt(between)
    out: Float64s = loudness / np.maximum(np.linalg.norm(loudness, axis=1, keepdims=True), 1e-12)
    return out


@cache
def _kernels(rate: int) -> _Kernels:
    pitches, highest = candidate_hz(), min(0.5 * rate, _HIGHEST_PARTIAL_HZ)
    points = _erb_to_hz(np.arange(_hz_to_erb(0.25 * LOWEST_HZ), _hz_to_erb(highest), _ERB_STEP))
    return _Kernels(pitches, points, np.stack([_kernel(each, points, highest) for each in pitches]))


def _kernel(pitch_hz: float, points_hz: Float64s, highest_hz: float) -> Float64s:
    """Return one kernel [points]: its positive lobes have the norm 1 and fall as 1 / sqrt(frequency)."""
    number = points_hz / pitch_hz
    kernel = np.zeros(len(points_hz))
    for harmonic in _first_and_primes(int(highest_hz / pitch_hz - 0.75)):
        distance = np.abs(number - harmonic)
        wave = np.cos(2.0 * np.pi * number)
        kernel[distance < 0.25] = wave[distance < 0.25]
        valley = (distance > 0.25) & (distance < 0.75)
        kernel[valley] += 0.5 * wave[valley]
    kernel /= np.sqrt(points_hz)
    return kernel / max(float(np.linalg.norm(kernel[kernel > 0.0])), 1e-12)


def _first_and_primes(last: int) -> list[int]:
    return [1, *(n for n in range(2, last + 1) if all(n % d for d in range(2, math.isqrt(n) + 1)))]


def _hz_to_erb(hz: float) -> float:
    return 21.4 * math.log10(1.0 + hz / 229.0)


def _erb_to_hz(erb: Float64s) -> Float64s:
    out: Float64s = (10.0 ** (erb / 21.4) - 1.0) * 229.0
    return out
