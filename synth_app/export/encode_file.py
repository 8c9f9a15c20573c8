"""Encodes a sound file as a user note of a model."""

from pathlib import Path
from typing import TYPE_CHECKING

from synth_app.patch import UserNote
from synth_app.session.sounds.encode_sound import FALLBACK_PITCH, VELOCITY, NoteSettings, encode_audio
from synth_app.session.sounds.named_pitch import pitch_of
from synth_app.session.sounds.user_sound import MAX_SOURCE_SECONDS
from synth_app.support.loading import shown

if TYPE_CHECKING:
    from synth_app.decoder import Model


def encode_sound(path: Path, model: "Model | str", *, use_name: bool = True) -> UserNote:
    """Encode a recording as a user note, from its onset to its end.

    Silence before and after is left out. The pitch is found in the name and in the sound. The latent path is smoothed.

    Args:
        path: a sound file of ``MAX_SOURCE_SECONDS`` at most.
        model: the model that the note is for, or the path of its file.
        use_name: whether a key or velocity in the file's name counts.

    Raises:
        UserError: the file is not a sound file, too long or silent, or the model cannot be loaded.
    """
    from synth_app.dataset.audio_io import read_audio_file
    from synth_app.dataset.recordings.file_names import NamedNote, read_file_name
    from synth_app.decoder import load_model

    audio, rate = read_audio_file(path, max_seconds=MAX_SOURCE_SECONDS)
    named = read_file_name(path.stem) if use_name else NamedNote("")
    pitch = pitch_of(audio, rate, named)
    settings = NoteSettings(
        shown(path.stem), FALLBACK_PITCH if pitch is None else pitch, named.velocity or VELOCITY,
        pitched=pitch is not None,
    )  # fmt: skip
    return encode_audio(load_model(model) if isinstance(model, str) else model, audio, rate, settings)
