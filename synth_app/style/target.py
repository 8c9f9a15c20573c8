"""The movement that a note should have: the style's, laid along the note between its onset and its release."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth_app.decoder import Model
from synth_app.patch import UserNote
from synth_app.style.source import Style
from synth_app.support.errors import UserError
from synth_app.texture import momentary_loudness_db
from synth_app.texture.content import MOMENTARY_S, momentary_mean

Float64s = NDArray[np.float64]
_ONSET_S, _RAMP_S = 0.06, 0.08
_OVERLAP_S = 0.1
_LOUDNESS_ROUNDS = 6
_MOST_GAIN_DB = 24.0


@dataclass(frozen=True)
class Part:
    """The part of a note that takes on the style, in frames; its first and last frames change gradually.

    Attributes:
        start, stop: frames.
        envelope: float64 [frames of the note], 0 outside the part, 1 inside.
    """

    start: int
    stop: int
    envelope: Float64s


def is_long_enough(model: Model, note: UserNote) -> bool:
    """Return whether a note has a part that can take on a style."""
    start, release, ramp = _bounds(model, note)
    return release - start >= 4 * ramp


def _bounds(model: Model, note: UserNote) -> tuple[int, int, int]:
    """Return start and end of the part, and the length of a gradual change, in frames."""
    rate = 1.0 / model.spec.hop_seconds
    return max(note.marks[0], round(_ONSET_S * rate)), note.marks[3], max(1, round(_RAMP_S * rate))


def styled_part(model: Model, note: UserNote) -> Part:
    """Return the part between onset and release. Raises UserError if the note is too short to have a texture."""
    start, release, ramp = _bounds(model, note)
    if not is_long_enough(model, note):
        rate = 1.0 / model.spec.hop_seconds
        raise UserError(
            f"{note.name}: {(release - start) / rate:.2g} s between onset and release; "
            f"a style needs {4 * ramp / rate:.2g} s of the content"
        )
    frames = np.arange(len(note.gains()))
    rising = np.clip((frames - start + 1) / ramp, 0.0, 1.0)
    falling = np.clip((release - frames) / ramp, 0.0, 1.0)
    return Part(start, release, np.asarray(np.minimum(rising, falling)))


def repeated(style: Style, frames: int, frames_per_second: float) -> Float64s:
    """Return the movement of a style for any length, [frames, bands]: repeated, its ends crossfaded at equal power."""
    source = style.moving_db
    overlap = min(round(_OVERLAP_S * frames_per_second), len(source) // 4)
    fade = np.sin(0.5 * np.pi * (np.arange(overlap) + 0.5) / overlap)[:, None]
    out = np.zeros((frames + len(source), source.shape[1]))
    position, first = 0, True
    while position < frames:
        piece = source.copy()
        if not first:
            piece[:overlap] *= fade
        piece[-overlap:] *= fade[::-1]
        out[position : position + len(piece)] += piece
        position, first = position + len(piece) - overlap, False
    return out[:frames]


def with_loudness(
    power: Float64s, wanted: Float64s, gain_db: Float64s, frames_per_second: float
) -> NDArray[np.float32]:
    """Return gains that give a path the loudness curve of another, float32 [frames].

    Args:
        power: float64 [frames], K-weighted power of the path with the gains ``gain_db``.
        wanted: float64 [frames], K-weighted power of the other.
        gain_db: float64 [frames].
        frames_per_second: rate in Hz.
    """
    lead = round(MOMENTARY_S * frames_per_second)  # of silence: the first moments of a note are measured alone, too
    power, wanted = (np.concatenate([np.zeros(lead), each]) for each in (power, wanted))
    goal_db = momentary_loudness_db(wanted, frames_per_second)
    change = np.zeros(len(power))
    for _ in range(_LOUDNESS_ROUNDS):
        now_db = momentary_loudness_db(power * 10.0 ** (change / 10.0), frames_per_second)
        change += momentary_mean(goal_db - now_db, frames_per_second)
        change = np.clip(change, -_MOST_GAIN_DB, _MOST_GAIN_DB)
    return (gain_db + change[lead:]).astype(np.float32)
