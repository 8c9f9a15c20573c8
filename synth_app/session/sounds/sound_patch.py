"""The patch that plays a sound of the user."""

from dataclasses import replace

from synth_app.modelfile import ModelCard
from synth_app.patch import Patch, UserNote
from synth_app.patch.initial_patch import initial_patch
from synth_app.session.sounds.nearest_recordings import nearest_recordings


def sound_patch(note: UserNote, path: str, card: ModelCard, quality: str) -> Patch:
    """Return the initial patch of a model with a sound in both slots.

    Args:
        note: the sound, encoded for the model.
        path: of the model file. card: of the model.
        quality: of the patch.
    """
    return replace(initial_patch(path, card), user_notes=(note, note), quality=quality)


def for_key(patch: Patch, card: ModelCard, key: int, velocity: int) -> Patch:
    """Return the patch that plays a key best where a sound of several recordings is in both slots.

    The slots get the nearest two recordings, and the morph the position between them.

    Args:
        patch: of ``sound_patch``. card: of its model.
        key: MIDI. velocity: 1 to 127.
    """
    a, b = patch.user_notes
    if a is None or a != b or not a.others:
        return patch
    pair = nearest_recordings(a, key, velocity, blend_pitches=card.key_range is not None)
    return replace(patch, user_notes=(pair.a, pair.b)).with_param("morph", pair.morph)
