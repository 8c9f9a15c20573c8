"""Repetition in a held sound: autocorrelation of its third-octave band levels.

Listeners recognise a loop by the same small movement in the same order. The measure correlates the movement of the band
levels with itself, shifted (the Fourier transform of the modulation spectrum, Wiener & Khinchin). A peak of 1 at any
shift is an exact repetition; random movement stays near 0.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import stft

Floats = NDArray[np.floating]
FRAMES_PER_S = 50
_WINDOW_S = 0.08
_LOWEST_HZ, _HIGHEST_HZ = 50.0, 12_000.0
_FLOOR_DB = -60.0  # re the loudest band's mean; bands below are inaudible
_SHORTEST_S, _LONGEST_S = 0.4, 8.0  # a quicker repetition is a vibrato or a roughness of the sound itself


@dataclass(frozen=True)
class Repetition:
    """Strength and period of a repetition.

    Attributes:
        strength: highest correlation of the sound with itself at any shift; 1 for an exact loop.
        period_s: the shift at which it was found.
        spread_db: standard deviation of the band levels: the amount of movement that could repeat.
        line_db: highest line of the modulation spectrum between 0.2 and 2.5 Hz over the median around it.
    """

    strength: float
    period_s: float
    spread_db: float
    line_db: float


def band_levels_db(mono: Floats, rate: int) -> NDArray[np.float64]:
    """Return levels in third-octave bands, float64 [frames, bands], 50 frames per second, without empty bands."""
    hop = rate // FRAMES_PER_S
    n = int(_WINDOW_S * rate)
    hz, _, spectra = stft(np.asarray(mono, np.float64), rate, "hann", n, n - hop, boundary=None, padded=False)
    power = np.abs(spectra.T) ** 2
    edges = _LOWEST_HZ * 2.0 ** (np.arange(0, np.log2(_HIGHEST_HZ / _LOWEST_HZ), 1 / 3))
    bands = [power[:, (hz >= low) & (hz < low * 2 ** (1 / 3))].sum(axis=1) for low in edges]
    levels = np.stack(bands, axis=1)
    kept = levels.mean(axis=0) > levels.mean(axis=0).max() * 10 ** (_FLOOR_DB / 10)
    out: NDArray[np.float64] = 10 * np.log10(levels[:, kept] + 1e-14)
    return out


def repetition(levels_db: NDArray[np.float64]) -> Repetition:
    """Measure the repetition in ``band_levels_db`` of at least five seconds of a sustain."""
    x = np.arange(len(levels_db))
    trend = np.polynomial.polynomial.polyfit(x, levels_db, 1)
    moving = levels_db - np.polynomial.polynomial.polyval(x, trend).T  # without its decay
    correlation = _shifted(moving)
    first, last = int(_SHORTEST_S * FRAMES_PER_S), min(int(_LONGEST_S * FRAMES_PER_S), len(x) // 2)
    peaks = [i for i in range(first, last) if correlation[i] >= max(correlation[i - 1], correlation[i + 1])]
    best = max(peaks, key=lambda i: correlation[i], default=first)
    return Repetition(float(correlation[best]), best / FRAMES_PER_S, float(moving.std()), _line_db(moving))


def _shifted(moving: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the correlation of the overlapping parts after each shift up to half of the length, over all bands."""
    n = len(moving)
    out = np.ones(n // 2 + 1)
    for shift in range(1, n // 2 + 1):
        a, b = moving[:-shift], moving[shift:]
        out[shift] = (a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum() + 1e-30)
    return out


def _line_db(moving: NDArray[np.float64]) -> float:
    """Return the highest line of the modulation spectrum over its surroundings, summed over bands."""
    spectrum = (np.abs(np.fft.rfft(moving * np.hanning(len(moving))[:, None], axis=0)) ** 2).sum(axis=1)
    hz = np.fft.rfftfreq(len(moving), 1 / FRAMES_PER_S)
    lines = []
    for i in np.flatnonzero((hz >= 0.2) & (hz <= 2.5)):
        around = spectrum[max(i - 12, 1) : i + 13]
        lines.append(10 * np.log10(spectrum[i] / (np.median(around) + 1e-30)))
    return float(max(lines))
