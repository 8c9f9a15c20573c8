"""The patch that plays a sound of the user."""

from dataclasses import replace

from synth_app.modelfile import ModelCard
from synth_app.patch import Patch, UserNote
from synth_app.patch.initial_patch import initial_patch


def sound_patch(note: UserNote, path: str, card: ModelCard, quality: str) -> Patch:
    """Return the initial patch of a model with a sound in both slots. Each key plays the nearest of its recordings.

    Args:
        note: the sound, encoded for the model.
        path: of the model file. card: of the model.
        quality: of the patch.
    """
    return replace(initial_patch(path, card), user_notes=(note, note), quality=quality)
