"""Measures of one dropped recording: how near the engine comes to the real notes, and what resampling would give."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from synth_app.benchmarks.own_sounds.key_pairs import KeyPair
from synth_app.dataset.nsynth import Note, audio_path, read_audio
from synth_app.engine.engine import Engine, prepare_instrument, render_events
from synth_app.evaluation.fidelity.sound_pair import COMPARED_S, LEAD_S, match
from synth_app.evaluation.metrics.mel_distance import mel_distance_db
from synth_app.export.encode_file import encode_sound
from synth_app.modelfile import read_card
from synth_app.patch import ENGINE_RATE, Event, NoteOn, Panic, SetPatch, UserNote
from synth_app.patch.initial_patch import initial_patch

Float32s = NDArray[np.float32]
RIGHT_CENTS = 20.0
_MARGIN_S = 0.05  # before the key-up of the resampled recording
_REST_S = 0.5  # until a note has faded out
_LATE_S = 0.1  # by which a note is rendered longer than it is compared; its onset may come later


@dataclass(frozen=True)
class SoundMeasures:
    """One dropped recording.

    Attributes:
        note: name of the recording. key: its key. other_key: that of the real note it is compared with.
        pitch: MIDI pitch that was found in it.
        own_db: mel distance to the recording at its own key, with the correction.
        own_without_db: the same with Detail at 0.
        other_db, other_without_db: mel distance to the instrument's real note at the other key.
        resampled_db: mel distance of the resampled recording to that note.
        between_db: the same of the engine, with a second recording on the far side of the other key; None without one.
        nearest_resampled_db: that of the nearer of both recordings, resampled; None likewise.
    """

    note: str
    key: int
    other_key: int
    pitch: float
    own_db: float
    own_without_db: float
    other_db: float
    other_without_db: float
    resampled_db: float
    between_db: float | None = None
    nearest_resampled_db: float | None = None

    @property
    def pitch_is_right(self) -> bool:
        """Whether the pitch found lies within 20 cents of the key."""
        return abs(self.pitch - self.key) * 100.0 <= RIGHT_CENTS


class SoundPlayer:
    """Plays user notes as ``render --sound`` does: the initial patch with the sound in both slots.

    Args:
        model_path: of the model file.
        quality: of the engine.
    """

    def __init__(self, model_path: str, quality: str) -> None:
        self._patch = initial_patch(model_path, read_card(Path(model_path)))
        self._engine = Engine()
        self._engine.install(prepare_instrument(model_path, quality), self._patch)

    def play(self, note: UserNote, key: int, detail: float, seconds: float) -> Float32s:
        """Return a note held for ``seconds`` after silence of ``LEAD_S``, float32 [samples, 2].

        Args:
            note: to play. key: MIDI. detail: the parameter Detail, 0-1. seconds: time from key-down to the end.
        """
        engine, velocity = self._engine, note.velocity
        engine.post(SetPatch(replace(self._patch, user_notes=(note, note)).with_param("detail", detail)))
        render_events(engine, (), round(_REST_S * ENGINE_RATE))
        begin = engine.clock + round(LEAD_S * ENGINE_RATE)
        length = round((LEAD_S + seconds) * ENGINE_RATE)
        played = render_events(engine, (Event(begin, NoteOn(key, velocity)),), length)
        engine.post(Panic())
        return played

    def distance_db(self, note: UserNote, key: int, detail: float, real: Float32s, seconds: float) -> float:
        """Return the mel distance of a real note to what ``play`` plays, in dB; ``seconds`` are compared."""
        return distance_db(real, self.play(note, key, detail, seconds + _LATE_S), seconds)


def measure_sound(player: SoundPlayer, model_path: str, data: Path, pair: KeyPair, held_s: float) -> SoundMeasures:
    """Drop a recording, play it at its own and at another key, and compare.

    The comparison at the other key lasts 2 s, or as long as the resampled recording is held. A recording is dropped
    under a name that does not tell its key. With a second one, both have their keys in their names.

    Args:
        player: of the model. model_path: of its file.
        data: folder of the notes.
        pair: the recording, and the real note at another key.
        held_s: time from key-down to key-up in the recordings.

    Raises:
        UserError: a recording cannot be read or encoded, or a sound is silent.
    """
    note = encode_sound(audio_path(data, pair.own.note_str), model_path, use_name=False)
    own, other = (_recording(*read_audio(data, each)) for each in (pair.own, pair.other))
    own_s, other_s = min(COMPARED_S, held_s), _compared_s(held_s, pair.ratio)
    resampled_db = distance_db(other, _resampled(data, pair.own, pair.other), other_s)
    places = ((pair.own.pitch, own, own_s), (pair.other.pitch, other, other_s))
    own_db, own_without_db, other_db, other_without_db = (
        player.distance_db(note, key, detail, real, seconds) for key, real, seconds in places for detail in (1.0, 0.0)
    )
    found = SoundMeasures(
        pair.own.note_str, pair.own.pitch, pair.other.pitch, note.pitch, own_db, own_without_db, other_db,
        other_without_db, resampled_db,
    )  # fmt: skip
    if pair.beyond is None:
        return found
    if not found.pitch_is_right:
        note = encode_sound(audio_path(data, pair.own.note_str), model_path)
    both = replace(note, others=(encode_sound(audio_path(data, pair.beyond.note_str), model_path),))
    nearest = min((pair.beyond, pair.own), key=lambda each: abs(each.pitch - pair.other.pitch))
    nearest_s = _compared_s(held_s, KeyPair(nearest, pair.other).ratio)
    return replace(
        found,
        between_db=player.distance_db(both, pair.other.pitch, 1.0, other, other_s),
        nearest_resampled_db=distance_db(other, _resampled(data, nearest, pair.other), nearest_s),
    )


def _compared_s(held_s: float, ratio: float) -> float:
    """Return for how long a recording that is resampled by a ratio can be compared, in seconds."""
    return min(COMPARED_S, held_s, held_s / ratio - _MARGIN_S)


def _resampled(data: Path, note: Note, key: Note) -> Float32s:
    samples, rate = read_audio(data, note)
    return _recording(samples, rate * KeyPair(note, key).ratio)


def distance_db(real: Float32s, made: Float32s, seconds: float) -> float:
    """Return the mel distance of two sounds [samples, 2] in dB, aligned at the onset and matched in level.

    Args:
        real, made: with silence of ``LEAD_S`` before the key goes down; ``made`` is cut or padded with silence.
        seconds: compared from there on; 50 ms more are heard in the last frames.

    Raises:
        UserError: one of them is silent.
    """
    fitted = np.zeros_like(real)
    count = min(len(real), len(made))
    fitted[:count] = made[:count]
    real_db, made_db = match(real, fitted, seconds).mel_levels(seconds)
    return mel_distance_db(real_db, made_db, float(real_db.max()))


def _recording(samples: Float32s, rate: float) -> Float32s:
    """Return a mono recording at the engine's rate, after silence of ``LEAD_S``, [samples, 2]."""
    sound = samples if rate == ENGINE_RATE else soxr.resample(samples, rate, ENGINE_RATE, quality="VHQ")
    mono = np.concatenate([np.zeros(round(LEAD_S * ENGINE_RATE), np.float32), sound])
    return np.stack([mono, mono], axis=1)
