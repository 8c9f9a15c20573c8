"""The live way: the style's band movements, turned into a latent path by the decoder's slopes, in closed form."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from synth_app.decoder import Model
from synth_app.patch import UserNote
from synth_app.style.note_levels import LevelModel
from synth_app.style.source import Style, path_step, texture_path_step
from synth_app.style.target import repeated, styled_part, with_loudness
from synth_app.support.errors import UserError
from synth_app.texture import audible_bands, movement

Float64s = NDArray[np.float64]
STEPS = 3  # the first leaves out what the overlap of frames blurs; the others make up for it
DAMPING_DB = 0.7  # a step of one standard deviation counts as much as one dB of movement in every band
GAIN_UNIT_DB = 6.0  # of the gain, beside one standard deviation of a latent dimension
MOST_STEP = 1.5  # times the larger step of content and style: no flutter that neither of them has
_LEAST_DEVIATION = 1e-6


@dataclass(frozen=True)
class StyledPath:
    """A content with a style, for any amount: the path moves along a fixed direction in every frame.

    Attributes:
        content: the note.
        z_change: float64 [frames, latent], change of the latent path at amount 1.
        gain_change_db: float64 [frames].
    """

    content: UserNote
    z_change: Float64s
    gain_change_db: Float64s


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
    part, levels = styled_part(model, content), LevelModel(model, content)
    rate = 1.0 / model.spec.hop_seconds
    scale = np.maximum(model.stats.std.astype(np.float64), _LEAST_DEVIATION)
    units = np.append(scale, GAIN_UNIT_DB)
    inside = slice(part.start, part.stop)
    wanted = repeated(style, part.stop - part.start, rate)
    weights = style.audible * audible_bands(levels(content.codes(), content.gains()).levels_db[inside])
    changes = np.zeros((len(content.gains()), len(units)))
    for _ in range(STEPS):
        found = levels(content.codes() + changes[:, :-1], content.gains() + changes[:, -1])
        missing = np.zeros_like(found.levels_db)
        missing[inside] = wanted - movement(found.levels_db[inside], rate)
        slopes = levels.slopes(found) * units
        changes += part.envelope[:, None] * _least_squares(slopes, missing, changes / units, weights) * units
    style_step = texture_path_step(model, style, content.pitch)
    return StyledPath(content, limited(content.codes(), changes[:, :-1], model, style_step), changes[:, -1])


def _least_squares(slopes: Float64s, missing: Float64s, done: Float64s, audible: Float64s) -> Float64s:
    """Return the steps u [frames, unknowns] that minimize |J u - e|² + damping |done + u|² in every frame.

    Args:
        slopes: J, float64 [frames, bands, unknowns].
        missing: e, float64 [frames, bands], dB.
        done: float64 [frames, unknowns], steps made before.
        audible: float64 [bands], weights of the bands.
    """
    weighted = slopes.transpose(0, 2, 1) * audible
    damping = DAMPING_DB**2 * len(audible)
    curvature = weighted @ slopes + damping * np.eye(slopes.shape[2])
    goal = weighted @ missing[:, :, None] - damping * done[:, :, None]
    return np.asarray(np.linalg.solve(curvature, goal)[:, :, 0])


def limited(z: NDArray[np.floating], change: Float64s, model: Model, style_step: float) -> Float64s:
    """Return a change of a path, scaled down if the changed path would move too quickly.

    Args:
        z: [frames, latent], the path.
        change: float64 [frames, latent].
        model: its latent statistics are the unit of steps.
        style_step: mean step of the style's own path.
    """
    deviation = model.stats.std
    most = MOST_STEP * max(path_step(z, deviation), style_step)
    if path_step(z + change, deviation) <= most:
        return change
    low, high = 0.0, 1.0
    for _ in range(20):  # bisection: the step of the sum grows with the factor, where it exceeds the limit
        middle = 0.5 * (low + high)
        low, high = (middle, high) if path_step(z + middle * change, deviation) <= most else (low, middle)
    return low * change


def note_at(model: Model, levels: LevelModel, path: StyledPath, amount: float) -> UserNote:
    """Return the note at an amount, with the loudness curve of the content."""
    content = path.content
    if amount == 0.0:
        return content
    z = content.codes() + amount * path.z_change
    gain = content.gains() + amount * path.gain_change_db
    before = levels(content.codes(), content.gains()).loudness_power
    after = levels(z, gain).loudness_power
    gains = with_loudness(after, before, gain, 1.0 / model.spec.hop_seconds)
    return replace(content, z=z.astype(np.float32).tobytes(), gain_db=gains.tobytes())
