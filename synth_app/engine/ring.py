"""The overlap-add ring of a rig and the output stage behind it (compiled)."""

import numpy as np
from numpy.typing import NDArray

from synth_app.kernels import public, public_fast

Float32s = NDArray[np.float32]
_f = np.float32

CEILING = _f(0.98)  # -0.18 dBFS: room for the converter's interpolation
_LIMITER_RELEASE_S = 0.1


@public_fast
def add_to_ring(ring: Float32s, channel: int, at: int, frame: Float32s, taper: Float32s, skip: int) -> None:
    """Overlap-add the tapered middle part of a frame at absolute sample ``at``.

    Args:
        ring: float32 [2, size], size a power of two.
        channel: 0 left, 1 right.
        at: absolute sample of the first tapered sample.
        frame: float32 [n_fft]. taper: float32 [length], synthesis window.
        skip: samples of the frame before the tapered part.
    """
    mask = ring.shape[1] - 1
    for i in range(taper.shape[0]):
        ring[channel, (at + i) & mask] += frame[skip + i] * taper[i]


@public_fast
def add_from_onset(patch: Float32s, at: int, frame: Float32s, taper: Float32s, skip: int) -> None:
    """Overlap-add a tapered frame that begins ``at`` samples after the onset; what lies before it is cut off."""
    for i in range(max(-at, 0), taper.shape[0]):
        patch[at + i] += frame[skip + i] * taper[i]


@public
def add_onset(ring: Float32s, patch: Float32s, at: int, n: int, attack_samples: float) -> None:
    """Add a note's first samples, ramped up linearly from ``at`` over ``attack_samples``, and clear the patch.

    The first two milliseconds also take a raised-cosine fade, so that no attack time clicks.
    """
    mask = ring.shape[1] - 1
    fade = 96  # 2 ms at 48 kHz
    for i in range(n):
        g = min((i + 1) / attack_samples, 1.0)
        if i < fade:
            g *= 0.5 - 0.5 * np.cos(np.pi * (i + 1) / fade)
        for c in range(2):
            ring[c, (at + i) & mask] += _f(g) * patch[c, i]
    patch[:] = _f(0.0)


@public
def mix_ring(ring: Float32s, clock: int, out: Float32s, fade: float, fade_step: float) -> float:
    """Add ring samples from ``clock`` on to ``out`` [n, 2], clear them, and move the rig's fade on.

    Returns:
        the fade after the block, within 0-1.
    """
    mask = ring.shape[1] - 1
    for i in range(out.shape[0]):
        j = (clock + i) & mask
        g = _f(fade * fade * (3.0 - 2.0 * fade))
        out[i, 0] += g * ring[0, j]
        out[i, 1] += g * ring[1, j]
        ring[0, j] = _f(0.0)
        ring[1, j] = _f(0.0)
        fade = min(max(fade + fade_step, 0.0), 1.0)
    return fade


@public
def finish(out: Float32s, state: NDArray[np.float64], gain_target: float, glide: float, rate: float) -> bool:
    """Master gain, limiter and last safety, sample by sample, so that block size does not matter.

    The limiter lowers its gain at once where a sample would pass the ceiling and lets it rise again with
    a time constant of 0.1 s; both channels share it, so the image stays.

    Args:
        out: float32 [n, 2], changed in place; afterwards finite and within the ceiling.
        state: float64 [2], present master gain and limiter gain.
        gain_target: linear master gain.
        glide: share of the way to the target per sample.
        rate: Hz.

    Returns:
        whether the limiter worked.
    """
    gain, limit = state[0], state[1]
    recover = 1.0 - np.exp(-1.0 / (_LIMITER_RELEASE_S * rate))
    worked = False
    for i in range(out.shape[0]):
        gain += glide * (gain_target - gain)
        left, right = gain * out[i, 0], gain * out[i, 1]
        if not (abs(left) < 1e6 and abs(right) < 1e6):  # NaN or runaway: silence rather than noise
            left = right = 0.0
        peak = max(abs(left), abs(right))
        limit += recover * (1.0 - limit)
        if peak * limit > CEILING:
            limit = CEILING / peak
            worked = True
        out[i, 0] = min(max(_f(left * limit), -CEILING), CEILING)
        out[i, 1] = min(max(_f(right * limit), -CEILING), CEILING)
    state[0], state[1] = gain, limit
    return worked
