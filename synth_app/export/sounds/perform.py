"""What the sound worker does: one function for each task."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from synth_app.dataset.audio_io import resample
from synth_app.decoder.heard_levels import heard_frames_db
from synth_app.export.auditions.variation_levels import level_variations
from synth_app.export.encode_file import encode_sound
from synth_app.export.sounds.comparison import compare, write_raw
from synth_app.export.sounds.tasks import (
    Added,
    AddSound,
    Bred,
    BreedPatch,
    Compared,
    CompareSound,
    Encoded,
    EncodeFile,
    EncodeSound,
    Encoding,
    FindSimilar,
    FoundSimilar,
    Measuring,
    Previewed,
    PreviewSound,
    Sliced,
    SliceSound,
    SoundAnswer,
    SoundTask,
    Tracked,
    TrackSound,
)
from synth_app.patch import ENGINE_RATE, UserNote
from synth_app.session.breeding.breed import Breeder, BreedRequest, Variation
from synth_app.session.find.like_shape import is_itself, shape_of
from synth_app.session.find.search import SoundFinder
from synth_app.session.presets.library import PresetLibrary
from synth_app.session.sounds.encode_sound import FALLBACK_PITCH
from synth_app.session.sounds.encoded_notes import sound_note
from synth_app.session.sounds.find_notes import PitchTrack, find_notes, track_pitch
from synth_app.session.sounds.new_sound import NewRecording
from synth_app.session.sounds.sound_audio import read_recording
from synth_app.session.sounds.sound_edits import used_part, without_trim
from synth_app.session.sounds.sound_library import SoundEntry, SoundLibrary
from synth_app.session.sounds.sound_patch import sound_patch
from synth_app.session.sounds.user_sound import Recording
from synth_app.spectrum.note_pitch import find_pitch
from synth_app.spectrum.spec import PAPER_SPEC
from synth_app.support.errors import UserError

if TYPE_CHECKING:
    from synth_app.decoder import Model

Send = Callable[[SoundAnswer], None]
_MODELS = 2  # that stay loaded
_WARM_UP_FRAMES = 8
_TELL_EACH = 10  # of the things that are measured


def perform(task: SoundTask, folder: Path, send: Send) -> None:
    """Do a task and send its answers.

    Args:
        task: to do.
        folder: of the sounds.
        send: takes the answers.

    Raises:
        UserError: the task failed.
    """
    library = SoundLibrary(folder)
    match task:
        case AddSound(number, paths, name):
            send(Added(number, library.add(name, [NewRecording(path) for path in paths]).key))
        case EncodeSound(number, key, model_path):
            send(Encoded(number, key, model_path, _note(library.entry(key), model_path, number, send)))
        case EncodeFile(number, path, model_path):
            send(Encoded(number, "", model_path, encode_sound(path, _model(model_path))))
        case SliceSound(number, key, index):
            entry = library.entry(key)
            samples, rate = read_recording(entry.folder, without_trim(_recording(entry, index)))
            send(Sliced(number, find_notes(samples, rate)))
        case TrackSound(number, key, index):
            entry = library.entry(key)
            recording = _recording(entry, index)
            track = track_pitch(*read_recording(entry.folder, recording))
            send(Tracked(number, PitchTrack(track.times_s + used_part(recording)[0], track.pitches)))
        case PreviewSound(number, key, index, target, whole):
            entry = library.entry(key)
            recording = _recording(entry, index)
            samples, rate = read_recording(entry.folder, without_trim(recording) if whole else recording)
            path = target / f"{number}-preview.f32"
            write_raw(path, resample(samples, rate, ENGINE_RATE))
            send(Previewed(number, path, len(samples) / rate))
        case CompareSound():
            _compare(task, library.entry(task.key), send)
        case FindSimilar():
            send(_found(task, library, send))
        case BreedPatch(number, request):
            send(Bred(number, _bred(request)))


def warm_up() -> None:
    """Import what tasks need, and load their kernels, before the first of them arrives."""
    rate = 16_000
    tone = np.sin(2.0 * np.pi * 220.0 * np.arange(rate // 4) / rate).astype(np.float32)
    find_pitch(tone, rate)
    heard_frames_db(np.zeros((_WARM_UP_FRAMES, PAPER_SPEC.bins)), None, 60.0, PAPER_SPEC)


def _recording(entry: SoundEntry, index: int) -> Recording:
    if index >= len(entry.sound.recordings):
        raise UserError(f"{entry.sound.name} has no recording {index + 1} any more; choose another one")
    return entry.sound.recordings[index]


def _note(entry: SoundEntry, model_path: str, number: int, send: Send) -> UserNote:
    return sound_note(
        entry.folder, entry.sound, _model(model_path), lambda done, total: send(Encoding(number, done, total))
    )


@lru_cache(maxsize=_MODELS)
def _model(path: str) -> "Model":
    from synth_app.decoder import load_model

    return load_model(path)


def _compare(task: CompareSound, entry: SoundEntry, send: Send) -> None:
    recording = _recording(entry, task.recording)
    note = _note(entry, task.model_path, task.number, send).recordings[task.recording]
    samples, rate = read_recording(entry.folder, recording)
    patch = sound_patch(note, task.model_path, _model(task.model_path).card, task.quality)
    found = compare(samples, rate, note, patch)
    source, made = (task.folder / f"{task.number}-{name}.f32" for name in ("source", "made"))
    write_raw(source, found.source)
    write_raw(made, found.made)
    start_s = used_part(recording)[0] + found.start_s
    seconds = len(found.source) / ENGINE_RATE
    hop_s = _model(task.model_path).spec.hop_seconds
    loop_s = (start_s + note.marks[1] * hop_s, start_s + note.marks[2] * hop_s)
    send(Compared(task.number, source, made, start_s, seconds, loop_s, found.mel_db, found.partials_db))


def _bred(request: BreedRequest) -> tuple[Variation, ...]:
    return _breeder().breed(request, _model(request.parent.model))


@lru_cache(maxsize=1)
def _breeder() -> Breeder:
    return Breeder(level_variations)


def _found(task: FindSimilar, sounds: SoundLibrary, send: Send) -> FoundSimilar:
    def tell(done: int, total: int) -> None:
        if done % _TELL_EACH == 0:
            send(Measuring(task.number, done, total))

    model, like = _model(task.model_path), task.like
    finder = SoundFinder(model, task.model_path, sounds, PresetLibrary(task.presets), progress=tell)
    if like is None:
        return FoundSimilar(task.number, FALLBACK_PITCH, (), finder.problems)
    shape = shape_of(like, model, sounds)
    found = finder.like(shape, lambda candidate: is_itself(candidate, like, model))
    return FoundSimilar(task.number, shape.pitch, tuple(each.similar for each in found), finder.problems)
