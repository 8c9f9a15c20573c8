"""The live way: the style's band movements, turned into a latent path by the decoder's slopes, in closed form."""

import numpy as np
from numpy.typing import NDArray

from synth_app.decoder import Model
from synth_app.patch import UserNote
from synth_app.style.note_levels import LevelModel
from synth_app.style.path import StyledPath, keeping_content, limited, note_at
from synth_app.style.source import Style
from synth_app.style.target import repeated, styled_part
from synth_app.support.errors import UserError
from synth_app.texture import BANDS, audible_bands, movement

Float64s = NDArray[np.float64]
STEPS = 3  # the first leaves out what the overlap of frames blurs; the others make up for it
DAMPING_DB = 0.7  # a step of one standard deviation counts as much as one dB of movement in every band
GAIN_UNIT_DB = 6.0  # of the gain, beside one standard deviation of a latent dimension
OWN_KEY_WEIGHT, OTHER_KEYS_ST = 0.5, 7.0  # a fifth below and above
_LEAST_DEVIATION = 1e-6


def live_style(model: Model, content: UserNote, style: Style, amount: float = 1.0) -> UserNote:
    """Return the content with the texture of a style; it plays at every key.

    Pitch, onset, loudness curve and mean spectrum stay those of the content.

    Args:
        model: of the content.
        content: the note.
        style: whose texture it takes on.
        amount: 0 (the content) to 1 (the style's texture).

    Raises:
        UserError: the amount is out of range, the content too short or of another model, or the model recurrent.
    """
    check_amount(amount)
    return note_at(model, LevelModel(model, content), styled_path(model, content, style), amount)


def check_amount(amount: float) -> None:
    """Raise UserError if an amount is not within 0 to 1."""
    if not 0.0 <= amount <= 1.0:
        raise UserError(f"amount {amount:g} is outside 0 (the content) to 1 (the texture of the style)")


def styled_path(model: Model, content: UserNote, style: Style) -> StyledPath:
    """Solve for the path that moves the content's bands as the style's move.

    In every frame t it is the damped least-squares solution u of J u = e, with the slopes J of the band levels along
    the latent dimensions and the gain, and the missing movement e: the style's less the content's own. Each further
    step starts where the last one ended, because the decoder is not linear and overlapping frames blur movement.
    """
    if content.latent_size != model.card.latent_size:
        raise UserError(
            f"{content.name} has {content.latent_size} latent dimensions; {model.card.name} has "
            f"{model.card.latent_size}: choose a note of this model"
        )
    part, keys = styled_part(model, content), levels_at_keys(model, content)
    rate = 1.0 / model.spec.hop_seconds
    scale = np.maximum(model.stats.std.astype(np.float64), _LEAST_DEVIATION)
    units = np.append(scale, GAIN_UNIT_DB)
    inside = slice(part.start, part.stop)
    wanted = repeated(style, part.stop - part.start, rate)
    weights = [
        style.audible * audible_bands(levels(content.codes(), content.gains()).levels_db[inside]) * weight
        for levels, weight in keys
    ]
    changes = np.zeros((len(content.gains()), len(units)))
    for _ in range(STEPS):
        slopes, missing = [], []
        for levels, _ in keys:
            found = levels(content.codes() + changes[:, :-1], content.gains() + changes[:, -1])
            error = np.zeros_like(found.levels_db)
            error[inside] = wanted - movement(found.levels_db[inside], rate)
            missing.append(error)
            slopes.append(levels.slopes(found) * units)
        step = _least_squares(
            np.concatenate(slopes, axis=1), np.concatenate(missing, axis=1), changes / units, np.concatenate(weights)
        )
        changes += part.envelope[:, None] * step * units
    z_change = limited(content.codes(), changes[:, :-1], model, style.step)
    return keeping_content(model, keys[0][0], StyledPath(content, z_change, changes[:, -1]))


def levels_at_keys(model: Model, content: UserNote) -> tuple[tuple[LevelModel, float], ...]:
    """Return how a note sounds at its own key and at those around it, with weights that sum to 1.

    The slopes of the decoder change with the key, so a path that is right at one key alone is not at others.
    """
    others = [min(max(content.pitch + step, 0.0), 127.0) for step in (-OTHER_KEYS_ST, OTHER_KEYS_ST)]
    own = (LevelModel(model, content), OWN_KEY_WEIGHT)
    weight = 0.5 * (1.0 - OWN_KEY_WEIGHT)
    return own, *((LevelModel(model, content, key), weight) for key in others)


def _least_squares(slopes: Float64s, missing: Float64s, done: Float64s, audible: Float64s) -> Float64s:
    """Return the steps u [frames, unknowns] that minimize |J u - e|² + damping |done + u|² in every frame.

    Args:
        slopes: J, float64 [frames, bands, unknowns].
        missing: e, float64 [frames, bands], dB.
        done: float64 [frames, unknowns], steps made before.
        audible: float64 [bands], weights of the bands.
    """
    weighted = slopes.transpose(0, 2, 1) * audible
    damping = DAMPING_DB**2 * BANDS
    curvature = weighted @ slopes + damping * np.eye(slopes.shape[2])
    goal = weighted @ missing[:, :, None] - damping * done[:, :, None]
    return np.asarray(np.linalg.solve(curvature, goal)[:, :, 0])
