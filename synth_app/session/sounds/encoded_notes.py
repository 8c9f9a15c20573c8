"""The notes of a sound for one model: encoded once, and kept beside the recordings until these or the model change."""

import hashlib
import json
import logging
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from synth_app.modelfile.stored_bank import bank_entries, bank_index, pack_bank, unpack_bank
from synth_app.patch import UserNote
from synth_app.patch.user_note import OWN_SOUND
from synth_app.session.presets.preset_capture import card_digest
from synth_app.session.sounds.encode_sound import NoteSettings, encode_audio
from synth_app.session.sounds.sound_audio import loop_in_part, read_recording
from synth_app.session.sounds.user_sound import UserSound
from synth_app.support.errors import UserError
from synth_app.support.files import atomic_path
from synth_app.support.loading import loading
from synth_app.support.tensor_files import read_tensors, tensor_digest

if TYPE_CHECKING:
    from collections.abc import Callable

    from synth_app.decoder import Model

logger = logging.getLogger(__name__)

NOTES_FOLDER = "notes"
_INDEX, _SETTINGS, _SHA256 = "synth_app.bank", "synth_app.settings", "synth_app.sha256"
_VERSION = 2  # of the encoding; a higher one encodes all sounds again
_MAX_BYTES = 2**27


def sound_note(
    folder: Path, sound: UserSound, model: "Model", progress: "Callable[[int, int], None] | None" = None
) -> UserNote:
    """Return a sound as a note of a model, with its other recordings.

    It is read from the sound's folder if it was encoded before with the same settings and model, else encoded and
    kept there. Both give the same numbers, since they are kept in half precision.

    Args:
        folder: of the sound.
        sound: its description.
        model: that plays it.
        progress: called with (recordings done, recordings) before each is encoded.

    Raises:
        UserError: a recording is missing, changed or silent, or the notes cannot be written.
    """
    stored = stored_note(folder, sound, model)
    if stored is not None:
        return stored
    path, settings = _notes_path(folder, model), settings_digest(sound)
    notes = []
    for i, recording in enumerate(sound.recordings):
        if progress:
            progress(i, len(sound.recordings))
        samples, rate = read_recording(folder, recording)
        loop = loop_in_part(recording)
        wanted = NoteSettings(sound.name, recording.pitch, recording.velocity, sound.pitched, loop)
        notes.append(encode_audio(model, samples, rate, wanted))
    write_notes(path, tuple(notes), settings)
    return _with_sound(read_notes(path, settings, model), sound)


def stored_note(folder: Path, sound: UserSound, model: "Model") -> UserNote | None:
    """Return a sound as a note of a model if it is encoded for it already, as ``sound_note``; else None."""
    path = _notes_path(folder, model)
    if not path.exists():
        return None
    try:
        return _with_sound(read_notes(path, settings_digest(sound), model), sound)
    except UserError as error:  # of an earlier version, or damaged
        logger.warning("encoded notes have to be made again: %s", error)
        return None


def settings_digest(sound: UserSound) -> str:
    """Return a digest of everything that the notes of a sound depend on, except for the model."""
    text = json.dumps([_VERSION, [each.model_dump(mode="json") for each in sound.recordings]], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def write_notes(path: Path, notes: tuple[UserNote, ...], settings: str) -> None:
    """Write notes atomically, and create the folder. Raises UserError if they cannot be written."""
    from safetensors.numpy import save_file

    bank = tuple(each.note() for each in notes)
    tensors = pack_bank(bank, notes[0].latent_size)
    texts = {_INDEX: bank_index(bank), _SETTINGS: settings}
    try:
        path.parent.mkdir(exist_ok=True)
    except OSError as error:
        raise UserError(f"cannot make the folder {path.parent}: {error.strerror}; choose another disk") from error
    with atomic_path(path, durable=False) as temporary:
        save_file(tensors, temporary, {**texts, _SHA256: tensor_digest(texts.values(), tensors)})


def read_notes(path: Path, settings: str, model: "Model") -> tuple[UserNote, ...]:
    """Read the notes that ``write_notes`` wrote; their pitches are whole numbers, loops those of the program.

    Raises:
        UserError: the file is damaged, or belongs to other settings or another model.
    """
    with loading(path, "a sound's encoded notes", "they are made again"):
        file = read_tensors(path, max_bytes=_MAX_BYTES)
        texts = (file.metadata[_INDEX], file.metadata[_SETTINGS])
        if file.metadata[_SHA256] != tensor_digest(texts, file.tensors):
            raise ValueError("the checksum does not match the content")
        if file.metadata[_SETTINGS] != settings:
            raise ValueError("the settings of the sound have changed")
        bank = unpack_bank(bank_entries(file.metadata[_INDEX]), dict(file.tensors))
        for note in bank:
            if note.correction is not None and note.correction.bins != model.spec.bins:
                raise ValueError(f"a correction of {note.correction.bins} bins")
        notes = tuple(UserNote.of(note) for note in bank)
        if not notes or {each.latent_size for each in notes} != {model.card.latent_size}:
            raise ValueError(f"{len(notes)} notes that do not belong to the model")
        return notes


def _notes_path(folder: Path, model: "Model") -> Path:
    return folder / NOTES_FOLDER / f"{card_digest(model.card)}.safetensors"


def _with_sound(notes: tuple[UserNote, ...], sound: UserSound) -> UserNote:
    """Return the main note with the others, with what their file does not hold."""
    if len(notes) != len(sound.recordings):
        raise UserError(f"{sound.name}: {len(notes)} notes for {len(sound.recordings)} recordings")
    main, *others = (
        replace(
            note,
            name=sound.name,
            family=OWN_SOUND,
            pitch=each.pitch,
            pitched=sound.pitched,
            own_loop=loop_in_part(each) is not None,
        )
        for note, each in zip(notes, sound.recordings, strict=True)
    )
    return replace(main, others=tuple(others))
