"""The shape of what is looked for."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from synth_app.evaluation.similarity.analysis import shape_of_audio
from synth_app.evaluation.similarity.features import SoundShape
from synth_app.session.find.candidates import Candidate, note_shape, patch_shape, recording_shape
from synth_app.session.find.likes import Like, LikeFile, LikeNote, LikePatch, LikeSound
from synth_app.session.sounds.encode_sound import FALLBACK_PITCH
from synth_app.spectrum.note_pitch import find_pitch
from synth_app.support.errors import UserError

if TYPE_CHECKING:
    from synth_app.decoder import Model
    from synth_app.modelfile import BankNote
    from synth_app.session.sounds.sound_library import SoundLibrary

MOST_SECONDS = 120.0  # of a recording
_ONSET, _HEARD_S = 0.05, 4.0  # of the highest level; what comes later has no influence on pitch and features


def shape_of(like: Like, model: "Model", sounds: "SoundLibrary") -> SoundShape:
    """Return the shape of what is looked for.

    Raises:
        UserError: a file or a sound cannot be read or is almost silent, or the model has no such note.
    """
    match like:
        case LikeFile(path):
            return _file_shape(path)
        case LikeSound(key):
            return recording_shape(sounds.entry(key), 0)
        case LikeNote(index):
            return note_shape(model, _note(model, index))
        case LikePatch(patch):
            return patch_shape(model, patch)


def is_itself(candidate: Candidate, like: Like, model: "Model") -> bool:
    """Return whether a candidate is what is looked for, which is no find."""
    match like:
        case LikeSound(key):
            return (candidate.kind, candidate.key) == ("sound", key)
        case LikeNote(index):
            return (candidate.kind, candidate.name) == ("note", _note(model, index).instrument)
        case LikePatch(preset=key):
            return (candidate.kind, candidate.key) == ("preset", key)
        case LikeFile():
            return False


def _note(model: "Model", index: int) -> "BankNote":
    if not 0 <= index < len(model.bank):
        raise UserError(f"no bank note {index}; this model has {len(model.bank)}, counted from 0")
    return model.bank[index]


def recorded_shape(samples: NDArray[np.float32], rate: int, pitch: float | None = None) -> SoundShape:
    """Return the shape of a recording from its first audible moment on.

    Args:
        samples: float32 [n], mono. rate: Hz.
        pitch: MIDI; None finds it, and takes ``FALLBACK_PITCH`` if there is none.

    Raises:
        UserError: almost all of it is silent.
    """
    level = np.abs(samples)
    onset = int(np.argmax(level > _ONSET * level.max())) if len(level) else 0
    heard = samples[: onset + round(_HEARD_S * rate)]
    if pitch is None:
        pitch = find_pitch(heard, rate)
    return shape_of_audio(heard, rate, FALLBACK_PITCH if pitch is None else pitch)


def _file_shape(path: Path) -> SoundShape:
    from synth_app.dataset.audio_io import read_audio_file

    return recorded_shape(*read_audio_file(path, max_seconds=MOST_SECONDS))
