"""The phrase that each of two models plays in a blind comparison: the same notes, equally loud."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from synth_app.patch import ENGINE_RATE, Patch
from synth_app.session.sounds.sound_library import SoundEntry
from synth_app.support.errors import UserError

if TYPE_CHECKING:
    from synth_app.decoder import Model

GAP_S, HELD_S = 0.1, 0.9
_TAIL_S, _FADE_S = 0.5, 0.1  # after the last note of a part
KEYS = (48, 55, 60, 67)  # of a phrase of one bank note
MOST_NOTES = 4  # of recordings that a phrase plays
_STEPS = (0, 7, -5, 12)  # semitones from its own key, at which a single recording is played
_LOWEST_KEY, _HIGHEST_KEY = 21, 108
_PEAK = 0.9
Sound = NDArray[np.float32]
Sounds = tuple[Sound, Sound]
Models = tuple[Path, Path]
Progress = Callable[[int, int], None]
_Source = TypeVar("_Source")


@dataclass(frozen=True)
class Recording:
    """A recording that both models encode.

    Attributes:
        path: of the audio file. key: MIDI. velocity: 1-127.
    """

    path: Path
    key: int
    velocity: int = 100


@dataclass(frozen=True)
class _Part:
    """A sound at some keys."""

    patch: Patch
    keys: tuple[int, ...]
    velocity: int


def bank_phrases(
    models: tuple[str, str], note: str, keys: tuple[int, ...], progress: Progress, *, detail: float = 1.0
) -> Sounds:
    """Let two models play a note of both banks.

    Args:
        models: names or files.
        note: name in both banks; "" for one that both have.
        keys: MIDI keys of the phrase.
        progress: called with (phrases done, phrases).
        detail: parameter of the patch: how much of what a model misses is added, 0-1.

    Returns:
        The phrase of each model, float32 [samples, 2] at ``ENGINE_RATE``, equally loud.

    Raises:
        UserError: a model cannot be read, there is no such note, the banks share none, or a model plays silence.
    """
    from synth_app.decoder import load_model
    from synth_app.modelfile import find_model, find_note

    paths = [find_model(each) for each in models]
    loaded = [load_model(path) for path in paths]
    name = note or _common_note(*loaded)
    sounds = []
    for i, (model, path) in enumerate(zip(loaded, paths, strict=True)):
        slot = [each.name for each in model.bank].index(find_note(model.bank, name).name)
        patch = Patch(str(path), slot, slot, (0.0,) * model.card.latent_size).with_param("detail", detail)
        sounds.append(_played(_Part(patch, keys, 100)))
        progress(i + 1, len(paths))
    return _equally_loud(sounds)


def recording_phrases(
    models: Models, recordings: Sequence[Recording], progress: Progress, *, detail: float = 1.0
) -> Sounds:
    """Let two models play some of the recordings, each at its own key, that each of them encodes.

    Args:
        models: files.
        recordings: of one or more instruments.
        progress: called with (parts done, parts), for both models together.
        detail: as for ``bank_phrases``.

    Returns:
        As ``bank_phrases``.

    Raises:
        UserError: a file cannot be read, a recording is silent, or a model plays silence.
    """
    from synth_app.dataset.audio_io import read_audio_file
    from synth_app.patch.quality import DEFAULT_QUALITY
    from synth_app.session.sounds.encode_sound import NoteSettings, encode_audio
    from synth_app.session.sounds.sound_patch import sound_patch

    def encoded(model: "Model", path: Path, each: Recording) -> _Part:
        samples, rate = read_audio_file(each.path)
        note = encode_audio(model, samples, rate, NoteSettings(each.path.stem, each.key, each.velocity))
        patch = sound_patch(note, str(path), model.card, DEFAULT_QUALITY).with_param("detail", detail)
        return _Part(patch, (each.key,), each.velocity)

    ordered = sorted(recordings, key=lambda each: (each.key, each.velocity))
    return _phrases(models, _spread(ordered), encoded, progress)


def sound_phrases(models: Models, entry: SoundEntry, progress: Progress, *, detail: float = 1.0) -> Sounds:
    """Let two models play a sound of the user at the keys of its recordings; a single one at several keys.

    Arguments, result and errors as ``recording_phrases``.
    """
    from synth_app.patch.quality import DEFAULT_QUALITY
    from synth_app.session.sounds.encoded_notes import sound_note
    from synth_app.session.sounds.sound_patch import sound_patch

    own = sorted({round(each.pitch) for each in entry.sound.recordings})
    keys = _spread(own) if len(own) > 1 else tuple(own[0] + step for step in _STEPS)
    playable = tuple(key for key in keys if _LOWEST_KEY <= key <= _HIGHEST_KEY) or keys[:1]

    def encoded(model: "Model", path: Path, each: SoundEntry) -> _Part:
        note = sound_note(each.folder, each.sound, model)
        patch = sound_patch(note, str(path), model.card, DEFAULT_QUALITY).with_param("detail", detail)
        return _Part(patch, playable, 100)

    return _phrases(models, (entry,), encoded, progress)


def _phrases(
    models: Models, sources: Sequence[_Source], encode: "Callable[[Model, Path, _Source], _Part]", progress: Progress
) -> Sounds:
    """Let two models play some sources, one after the other."""
    from synth_app.decoder import load_model

    sounds, done, total = [], 0, len(models) * len(sources)
    for path in models:
        model, played = load_model(path), list[Sound]()
        for each in sources:
            played.append(_played(encode(model, path, each)))
            done += 1
            progress(done, total)
        sounds.append(np.concatenate(played))
    return _equally_loud(sounds)


def shared_notes(models: Models) -> tuple[str, ...]:
    """Return the names of notes that both banks have, in order. Raises UserError if a file cannot be read."""
    from synth_app.modelfile import read_bank_names

    theirs = set(read_bank_names(models[1]))
    return tuple(name for name in read_bank_names(models[0]) if name in theirs)


def _common_note(first: "Model", second: "Model") -> str:
    """Return the name of a note that both banks have, the first model's default one if possible."""
    from synth_app.modelfile import default_note

    theirs = {note.name for note in second.bank}
    shared = [note for note in first.bank if note.name in theirs]
    if not shared:
        raise UserError("the models have no note in common; choose models that were trained on the same notes")
    return shared[default_note(tuple(shared))].name


