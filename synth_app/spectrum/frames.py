"""Audio to short-time spectra: complex frames and magnitudes in dB re a full-scale sine."""

import numpy as np
from numpy.typing import NDArray

from synth_app.spectrum.spec import FrameSpec
from synth_app.spectrum.windows import window

# Keeps log10 finite; far below any 24-bit recording's noise in one bin.
MIN_MAGNITUDE = 1e-10
_CHUNK_FRAMES = 2048


def stft_frames(audio: NDArray[np.floating], spec: FrameSpec) -> NDArray[np.complex64]:
    """Compute the STFT; frame m is centred at sample ``m * hop_length``.

    The signal is padded by n_fft/2 zeros in front and as many as needed behind; there are
    ``ceil(len / hop_length)`` frames. Phases refer to the start of the window.

    Args:
        audio: mono samples [n], full scale 1.
        spec: analysis settings; the audio must have its sample rate.

    Returns:
        complex64 [frames, bins].
    """
    samples = np.asarray(audio, dtype=np.float32)
    n_frames = -(-len(samples) // spec.hop_length)
    out = np.empty((n_frames, spec.bins), dtype=np.complex64)
    if n_frames == 0:
        return out
    half = spec.n_fft // 2
    padded = np.zeros((n_frames - 1) * spec.hop_length + spec.n_fft, dtype=np.float32)
    end = min(len(samples), len(padded) - half)
    padded[half : half + end] = samples[:end]
    cuts = np.lib.stride_tricks.sliding_window_view(padded, spec.n_fft)[:: spec.hop_length]
    taper = window(spec.window, spec.n_fft).astype(np.float32)
    for start in range(0, n_frames, _CHUNK_FRAMES):  # bounded memory for an hour of audio
        stop = start + _CHUNK_FRAMES
        out[start:stop] = np.fft.rfft(cuts[start:stop] * taper, axis=1)
    return out


def db_frames(audio: NDArray[np.floating], spec: FrameSpec) -> NDArray[np.float32]:
    """Compute magnitude frames in dB re a full-scale sine: 20 log10(2 |X| / sum(w)).

    Args:
        audio: mono samples [n], full scale 1.
        spec: analysis settings; the audio must have its sample rate.

    Returns:
        float32 [frames, bins], never below -200 dB.
    """
    scale = 2.0 / window(spec.window, spec.n_fft).sum()
    magnitude = np.abs(stft_frames(audio, spec))
    magnitude *= np.float32(scale)
    np.maximum(magnitude, MIN_MAGNITUDE, out=magnitude)
    np.log10(magnitude, out=magnitude)
    magnitude *= 20.0
    return magnitude
