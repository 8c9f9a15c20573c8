"""Notes as the engine plays them, and what is measured of the sound."""

from dataclasses import dataclass, replace

import numpy as np
import soxr
from numpy.typing import NDArray

from synth_app.decoder import Model
from synth_app.engine.engine import Engine, prepare_instrument, render_events
from synth_app.engine.spectral.loudness import k_weights
from synth_app.patch import ENGINE_RATE, Event, NoteOn, UserNote
from synth_app.patch.initial_patch import initial_patch
from synth_app.style import Style
from synth_app.support.compiling.librosa_import import librosa
from synth_app.texture import (
    TextureStatistics,
    audible_bands,
    band_filters,
    band_levels_db,
    loudness_difference_db,
    onset_correlation,
    share_removed,
    texture_statistics,
)

Float64s = NDArray[np.float64]
Sound = NDArray[np.float32]
LEAD_S, HELD_S = 0.1, 2.8
_ONSET_S = 0.2  # left out of the texture
_CENTS = 20.0
_PITCH_RATE_HZ, _PITCH_FRAME = 16_000, 2048
_AROUND = 2.0 ** (1.0 / 12.0)  # of the key: octaves of the pitch are not searched


@dataclass(frozen=True)
class Heard:
    """What is measured of a sound.

    Attributes:
        levels_db: float64 [frames, bands].
        loudness_power: float64 [frames], K-weighted power.
        texture: statistics between the onset and the end.
        audible: float64 [bands], there.
        f0_hz: float64 [frames of pYIN], the most probable pitch near the key, also where unvoiced.
        voiced: bool [frames of pYIN].
    """

    levels_db: Float64s
    loudness_power: Float64s
    texture: TextureStatistics
    audible: Float64s
    f0_hz: Float64s
    voiced: NDArray[np.bool_]


@dataclass(frozen=True)
class Kept:
    """What a result keeps of its content.

    Attributes:
        onset: correlation of the onset envelopes.
        loudness_db: greatest difference of the loudness curves in dB.
        pitch: share of the content's voiced frames within 20 cents; None if the content has no voiced frame.
    """

    onset: float
    loudness_db: float
    pitch: float | None


class Player:
    """Plays notes of one model through the engine, mono."""

    def __init__(self, model: Model, path: str) -> None:
        self._model, self._path = model, path
        self._filters = band_filters(model.spec)
        self._rate = 1.0 / model.spec.hop_seconds
        self._weights = k_weights(model.spec.bins, model.spec.sample_rate / model.spec.n_fft).astype(np.float64)

    def play(self, note: UserNote, key: int | None = None) -> Sound:
        """Return a note held for 2.8 s after 0.1 s of silence, float32 [samples] at ``ENGINE_RATE``."""
        engine = Engine()
        patch = replace(initial_patch(self._path, self._model.card), user_notes=(note, note))
        engine.install(prepare_instrument(self._path), patch)
        pressed = Event(round(LEAD_S * ENGINE_RATE), NoteOn(round(note.pitch) if key is None else key))
        return np.asarray(
            render_events(engine, (pressed,), round((LEAD_S + HELD_S) * ENGINE_RATE)).mean(axis=1), np.float32
        )

    def hear(self, sound: Sound, key: float | None) -> Heard:
        """Measure a sound from ``play`` or of the same timing; ``key`` in MIDI, None to leave out its pitch."""
        frames = self._model.frames(sound, ENGINE_RATE)
        levels = band_levels_db(frames, self._filters)
        inside = levels[round((LEAD_S + _ONSET_S) * self._rate) : -3]
        f0_hz, voiced = (np.zeros(0), np.zeros(0, bool)) if key is None else _pitch_track(sound, key)
        power = 10.0 ** (frames.astype(np.float64) / 10.0) @ self._weights
        return Heard(levels, power, texture_statistics(inside, self._rate), audible_bands(inside), f0_hz, voiced)

    def kept(self, content: Heard, result: Heard) -> Kept:
        """Compare a result with its content."""
        return Kept(
            onset_correlation(content.levels_db, result.levels_db, self._rate),
            loudness_difference_db(content.loudness_power, result.loudness_power, self._rate),
            _pitch_share(content, result),
        )


def share(content: Heard, style: Style, result: Heard) -> float:
    """Return the share of the texture distance to the style that a result has removed, over bands heard in both."""
    return share_removed(content.texture, style.statistics, result.texture, content.audible * style.audible)


def _pitch_track(sound: Sound, key: float) -> tuple[Float64s, NDArray[np.bool_]]:
    near = float(librosa.midi_to_hz(key))
    low = soxr.resample(sound[round(LEAD_S * ENGINE_RATE) :], ENGINE_RATE, _PITCH_RATE_HZ)
    frame = _PITCH_FRAME * (2 if near < 100.0 else 1)
    f0_hz, voiced, _ = librosa.pyin(
        low, fmin=near / _AROUND, fmax=near * _AROUND, sr=_PITCH_RATE_HZ, frame_length=frame, hop_length=512,
        resolution=0.05, fill_na=None, max_transition_rate=2.0,
    )  # fmt: skip
    return f0_hz, voiced


def _pitch_share(content: Heard, result: Heard) -> float | None:
    if not content.voiced.any():
        return None
    cents = 1200.0 * np.abs(np.log2(result.f0_hz[content.voiced] / content.f0_hz[content.voiced]))
    return float(np.mean(cents <= _CENTS))
