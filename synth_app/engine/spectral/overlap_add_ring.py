"""Overlap-add rings of an instrument's lanes (compiled).

Every lane has its own ring with three rows: left, right, and the sum of its frames' weights. Samples are divided by
this sum on output, so a lane may make frames at any distance, and change the distance at any time.
"""

import numpy as np
from numpy.typing import NDArray

from synth_app.support.kernels import public, public_fast

Float32s = NDArray[np.float32]
_f = np.float32

_LEAST_WEIGHT = _f(1e-6)
_FADE = 96  # samples, 2 ms at 48 kHz: prevents clicks at any attack time


@public_fast
def add_to_ring(ring: Float32s, at: int, left: Float32s, right: Float32s, taper: Float32s, skip: int) -> None:
    """Overlap-add the tapered middle part of a lane's frame at absolute sample ``at``.

    Args:
        ring: float32 [3, size] of the lane, size a power of two.
        at: absolute sample of the first tapered sample.
        left, right: float32 [n_fft]. taper: float32 [length].
        skip: samples of the frame before the tapered part.
    """
    mask = ring.shape[1] - 1
    for i in range(taper.shape[0]):
        j = (at + i) & mask
        ring[0, j] += left[skip + i] * taper[i]
        ring[1, j] += right[skip + i] * taper[i]


@public_fast
def add_weight(ring: Float32s, at: int, weight: Float32s, first: int) -> None:
    """Count a frame at ``at`` in the lane's sum of weights, from its sample ``first`` on."""
    mask = ring.shape[1] - 1
    for i in range(first, weight.shape[0]):
        ring[2, (at + i) & mask] += weight[i]


@public_fast
def add_to_onset(
    onset: Float32s, at: int, left: Float32s, right: Float32s, taper: Float32s, weight: Float32s, skip: int
) -> None:
    """Overlap-add a frame that begins ``at`` samples after an onset; samples before the onset are dropped.

    Args:
        onset: float32 [3, size]: left, right, weights.
        at, left, right, taper, weight, skip: as in ``add_to_ring`` and ``add_weight``.
    """
    for i in range(max(-at, 0), taper.shape[0]):
        onset[0, at + i] += left[skip + i] * taper[i]
        onset[1, at + i] += right[skip + i] * taper[i]
        onset[2, at + i] += weight[i]


@public
def add_onset(
    ring: Float32s, onset: Float32s, clock: int, next_frame: int, weight: Float32s, attack_samples: float
) -> None:
    """Add the first samples of notes to their lane, ramped up linearly from ``clock``, and clear ``onset``.

    These samples replace the notes' part in the frames that the lane has already made and in the one that it makes at
    ``next_frame``. So they get the weight of exactly these frames.
    """
    mask = ring.shape[1] - 1
    gap = next_frame - clock
    for i in range(gap + weight.shape[0]):
        j = (clock + i) & mask
        g = min((i + 1) / attack_samples, 1.0)
        if i < _FADE:
            g *= 0.5 - 0.5 * np.cos(np.pi * (i + 1) / _FADE)
        frames_weight = ring[2, j] + (weight[i - gap] if i >= gap else _f(0.0))
        g *= frames_weight / max(onset[2, i], _LEAST_WEIGHT)
        ring[0, j] += _f(g) * onset[0, i]
        ring[1, j] += _f(g) * onset[1, i]
    onset[:] = _f(0.0)


@public
def mix_rings(rings: Float32s, clock: int, out: Float32s, fade: float, fade_step: float) -> float:
    """Add the lanes' samples from ``clock`` on to ``out`` [n, 2], clear them, and advance the instrument's fade.

    Floating point is exact, so the block size does not change the result.

    Args:
        rings: float32 [lanes, 3, size].
        clock: absolute sample.
        out: float32 [n, 2], added to.
        fade: gain of the instrument, 0-1.
        fade_step: change of ``fade`` per sample.

    Returns:
        The fade after the block, 0-1.
    """
    mask = rings.shape[2] - 1
    for lane in range(rings.shape[0]):
        ring = rings[lane]
        gain = fade
        for i in range(out.shape[0]):
            j = (clock + i) & mask
            g = _f(gain * gain * (3.0 - 2.0 * gain)) / max(ring[2, j], _LEAST_WEIGHT)
            out[i, 0] += g * ring[0, j]
            out[i, 1] += g * ring[1, j]
            ring[0, j] = _f(0.0)
            ring[1, j] = _f(0.0)
            ring[2, j] = _f(0.0)
            gain = min(max(gain + fade_step, 0.0), 1.0)
    for _ in range(out.shape[0]):
        fade = min(max(fade + fade_step, 0.0), 1.0)
    return fade
