"""Frames to samples: synthesis windows whose overlap adds up to one, and overlap-add into a ring."""

from fractions import Fraction

import numpy as np

from synth_app.phase.tables import Float32s
from synth_app.spectrum.windows import window
from synth_app.support.errors import UserError
from synth_app.support.kernels import public

_MIN_OVERLAP = 1e-3  # least sum of analysis times synthesis window, relative to the greatest


def synthesis_window(
    window_name: str, n_fft: int, hop: int, length: int | None = None, scale: int | Fraction = 1
) -> Float32s:
    """Return the window for the middle of each inverse transform before overlap-add.

    At full length it is the analysis window itself (least squares; Griffin & Lim 1984). A shorter one is a Hann window
    of that length divided by the analysis window; then changes become audible length / 2 samples later instead of n_fft
    / 2. Both are normalised so that analysis times synthesis window sums to exactly 1 at every sample.

    With ``scale`` the spectra are zero-padded to an inverse transform of n_fft * scale samples, which plays them at
    that multiple of the sample rate. The window compensates for the transform's factor 1 / scale.

    Args:
        window_name: of the analysis.
        n_fft: analysis transform length in samples of the model's rate.
        hop: samples between frames, of the model's rate.
        length: samples of the model's rate, at most n_fft and of its parity; None for n_fft.
        scale: playing rate over the model's rate, at least 1; n_fft, hop and length times it must be whole.

    Returns:
        float32 [length * scale].

    Raises:
        UserError: the lengths do not fit, or the window is too short for the hop.
    """
    length = n_fft if length is None else length
    if not 2 <= length <= n_fft or (n_fft - length) % 2:
        raise UserError(f"synthesis window of {length} samples must be within 2-{n_fft} and of n_fft's parity")
    if scale < 1:
        raise UserError(f"rate ratio {scale} must be at least 1: play the model at its own rate or above")
    fine_n, fine_hop, fine_length = (_whole(size * Fraction(scale), scale) for size in (n_fft, hop, length))
    if (fine_n - fine_length) % 2:
        raise UserError(f"rate ratio {scale} leaves half a sample around a window of {length} samples")
    start = (fine_n - fine_length) // 2
    analysis = window(window_name, fine_n)[start : start + fine_length]
    shape = analysis if length == n_fft else window("hann", fine_length) / analysis
    padded = np.zeros(-(-fine_length // fine_hop) * fine_hop)
    padded[:fine_length] = shape * analysis
    total = padded.reshape(-1, fine_hop).sum(axis=0)
    if total.min() < _MIN_OVERLAP * total.max():
        raise UserError(f"synthesis window of {length} samples is too short for hop {hop}; use {2 * hop} or more")
    normalised = shape / np.resize(total, fine_length) * float(scale)
    return normalised.astype(np.float32)


def _whole(size: Fraction, scale: int | Fraction) -> int:
    if size.denominator != 1:
        raise UserError(f"rate ratio {scale} does not give whole samples; resample to a simple multiple")
    return int(size)


@public
def overlap_add(frame: Float32s, synthesis: Float32s, ring: Float32s, start: int) -> None:
    """Add the middle of one inverse transform, windowed, to a ring buffer.

    Args:
        frame: float32 [n], inverse transform.
        synthesis: float32 [length], length <= n.
        ring: float32 [size], size >= length, added to.
        start: 0 <= start < size, where the window's first sample goes.
    """
    length, size = synthesis.shape[0], ring.shape[0]
    offset = (frame.shape[0] - length) // 2
    first = min(length, size - start)
    for i in range(first):
        ring[start + i] += frame[offset + i] * synthesis[i]
    for i in range(first, length):
        ring[start + i - size] += frame[offset + i] * synthesis[i]
