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


@dataclass(frozen=True)
class Style:
    """What is taken from a sound.

    Attributes:
        name: for titles.
        moving_db: float64 [frames, bands], movement of the band levels in dB (``texture.movement``).
        statistics: of the texture.
        audible: float64 [bands], 1 for bands that are heard.
        frames_db: float32 [frames, bins], magnitudes, dB re full-scale sine.
    """

    name: str
    moving_db: Float64s
    statistics: TextureStatistics
    audible: Float64s
    frames_db: NDArray[np.float32]


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
    return _style(model, name, frames, band_levels_db(frames, band_filters(model.spec)))


def style_of_note(model: Model, note: UserNote) -> Style:
    """Take the style of a note of the model: of its part between onset and release.

    Raises:
        UserError: that part is shorter than half a second, or the model is recurrent.
    """
    start = max(note.marks[0], round(_ONSET_S / model.spec.hop_seconds))
    stop = note.marks[3]
    found = LevelModel(model, note)(note.codes(), note.gains())
    return _style(model, note.name, found.frames_db[start:stop].astype(np.float32), found.levels_db[start:stop])


def texture_path_step(model: Model, style: Style, pitch: float) -> float:
    """Return how far a path of the style moves from frame to frame: see ``path_step``.

    Args:
        model: encodes the style's frames.
        style: the style. pitch: MIDI, that it is encoded at.
    """
    z, _ = model.encode(style.frames_db, pitch)
    return path_step(z, model.stats.std)


def path_step(z: NDArray[np.floating], deviation: NDArray[np.floating]) -> float:
    """Return the mean step of a latent path [frames, latent], in standard deviations of the training vectors."""
    scale = np.maximum(np.asarray(deviation, np.float64), 1e-6)
    return float(np.linalg.norm(np.diff(np.asarray(z, np.float64) / scale, axis=0), axis=1).mean())


def _style(model: Model, name: str, frames_db: NDArray[np.float32], levels: Float64s) -> Style:
    rate = 1.0 / model.spec.hop_seconds
    if len(frames_db) < MIN_SECONDS * rate:
        raise UserError(f"{name}: {len(frames_db) / rate:.2g} s of texture; a style needs {MIN_SECONDS:g} s or more")
    if levels.max() <= _SILENT_DB:
        raise UserError(f"{name} is silent, so it has no texture; choose another sound")
    return Style(name, movement(levels, rate), texture_statistics(levels, rate), audible_bands(levels), frames_db)
