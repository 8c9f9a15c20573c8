"""The overlap-add ring of a rig and the output stage behind it (compiled).

Every lane has a ring of its own with three rows: left, right, and the sum of the weights of its frames. Samples are
divided by that sum on their way out, so a lane may make its frames at any distance, and change it at any time.
"""

import numpy as np
from numpy.typing import NDArray

from synth_app.support.kernels import public, public_fast

Float32s = NDArray[np.float32]
_f = np.float32

CEILING = _f(0.98)  # -0.18 dBFS: room for the converter's interpolation
_LIMITER_RELEASE_S = 0.1
_RUNAWAY = 1e6  # no sound is that loud: a fault, NaN included
_LEAST_WEIGHT = _f(1e-6)
_FADE = 96  # samples, 2 ms at 48 kHz: no attack time clicks


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
def add_to_patch(
    patch: Float32s, at: int, left: Float32s, right: Float32s, taper: Float32s, weight: Float32s, skip: int
) -> None:
    """Overlap-add a frame that begins ``at`` samples after an onset; what lies before the onset is cut off.

    Args:
        patch: float32 [3, size]: left, right, weights. Others as ``add_to_ring``.
    """
    for i in range(max(-at, 0), taper.shape[0]):
        patch[0, at + i] += left[skip + i] * taper[i]
        patch[1, at + i] += right[skip + i] * taper[i]
        patch[2, at + i] += weight[i]


@public
def add_onset(
    ring: Float32s, patch: Float32s, clock: int, coming: int, weight: Float32s, attack_samples: float
) -> None:
    """Add the first samples of notes to their lane, ramped up linearly from ``clock``, and clear the patch.

    The patch stands in for the frames that the lane has made already and for the one that it makes at ``coming``, in
    which the notes do not take part; so it gets the weight of exactly these.
    """
    mask = ring.shape[1] - 1
    gap = coming - clock
    for i in range(gap + weight.shape[0]):
        j = (clock + i) & mask
        g = min((i + 1) / attack_samples, 1.0)
        if i < _FADE:
            g *= 0.5 - 0.5 * np.cos(np.pi * (i + 1) / _FADE)
        share = ring[2, j] + (weight[i - gap] if i >= gap else _f(0.0))
        g *= share / max(patch[2, i], _LEAST_WEIGHT)
        ring[0, j] += _f(g) * patch[0, i]
        ring[1, j] += _f(g) * patch[1, i]
    patch[:] = _f(0.0)


@public
def mix_rings(rings: Float32s, clock: int, out: Float32s, fade: float, fade_step: float) -> float:
    """Add the lanes' samples from ``clock`` on to ``out`` [n, 2], clear them, and move the rig's fade on.

    Exact floating point: the same samples must come out however they are cut into blocks.

    Args:
        rings: float32 [lanes, 3, size].
        clock: absolute sample.
        out: float32 [n, 2], added to.
        fade: 0-1, gain of the rig. fade_step: change of it per sample.

    Returns:
        the fade after the block, within 0-1.
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


@public
def level(out: Float32s, gain: float, gain_target: float, glide: float) -> float:
    """The mix at its master gain, sample by sample, so that block size does not matter.

    Args:
        out: float32 [n, 2], changed in place; afterwards finite, so that no echo keeps what is not.
        gain: linear, present. gain_target: where it goes.
        glide: share of the way to the target per sample.

    Returns:
        the gain after the block.
    """
    for i in range(out.shape[0]):
        gain += glide * (gain_target - gain)
        left, right = gain * out[i, 0], gain * out[i, 1]
        if not (abs(left) < _RUNAWAY and abs(right) < _RUNAWAY):  # silence rather than noise
            left = right = np.float64(0.0)
        out[i, 0], out[i, 1] = _f(left), _f(right)
    return gain


@public
def finish(out: Float32s, limit: float, rate: float) -> tuple[float, bool]:
    """The last safety: within full scale whatever came before, sample by sample.

    The gain goes down at once where a sample would pass the ceiling and rises again with
    a time constant of 0.1 s; both channels share it, so the image stays.

    Args:
        out: float32 [n, 2], changed in place; afterwards finite and within the ceiling.
        limit: present gain, 1 at first.
        rate: Hz.

    Returns:
        the gain after the block, and whether it had to work.
    """
    recover = 1.0 - np.exp(-1.0 / (_LIMITER_RELEASE_S * rate))
    worked = False
    for i in range(out.shape[0]):
        left, right = float(out[i, 0]), float(out[i, 1])
        if not (abs(left) < _RUNAWAY and abs(right) < _RUNAWAY):
            left = right = np.float64(0.0)
        peak = max(abs(left), abs(right))
        limit += recover * (1.0 - limit)
        if peak * limit > CEILING:
            limit = float(CEILING / peak)
            worked = True
        out[i, 0] = min(max(_f(left * limit), -CEILING), CEILING)
        out[i, 1] = min(max(_f(right * limit), -CEILING), CEILING)
    return limit, worked
