"""Smoothing of latent paths when they are made: jitter from frame to frame is heard as flutter."""

import numpy as np
from numpy.typing import NDArray

Latents = NDArray[np.float32]
SIGMA_S = 0.025
ATTACK_S, _BLEND_S = 0.06, 0.04  # kept as encoded, and the transition after it
_REACH = 3.0  # length of the kernel to either side, in sigmas
UNRESOLVED_SIGMA_S = 0.045
RESOLVED_BINS = 5.0  # distance of partials that have valleys of their own


def smooth_path(z: Latents, frames_per_second: float) -> Latents:
    """Return a latent path [frames, latent] without its jitter; attack and vibrato stay.

    The filter is ``2 G - G G`` with a Gaussian G of 25 ms. It passes 93 % of a movement of 5 Hz and 79 % of one of
    7 Hz, but only 12 % at 15 Hz and 1 % at 20 Hz. A Gaussian alone passes less of the vibrato and more of the flutter.
    The first 60 ms stay as they are, because an attack moves that quickly.

    Args:
        z: float32, from the onset on.
        frames_per_second: rate of the path in Hz.
    """
    return _smooth(z, SIGMA_S, frames_per_second)


def _smooth(z: Latents, sigma_s: float, frames_per_second: float) -> Latents:
    kernel = _kernel(sigma_s * frames_per_second)
    reach = len(kernel) // 2
    padded = np.pad(z, ((reach, reach), (0, 0)), mode="edge")
    smooth = np.zeros_like(z)
    for i, weight in enumerate(kernel):
        smooth += weight * padded[i : i + len(z)]
    seconds = np.arange(len(z)) / frames_per_second
    amount = np.clip((seconds - ATTACK_S) / _BLEND_S, 0.0, 1.0).astype(np.float32)[:, None]
    return z + amount * (smooth - z)


def _kernel(sigma: float) -> NDArray[np.float32]:
    """Return the symmetrical kernel for a Gaussian of ``sigma`` frames; its sum is 1."""
    reach = int(np.ceil(_REACH * sigma))
    gaussian = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    gaussian /= gaussian.sum()
    kernel = -np.convolve(gaussian, gaussian)
    kernel[reach:-reach] += 2.0 * gaussian
    return kernel.astype(np.float32)


def smooth_unresolved(values: Latents, release_start: int, spacing_bins: float, frames_per_second: float) -> Latents:
    """Return latent vectors or gains without the beats of unresolved partials.

    Where partials are closer than two lobes of the window, frames beat at the partials' distance. In the latent path
    and in the maximum of a frame this becomes movement of the whole sound: flutter, and noise between the partials. So
    the filter of ``smooth_path`` is applied with a Gaussian of 45 ms. Other notes stay as they are, and so does the
    release.

    Args:
        values: float32 [frames, columns]. release_start: frame of the key-up.
        spacing_bins: distance of the partials in bins.
        frames_per_second: of the path.
    """
    if spacing_bins >= RESOLVED_BINS or release_start < 1:
        return values
    held = _smooth(values[:release_start], UNRESOLVED_SIGMA_S, frames_per_second)
    return np.concatenate([held, values[release_start:]])


def jitter(values: Latents, smooth: Latents) -> float:
    """Return what a filter took from latent vectors [frames, columns], relative to their standard deviation."""
    power = float(values.var(axis=0, dtype=np.float64).mean())
    taken = float(np.square(values - smooth, dtype=np.float64).mean())
    return float(np.sqrt(taken / power)) if power > 0.0 else 0.0
