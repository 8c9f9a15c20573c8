"""A styled path: the change of a note's path for any amount, and the limits that keep the content."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from synth_app.decoder import Model
from synth_app.patch import UserNote
from synth_app.style.note_levels import LevelModel, NoteLevels
from synth_app.style.source import path_step
from synth_app.style.target import with_loudness
from synth_app.texture import loudness_difference_db, onset_correlation

Float64s = NDArray[np.float64]
MOST_STEP = 1.5  # times the larger step of content and style: no flutter that neither of them has
LEAST_ONSET, MOST_LOUDNESS_DB = 0.94, 1.3  # predicted; the sound may miss them by 0.04 and 0.7 dB
_TRIALS = 5  # halvings, so that the change is scaled in steps of 3 %
_SILENCE_S, _SILENT_DB = 0.1, -200.0  # before the note, so that its onset counts


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
    return _note_at(model, levels, path, amount, levels(content.codes(), content.gains()))


def notes_at(model: Model, levels: LevelModel, path: StyledPath, amounts: Sequence[float]) -> list[UserNote]:
    """Return the notes at some amounts; see ``note_at``."""
    before = levels(path.content.codes(), path.content.gains())
    return [path.content if a == 0.0 else _note_at(model, levels, path, a, before) for a in amounts]


def _note_at(model: Model, levels: LevelModel, path: StyledPath, amount: float, before: NoteLevels) -> UserNote:
    content = path.content
    z = content.codes() + amount * path.z_change
    gain = content.gains() + amount * path.gain_change_db
    after = levels(z, gain).loudness_power
    gains = with_loudness(after, before.loudness_power, gain, 1.0 / model.spec.hop_seconds)
    return replace(content, z=z.astype(np.float32).tobytes(), gain_db=gains.tobytes())


def keeping_content(model: Model, levels: LevelModel, path: StyledPath) -> StyledPath:
    """Return a path, scaled down if its sound would lose the onsets or the loudness curve of the content."""
    before = levels(path.content.codes(), path.content.gains())
    low, high = 0.0, 1.0
    if _keeps(model, levels, before, path):
        return path
    for _ in range(_TRIALS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if _keeps(model, levels, before, _scaled(path, middle)) else (low, middle)
    return _scaled(path, low)


def _scaled(path: StyledPath, factor: float) -> StyledPath:
    return replace(path, z_change=factor * path.z_change, gain_change_db=factor * path.gain_change_db)


def _keeps(model: Model, levels: LevelModel, before: NoteLevels, path: StyledPath) -> bool:
    """Return whether onsets and loudness curve stay those of the content at amount 1, as far as can be predicted."""
    rate, content = 1.0 / model.spec.hop_seconds, path.content
    note, held = _note_at(model, levels, path, 1.0, before), content.marks[3]
    after = levels(note.codes(), note.gains())
    lead = round(_SILENCE_S * rate)
    first, second = (np.concatenate([np.zeros(lead), each.loudness_power[:held]]) for each in (before, after))
    if loudness_difference_db(first, second, rate) > MOST_LOUDNESS_DB:
        return False
    silence = np.full((lead, before.levels_db.shape[1]), _SILENT_DB)
    one, other = (np.concatenate([silence, each.levels_db[:held]]) for each in (before, after))
    return onset_correlation(one, other, rate) >= LEAST_ONSET
