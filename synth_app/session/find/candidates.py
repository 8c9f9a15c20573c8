"""What can be found: bank notes, own sounds and presets, with the shapes of their sounds."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from synth_app.evaluation.similarity.analysis import shape_of_audio
from synth_app.evaluation.similarity.features import CONTOUR_STEPS, PARTS, SoundShape, contour_of, part_slices
from synth_app.modelfile import BankNote
from synth_app.patch import Patch, UserNote
from synth_app.patch.quality import DEFAULT_QUALITY
from synth_app.session.find.similar import Kind
from synth_app.session.presets.library import PresetLibrary
from synth_app.session.presets.preset_transfer import transfer_preset
from synth_app.session.sounds.encoded_notes import settings_digest
from synth_app.session.sounds.sound_audio import read_recording
from synth_app.session.sounds.sound_library import SoundEntry, SoundLibrary
from synth_app.session.state.preset import Preset, preset_json

if TYPE_CHECKING:
    from synth_app.decoder import Model

_EACH = 3  # frames of a part that are decoded


@dataclass(frozen=True)
class Candidate:
    """Something that can be found.

    Attributes:
        kind: what it is.
        key: of the note, sound or preset; a note's is its name in the bank.
        name: shown to the user; candidates of one kind with the same name are one thing at several keys.
        group: family of a note, category of a preset, "" for a sound.
        pitch: MIDI, of this recording.
        digest: changes whenever the sound does.
        shape: computes the sound's shape.
    """

    kind: Kind
    key: str
    name: str
    group: str
    pitch: float
    digest: str
    shape: Callable[[], SoundShape] = field(compare=False)


def candidates(model: "Model", path: str, sounds: SoundLibrary, presets: PresetLibrary) -> Iterator[Candidate]:
    """Yield everything that can be found with a model.

    Args:
        model: loaded from ``path``. path: of its file.
        sounds, presets: the user's libraries.
    """
    for i, note in enumerate(model.bank):
        digest = f"note {i} {note.name}"
        shape = partial(note_shape, model, note)
        yield Candidate("note", note.name, note.instrument, note.family, float(note.pitch), digest, shape)
    for sound in sounds.entries():
        yield from _recordings(sound)
    for preset in presets.entries():
        digest = hashlib.sha256(preset_json(preset.preset).encode()).hexdigest()
        made, pitch = preset.preset, float(preset.preset.note)
        yield Candidate(
            "preset", preset.key, made.name, made.category, pitch, digest, partial(_preset_shape, model, path, made)
        )


def _recordings(entry: SoundEntry) -> Iterator[Candidate]:
    settings = settings_digest(entry.sound)
    for i, recording in enumerate(entry.sound.recordings):
        shape = partial(recording_shape, entry, i)
        yield Candidate("sound", entry.key, entry.sound.name, "", recording.pitch, f"{settings} {i}", shape)


def recording_shape(entry: SoundEntry, index: int) -> SoundShape:
    """Return the shape of a recording of an own sound. Raises UserError if it is damaged or silent."""
    recording = entry.sound.recordings[index]
    samples, rate = read_recording(entry.folder, recording)
    return shape_of_audio(samples, rate, recording.pitch)


def note_shape(model: "Model", note: BankNote) -> SoundShape:
    """Return the shape of a bank note as the engine plays it at its own key."""
    return played_shape(model, ((note, float(note.pitch), 1.0),), None)


def patch_shape(model: "Model", patch: Patch) -> SoundShape:
    """Return the shape of the notes in a patch's slots with its latent offset; without effects and modulation."""
    offset = np.array(patch.offset, np.float32) if patch.offset else None
    return played_shape(model, tuple(_slots(patch, model)), offset)


def _preset_shape(model: "Model", path: str, preset: Preset) -> SoundShape:
    return patch_shape(model, transfer_preset(preset, model, path, DEFAULT_QUALITY).patch)


Part = tuple[BankNote, float, float]  # a note, its pitch and its share


def _slots(patch: Patch, model: "Model") -> Iterator[Part]:
    morph = patch.value("morph")
    for index, own, share in zip((patch.slot_a, patch.slot_b), patch.user_notes, (1.0 - morph, morph), strict=True):
        if share > 0.0:
            note = own.note() if isinstance(own, UserNote) else model.bank[index]
            yield note, own.pitch if own else float(note.pitch), share


def played_shape(model: "Model", parts: tuple[Part, ...], offset: NDArray[np.float32] | None) -> SoundShape:
    """Return the shape of notes that are mixed, from a few decoded frames of each part of the sound.

    Args:
        model: that decodes them.
        parts: notes, pitches and shares, which sum to 1.
        offset: float32 [latent], added to the latent vectors; None for none.
    """
    pitch, hop_s = sum(at * share for _, at, share in parts), model.spec.hop_seconds
    size = PARTS * _EACH
    z, gain_db = np.zeros((size, model.card.latent_size)), np.zeros((size, 1))
    missed_db, contour_db = np.zeros((size, model.spec.bins)), np.zeros(CONTOUR_STEPS)
    for note, _, share in parts:
        read = [np.linspace(part.start, part.stop - 1, _EACH) for part in part_slices(len(note.z), hop_s)]
        where = np.concatenate(read).round().astype(np.int64)
        z += share * note.z[where]
        gain_db += share * note.gain_db[where, None]
        contour_db += share * contour_of(note.gain_db, hop_s)
        if note.correction is not None and note.correction.bins == model.spec.bins:
            missed_db += share * note.correction.levels_db(where, len(note.z))
    latent = np.asarray(z if offset is None else z + offset, np.float32)
    frames = model.decode_held(latent, 0.0, pitch).astype(np.float64)
    frames += missed_db + gain_db - frames.max(axis=1, keepdims=True)
    power = (10.0 ** (frames / 10.0)).reshape(PARTS, _EACH, -1).mean(axis=1)
    bin_hz = model.spec.sample_rate / model.spec.n_fft
    return SoundShape(10.0 * np.log10(power + 1e-14), contour_db, bin_hz, pitch)
