"""Zero-phase short-time Fourier transform and its inverse, for the offline methods."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from synth_app.phase.overlap import overlap_add, synthesis_window
from synth_app.phase.tables import Float32s
from synth_app.spectrum.windows import window

Complexes = NDArray[np.complex64]
_MIN_WEIGHT = 1e-3


class StftGrid(Protocol):
    """The part of a frame specification that the transform needs."""

    @property
    def n_fft(self) -> int:
        """Transform length in samples."""

    @property
    def hop_length(self) -> int:
        """Samples between frame centres."""

    @property
    def window(self) -> str:
        """Name of the analysis window."""


def stft(audio: Float32s, grid: StftGrid, n_frames: int | None = None) -> Complexes:
    """Spectra with phases referred to the frame's centre, frame m centred at sample m * hop_length.

    Args:
        audio: float32 [samples]; zeros are assumed around it.
        grid: n_fft, hop_length and window.
        n_frames: how many; None for ceil(samples / hop_length).

    Returns:
        complex64 [n_frames, bins].
    """
    n_fft, hop = grid.n_fft, grid.hop_length
    count = -(-len(audio) // hop) if n_frames is None else n_frames
    padded = np.zeros(max(count - 1, 0) * hop + n_fft, dtype=np.float32)
    used = min(len(audio), len(padded) - n_fft // 2)
    padded[n_fft // 2 : n_fft // 2 + used] = audio[:used]
    cuts = np.lib.stride_tricks.sliding_window_view(padded, n_fft)[::hop][:count]
    spectra = np.fft.rfft(cuts * window(grid.window, n_fft).astype(np.float32), axis=1)
    spectra[:, 1::2] *= -1
    return spectra.astype(np.complex64, copy=False)


def istft(spectra: Complexes, grid: StftGrid, length: int | None = None) -> Float32s:
    """Least-squares inverse of ``stft`` (Griffin & Lim 1984), exact to both ends.

    Args:
        spectra: complex64 [frames, bins].
        grid: n_fft, hop_length and window.
        length: of the synthesis window, see ``synthesis_window``; None for n_fft.

    Returns:
        float32 [frames * hop_length].
    """
    n_fft, hop = grid.n_fft, grid.hop_length
    signed = spectra.copy()
    signed[:, 1::2] *= -1
    shape = synthesis_window(grid.window, n_fft, hop, length)
    margin = (n_fft - len(shape)) // 2
    taper = window(grid.window, n_fft).astype(np.float32)[margin : margin + len(shape)]
    frames = np.fft.irfft(signed, n_fft, axis=1).astype(np.float32, copy=False)
    out = np.zeros((len(frames) + -(-n_fft // hop)) * hop, dtype=np.float32)
    weight = np.zeros_like(out)
    for m, frame in enumerate(frames):
        overlap_add(frame, shape, out, m * hop + margin)
        overlap_add(taper, shape, weight, m * hop + margin)
    audible = slice(n_fft // 2, n_fft // 2 + len(frames) * hop)
    return np.asarray(out[audible] / np.maximum(weight[audible], _MIN_WEIGHT), dtype=np.float32)


def spectral_convergence_db(magnitudes: Float32s, audio: Float32s, grid: StftGrid) -> float:
    """How far the audio's magnitudes are from the wanted ones: 20 log10(| |STFT| - S | / |S|), lower is better.

    Comparable at equal hop only, since overlap makes magnitudes more redundant.
    """
    found = np.abs(stft(audio, grid, len(magnitudes)))
    distance = np.linalg.norm(found - magnitudes) / np.linalg.norm(magnitudes)
    return float(20.0 * np.log10(distance + 1e-12))
