"""Moving the whole code at once: along its principal axes, by chance within the data, and what a move would do."""

import numpy as np
from numpy.typing import NDArray

from synth_app.decoder import Model
from synth_app.modelfile import LatentStats
from synth_app.session.store.store import SessionStore

Floats = NDArray[np.float64]
Frames = NDArray[np.float32]
AXIS_REACH = 3.0  # standard deviations, either way
_EXPLORED = 0.9  # of the data's own spread, by chance: a little nearer to the middle than the data


def axis_values(stats: LatentStats, code: Floats) -> Floats:
    """A code [latent] along the principal axes, in standard deviations, float64 [latent]; 0 is the data's mean."""
    turned: Floats = stats.axes.astype(np.float64) @ (code - stats.mean)
    return turned / _scale(stats)


def axis_shares(stats: LatentStats) -> Floats:
    """Share of the data's variance along each principal axis, float64 [latent], falling."""
    variance = stats.axis_std.astype(np.float64) ** 2
    total = float(variance.sum())
    out: Floats = variance / total if total > 0 else variance
    return out


def set_axis(store: SessionStore, axis: int, value: float) -> None:
    """Put the code at ``value`` standard deviations along a principal axis; locked dimensions stay where they are."""
    model = store.model
    if model is None:
        return
    code = store.latent_values()
    step = (value - axis_values(model.stats, code)[axis]) * _scale(model.stats)[axis]
    moved = code + step * model.stats.axes[axis].astype(np.float64)
    locked = store.state.locked
    store.set_latents([(dim, float(each)) for dim, each in enumerate(moved) if dim not in locked])


def randomize(store: SessionStore, rng: np.random.Generator) -> None:
    """A code drawn from the data's distribution, as its principal axes describe it; locked dimensions stay."""
    model = store.model
    if model is None:
        return
    stats = model.stats
    drawn = rng.standard_normal(len(stats.axis_std)) * stats.axis_std * _EXPLORED
    code = stats.mean + drawn @ stats.axes
    locked = store.state.locked
    store.set_latents([(dim, float(each)) for dim, each in enumerate(code) if dim not in locked])


def slider_effect(model: Model, code: Floats, direction: Floats, gain_db: float, pitch: float) -> tuple[Frames, Frames]:
    """What moving a code by one ``direction`` [latent] less and more would make of the spectrum.

    Returns:
        two frames [bins], dB re full-scale sine: after the step down, after the step up.
    """
    codes = np.stack([code - direction, code + direction]).astype(np.float32)
    down, up = model.decode(codes, gain_db, pitch)
    return down, up


def _scale(stats: LatentStats) -> Floats:
    std = stats.axis_std.astype(np.float64)
    return np.where(std > 1e-9, std, 1.0)
