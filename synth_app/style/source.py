"""The style: the texture of a sound or of a note, as band movements and statistics."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth_app.decoder import Model
from synth_app.patch import UserNote
from synth_app.style.note_levels import LevelModel
from synth_app.support.errors import UserError
from synth_app.texture import (
    TextureStatistics,
    audible_bands,
    band_filters,
    band_levels_db,
    movement,
    texture_statistics,
)

Float64s = NDArray[np.float64]
MIN_SECONDS = 0.5
_SILENT_DB = -100.0  # re a full-scale sine
_ONSET_S = 0.15  # of a note; it is an event, not texture
_PITCH = 60.0  # MIDI, that sounds without a pitch are encoded at


@dataclass(frozen=True)
class Style:
    """What is taken from a sound.

    Attributes:
        name: for titles.
        moving_db: float64 [frames, bands], movement of the band levels in dB (``texture.movement``).
        statistics: of the texture.
        audible: float64 [bands], 1 for bands that are heard.
        step: mean step of the sound's own latent path per frame: see ``path_step``.
    """

    name: str
    moving_db: Float64s
    statistics: TextureStatistics
    audible: Float64s
    step: float


def style_of_sound(model: Model, name: str, audio: NDArray[np.floating], sample_rate: int) -> Style:
    """Take the style of a sound.

    Args:
        model: whose frames are used.
        name: for titles.
        audio: mono samples [n], full scale 1, at least half a second.
        sample_rate: Hz.

    Raises:
        UserError: the sound is too short, silent or not finite.
    """
    frames = model.frames(audio, sample_rate)
    levels = band_levels_db(frames, band_filters(model.spec))
    _check(name, levels, 1.0 / model.spec.hop_seconds)
    z, _ = model.encode(frames, _PITCH)
    return _style(model, name, levels, path_step(z, model.stats.std))


def style_of_note(model: Model, note: UserNote) -> Style:
    """Take the style of a note of the model: of its part between onset and release.

    Raises:
        UserError: that part is shorter than half a second, or the model is recurrent.
    """
    start = max(note.marks[0], round(_ONSET_S / model.spec.hop_seconds))
    stop = note.marks[3]
    levels = LevelModel(model, note)(note.codes(), note.gains()).levels_db[start:stop]
    _check(note.name, levels, 1.0 / model.spec.hop_seconds)
    return _style(model, note.name, levels, path_step(note.codes()[start:stop], model.stats.std))


def path_step(z: NDArray[np.floating], deviation: NDArray[np.floating]) -> float:
    """Return the mean step of a latent path [frames, latent], in standard deviations of the training vectors."""
    scale = np.maximum(np.asarray(deviation, np.float64), 1e-6)
    return float(np.linalg.norm(np.diff(np.asarray(z, np.float64) / scale, axis=0), axis=1).mean())


def _check(name: str, levels_db: Float64s, frames_per_second: float) -> None:
    if len(levels_db) < MIN_SECONDS * frames_per_second:
        seconds = len(levels_db) / frames_per_second
        raise UserError(f"{name}: {seconds:.2g} s of texture; a style needs {MIN_SECONDS:g} s or more")
    if levels_db.max() <= _SILENT_DB:
        raise UserError(f"{name} is silent, so it has no texture; choose another sound")


def _style(model: Model, name: str, levels_db: Float64s, step: float) -> Style:
    rate = 1.0 / model.spec.hop_seconds
    statistics = texture_statistics(levels_db, rate)
    return Style(name, movement(levels_db, rate), statistics, audible_bands(levels_db), step)