def _spread(ordered: Sequence[_Source]) -> tuple[_Source, ...]:
    """Return up to ``MOST_NOTES``, evenly spread."""
    count = min(len(ordered), MOST_NOTES)
    return tuple(ordered[(2 * i + 1) * len(ordered) // (2 * count)] for i in range(count))


def _played(part: _Part) -> Sound:
    """Return the notes of a part, one after the other. Its length depends on nothing but their number."""
    from synth_app.export.performance import render_performance
    from synth_app.export.request import PerformanceRequest
    from synth_app.patch import Event, NoteOff, NoteOn

    step, held = round((GAP_S + HELD_S) * ENGINE_RATE), round(HELD_S * ENGINE_RATE)
    events = [
        event
        for i, key in enumerate(part.keys)
        for event in (Event(i * step, NoteOn(key, part.velocity)), Event(i * step + held, NoteOff(key)))
    ]
    samples = len(part.keys) * step
    sound = render_performance(PerformanceRequest(part.patch, Path("phrase.wav"), tuple(events), samples))
    length, fade = samples + round(_TAIL_S * ENGINE_RATE), round(_FADE_S * ENGINE_RATE)
    out = np.zeros((length, 2), np.float32)
    out[: len(sound)] = sound[:length]
    out[-fade:] *= np.linspace(1.0, 0.0, fade, dtype=np.float32)[:, np.newaxis]
    return out


def _equally_loud(sounds: Sequence[Sound]) -> Sounds:
    """Return two sounds of equal loudness, with peaks of 0.9 at most."""
    from synth_app.evaluation.metrics.loudness import integrated_loudness

    lufs = [integrated_loudness(sound) for sound in sounds]
    if not np.isfinite(lufs).all():
        raise UserError("a model plays silence here; choose another note, or other keys")
    matched = [sound * np.float32(10.0 ** ((min(lufs) - own) / 20.0)) for sound, own in zip(sounds, lufs, strict=True)]
    loudest = max(float(np.abs(sound).max()) for sound in matched)
    scale = np.float32(min(1.0, _PEAK / loudest))
    first, second = (sound * scale for sound in matched)
    return first, second
