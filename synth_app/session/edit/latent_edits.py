"""Edits of the whole latent vector: along principal axes, randomized within the data, and previews of a move."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from synth_app.decoder import Model
from synth_app.modelfile import LatentStats
from synth_app.session.store.store import SessionStore

Floats = NDArray[np.float64]
Frames = NDArray[np.float32]
AXIS_REACH = 3.0  # standard deviations, either way
_RANDOM_SPREAD = 0.9  # of a random latent vector, as a fraction of the data's own: slightly nearer to the mean


def axis_values(stats: LatentStats, z: Floats) -> Floats:
    """Return a latent vector [latent] along the principal axes, in standard deviations from the data's mean."""
    rotated: Floats = stats.axes.astype(np.float64) @ (z - stats.mean)
    return rotated / _axis_scale(stats)


def axis_fractions(stats: LatentStats) -> Floats:
    """Return the fraction of the data's variance along each principal axis, float64 [latent], falling."""
    variance = stats.axis_std.astype(np.float64) ** 2
    total = float(variance.sum())
    out: Floats = variance / total if total > 0 else variance
    return out


def set_axis(store: SessionStore, axis: int, value: float) -> None:
    """Move the latent vector to ``value`` standard deviations along a principal axis. Locked dimensions stay."""
    model = store.model
    if model is None:
        return
    z = store.latents.values()
    step = (value - axis_values(model.stats, z)[axis]) * _axis_scale(model.stats)[axis]
    _set_unlocked(store, z + step * model.stats.axes[axis].astype(np.float64))


def randomize(store: SessionStore, rng: np.random.Generator) -> None:
    """Sample a latent vector from the data's distribution along its principal axes. Locked dimensions stay."""
    model = store.model
    if model is None:
        return
    stats = model.stats
    sample = rng.standard_normal(len(stats.axis_std)) * stats.axis_std * _RANDOM_SPREAD
    _set_unlocked(store, stats.mean + sample @ stats.axes)


def slider_effect(model: Model, z: Floats, direction: Floats, gain_db: float, pitch: float) -> tuple[Frames, Frames]:
    """Decode the spectra after a move of the latent vector by one ``direction`` [latent].

    Returns:
        two frames [bins], dB re full-scale sine: after the step down, after the step up.
    """
    vectors = np.stack([z - direction, z + direction]).astype(np.float32)
    down, up = model.decode(vectors, gain_db, pitch)
    return down, up


def _set_unlocked(store: SessionStore, z: Iterable[float]) -> None:
    locked = store.state.locked
    store.latents.set_many([(dim, float(value)) for dim, value in enumerate(z) if dim not in locked])


def _axis_scale(stats: LatentStats) -> Floats:
    std = stats.axis_std.astype(np.float64)
    return np.where(std > 1e-9, std, 1.0)
