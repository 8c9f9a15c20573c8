"""Measures of one dropped recording: how near the engine comes to the real notes, and what resampling would give."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from synth_app.benchmarks.own_sounds.key_pairs import KeyPair
from synth_app.dataset.nsynth import audio_path, read_audio
from synth_app.engine.engine import Engine, prepare_instrument, render_events
from synth_app.evaluation.fidelity.sound_pair import COMPARED_S, LEAD_S, match
from synth_app.evaluation.metrics.mel_distance import mel_distance_db
from synth_app.export.encode_job import encode_sound
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

    @property
    def pitch_is_right(self) -> bool:
        """Whether the pitch found lies within 20 cents of the key."""
        return abs(self.pitch - self.key) * 100.0 <= RIGHT_CENTS


class SoundPlayer:
    """Plays user notes as the window does: the initial patch with the note in slot A.

    Args:
        model_path: of the model file.
        quality: of the engine.
    """

    def __init__(self, model_path: str, quality: str) -> None:
        self._patch = initial_patch(model_path, read_card(Path(model_path))).with_param("morph", 0.0)
        self._engine = Engine()
        self._engine.install(prepare_instrument(model_path, quality), self._patch)

    def play(self, note: UserNote, key: int, detail: float, seconds: float) -> Float32s:
        """Return a note held for ``seconds`` after silence of ``LEAD_S``, float32 [samples, 2].

        Args:
            note: to play. key: MIDI. detail: the parameter Detail, 0-1. seconds: time from key-down to the end.
        """
        engine = self._engine
        patch = replace(self._patch, user_notes=(note, None)).with_param("detail", detail)
        engine.post(SetPatch(patch))
        render_events(engine, (), round(_REST_S * ENGINE_RATE))
        begin = engine.clock + round(LEAD_S * ENGINE_RATE)
        length = round((LEAD_S + seconds) * ENGINE_RATE)
        sound = render_events(engine, (Event(begin, NoteOn(key, note.note().velocity)),), length)
        engine.post(Panic())
        return sound


def measure_sound(player: SoundPlayer, model_path: str, data: Path, pair: KeyPair, held_s: float) -> SoundMeasures:
    """Drop a recording, play it at its own and at another key, and compare.

    The comparison at the other key lasts 2 s, or as long as the resampled recording is held.

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
    ratio = pair.ratio
    own_s, other_s = min(COMPARED_S, held_s), min(COMPARED_S, held_s, held_s / ratio - _MARGIN_S)

    def played(key: int, real: Float32s, detail: float, seconds: float) -> float:
        return distance_db(real, player.play(note, key, detail, seconds + _LATE_S), seconds)

    own_db, own_without_db = (played(pair.own.pitch, own, detail, own_s) for detail in (1.0, 0.0))
    other_db, other_without_db = (played(pair.other.pitch, other, detail, other_s) for detail in (1.0, 0.0))
    samples, rate = read_audio(data, pair.own)
    return SoundMeasures(
        pair.own.note_str, pair.own.pitch, pair.other.pitch, note.pitch, own_db, own_without_db, other_db,
        other_without_db, distance_db(other, _recording(samples, rate * ratio), other_s),
    )  # fmt: skip


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
