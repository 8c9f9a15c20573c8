"""Output samples to what the views draw: spectra in dB, folded onto logarithmic frequency rows. No Qt."""

import numpy as np
from numpy.typing import NDArray

from synth_app.patch import ENGINE_RATE

Array = NDArray[np.float32]
LOW_HZ, HIGH_HZ = 30.0, 20_000.0
FLOOR_DB = -100.0


class Analyser:
    """dB spectra of blocks of ``n_fft`` samples, 0 dB being a full-scale sine (Hann window)."""

    def __init__(self, n_fft: int) -> None:
        self.n_fft = n_fft
        self.frequencies_hz = np.arange(n_fft // 2 + 1, dtype=np.float64) * (ENGINE_RATE / n_fft)
        window = np.hanning(n_fft + 1)[:-1]  # periodic
        self._window = (window * 2 / window.sum()).astype(np.float32)

    def __call__(self, mono: Array) -> Array:
        """Spectra of samples [..., n_fft]: float32 [..., bins], not below ``FLOOR_DB``."""
        magnitude = np.abs(np.fft.rfft(mono * self._window, axis=-1)).astype(np.float32)
        out: Array = 20 * np.log10(np.maximum(magnitude, np.float32(10 ** (FLOOR_DB / 20))))
        return out


class LogRows:
    """Folds spectra onto ``rows`` bands of equal width in octaves, keeping every peak.

    A row that spans several bins takes their maximum; one narrower than a bin is interpolated.
    """

    def __init__(self, frequencies_hz: NDArray[np.floating], rows: int) -> None:
        """``frequencies_hz`` [bins] rises evenly from 0; rows end at the last bin if that is below HIGH_HZ."""
        edges = np.geomspace(LOW_HZ, min(HIGH_HZ, float(frequencies_hz[-1])), rows + 1)
        self.centers_hz = np.sqrt(edges[1:] * edges[:-1])
        self._frequencies = frequencies_hz
        first = np.searchsorted(frequencies_hz, edges[:-1])
        last = np.searchsorted(frequencies_hz, edges[1:])
        wide = np.flatnonzero(last - first >= 2)  # from the first such row on, all are
        self._narrow = int(wide[0]) if len(wide) else rows
        self._starts = np.append(first[self._narrow :], last[-1] if rows else 0)

    def __call__(self, spectra: Array) -> Array:
        """Rows of spectra [n, bins]: float32 [n, rows], lowest frequency first."""
        n, rows = len(spectra), len(self.centers_hz)
        out = np.empty((n, rows), np.float32)
        low = self.centers_hz[: self._narrow]
        for i, spectrum in enumerate(spectra):
            out[i, : self._narrow] = np.interp(low, self._frequencies, spectrum)
        if self._narrow < rows:
            upper = spectra[:, : self._starts[-1]]
            out[:, self._narrow :] = np.maximum.reduceat(upper, self._starts[:-1], axis=1)
        return out
