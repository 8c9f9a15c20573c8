"""Draw it: the sound of a model that comes nearest to levels drawn over the spectrum."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth_app.handles.bounded_step import bounded_step, room
from synth_app.handles.sound import HandleSound, SoundReader

Floats = NDArray[np.float64]
_HELD_WEIGHT = 0.3  # of all bins that are not drawn, re all that are
_AUDIBLE_DB, _AUDIBLE_SLOPE_DB = -60.0, 6.0  # re the frame's maximum
_DAMPING = 0.3  # dB^2 for one standard deviation
_DIFFERENCE = 0.02  # standard deviations, of the slopes
_LOOKS = 4
_SHORTER = 0.4  # after a step that made it worse
_LONGEST_STEP = 3.0  # standard deviations of the latent vector


@dataclass(frozen=True)
class DrawnSound:
    """The nearest sound.

    Attributes:
        offset: float64 [latent], added to the latent vector. gain_db: added to the level.
        missed_db: float64 [bins], wanted minus reached change where something is drawn, 0 elsewhere.
    """

    offset: Floats
    gain_db: float
    missed_db: Floats


def nearest_sound(
    reader: SoundReader,
    sound: HandleSound,
    change_db: Floats,
    drawn: NDArray[np.bool_],
    limits: Floats | None = None,
) -> DrawnSound:
    """Find the latent vector and level whose frame changes as drawn, and elsewhere as little as possible.

    Damped Gauss-Newton steps (Levenberg 1944) on the squared change of levels, weighted by how audible the bins are
    before or after. Slopes are measured once.

    Args:
        reader: of the model.
        sound: where the drawing began.
        change_db: float64 [bins], wanted changes of the level; read where ``drawn``.
        drawn: bool [bins], at least one.
        limits: float64 [latent, 2], lower and upper end of every latent dimension; None for none.
    """
    wanted = np.where(drawn, change_db, 0.0)
    latent = len(sound.z)
    steps = np.concatenate([np.zeros((1, latent)), _DIFFERENCE * np.eye(latent)])
    frames = _levels(reader, sound, steps)
    start = frames[0]
    weights = _weights(start, wanted, drawn)
    slopes = np.concatenate([(frames[1:] - start) / _DIFFERENCE, np.ones((1, len(start)))]).T  # [bins, latent + 1]
    damping = np.diag([_DAMPING] * latent + [0.0])
    curvature = slopes.T @ (slopes * weights[:, None]) + damping
    down, up = room(limits, sound.z, reader.z_scale)
    low, high = np.append(down, -np.inf), np.append(up, np.inf)  # of the latent vector, and of the level
    at, change, longest = np.zeros(latent + 1), np.zeros_like(start), _LONGEST_STEP
    cost = float(weights @ np.square(wanted))
    for _ in range(_LOOKS):
        slope = slopes.T @ (weights * (wanted - change)) - damping @ at
        step = bounded_step(curvature, slope, np.minimum(low - at, 0.0), np.maximum(high - at, 0.0))
        step *= min(1.0, longest / max(float(np.linalg.norm(step[:-1])), 1e-12))
        following = at + step
        found = _levels(reader, sound, following[None, :-1])[0] - start + following[-1]
        new_cost = float(weights @ np.square(wanted - found) + _DAMPING * following[:-1] @ following[:-1])
        if new_cost < cost:
            at, change, cost = following, found, new_cost
        else:
            longest = _SHORTER * float(np.linalg.norm(step[:-1]))
    return DrawnSound(at[:-1] * reader.z_scale, float(at[-1]), np.where(drawn, wanted - change, 0.0))


def _levels(reader: SoundReader, sound: HandleSound, steps: Floats) -> Floats:
    """Return frames re their maximum, float64 [n, bins] in dB, for steps in standard deviations [n, latent]."""
    frames = reader.frames(sound.z + steps * reader.z_scale, sound).astype(np.float64)
    levels: Floats = frames - frames.max(axis=1, keepdims=True)
    return levels


def _weights(start: Floats, wanted: Floats, drawn: NDArray[np.bool_]) -> Floats:
    """Return the weights of the bins; those of the drawn ones sum to 1."""
    loudest = np.maximum(start, start + wanted)
    audible = 1.0 / (1.0 + np.exp((_AUDIBLE_DB - loudest) / _AUDIBLE_SLOPE_DB))
    inside, outside = audible * drawn, audible * ~drawn
    weights: Floats = inside / inside.sum() + _HELD_WEIGHT * outside / max(float(outside.sum()), 1e-9)
    return weights
