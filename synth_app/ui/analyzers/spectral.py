"""Spectra of the output in dB, and their folding onto log-frequency bands. No Qt."""

import numpy as np
from numpy.typing import NDArray

from synth_app.patch import ENGINE_RATE

Array = NDArray[np.float32]
LOW_HZ, HIGH_HZ = 30.0, 20_000.0
FLOOR_DB = -100.0


class SpectrumAnalyzer:
    """Compute dB spectra of blocks of ``n_fft`` samples with a Hann window; 0 dB is a full-scale sine.

    Args:
        n_fft: samples of a block.
        padding: length of the transform in blocks; above 1 there are more bins, and tones between them lose less.

    Attributes:
        frequencies_hz: float64 [bins].
    """

    def __init__(self, n_fft: int, padding: int = 1) -> None:
        self.n_fft, self._length = n_fft, n_fft * padding
        self.frequencies_hz = np.arange(self._length // 2 + 1, dtype=np.float64) * (ENGINE_RATE / self._length)
        window = np.hanning(n_fft + 1)[:-1]  # periodic
        self._window = (window * 2 / window.sum()).astype(np.float32)

    def __call__(self, mono: Array) -> Array:
        """Return the spectra of samples [..., n_fft]: float32 [..., bins] in dB, not below ``FLOOR_DB``."""
        magnitude = np.abs(np.fft.rfft(mono * self._window, self._length, axis=-1)).astype(np.float32)
        out: Array = 20 * np.log10(np.maximum(magnitude, np.float32(10 ** (FLOOR_DB / 20))))
        return out


class LogBands:
    """Fold spectra onto bands of equal width in octaves, keeping every peak.

    A band that spans several bins has their maximum; a band narrower than a bin is interpolated.

    Args:
        frequencies_hz: [bins], rising evenly from 0. The bands end at the last bin if that is below ``HIGH_HZ``.
        bands: how many.

    Attributes:
        centers_hz: float64 [bands], geometric centres.
    """

    def __init__(self, frequencies_hz: NDArray[np.floating], bands: int) -> None:
        edges = np.geomspace(LOW_HZ, min(HIGH_HZ, float(frequencies_hz[-1])), bands + 1)
        self.centers_hz = np.sqrt(edges[1:] * edges[:-1])
        self._frequencies = frequencies_hz
        first = np.searchsorted(frequencies_hz, edges[:-1])
        last = np.searchsorted(frequencies_hz, edges[1:])
        wide = np.flatnonzero(last - first >= 2)  # from the first such band on, all bands are wide
        self._narrow = int(wide[0]) if len(wide) else bands
        self._starts = np.append(first[self._narrow :], last[-1] if bands else 0)

    def __call__(self, spectra: Array) -> Array:
        """Return the bands of spectra [n, bins]: float32 [n, bands], lowest frequency first."""
        n, bands = len(spectra), len(self.centers_hz)
        out = np.empty((n, bands), np.float32)
        low = self.centers_hz[: self._narrow]
        for i, spectrum in enumerate(spectra):
            out[i, : self._narrow] = np.interp(low, self._frequencies, spectrum)
        if self._narrow < bands:
            upper = spectra[:, : self._starts[-1]]
            out[:, self._narrow :] = np.maximum.reduceat(upper, self._starts[:-1], axis=1)
        return out
