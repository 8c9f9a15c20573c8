"""What the style of a patch adds to the notes in its slots, solved for the engine."""

from dataclasses import replace

import numpy as np

from synth_app.decoder import Model
from synth_app.patch import Patch, StyleChange, StyleTexture, UserNote
from synth_app.patch.style_texture import AMOUNTS
from synth_app.style.live import styled_path
from synth_app.style.note_levels import LevelModel
from synth_app.style.path import notes_at
from synth_app.style.source import Style
from synth_app.style.target import is_long_enough
from synth_app.style.texture_data import style_of_texture


def style_change(model: Model, content: UserNote, texture: StyleTexture) -> StyleChange:
    """Return what a texture adds to a note and its other recordings, for any amount.

    At even amounts the engine then plays the same path and gains as ``live_style`` returns. Another recording that is
    too short stays as it is.

    Raises:
        UserError: the note is too short or of another model, or the model recurrent.
    """
    style = style_of_texture(model, texture)
    first, *others = content.recordings
    return replace(_change(model, first, style), others=tuple(_change_or_none(model, each, style) for each in others))


def _change(model: Model, content: UserNote, style: Style) -> StyleChange:
    path, levels = styled_path(model, content, style), LevelModel(model, content)
    notes = notes_at(model, levels, path, [float(amount) for amount in np.linspace(0.0, 1.0, AMOUNTS)])
    gains = [note.gains() - content.gains() for note in notes]
    z = np.ascontiguousarray(path.z_change, np.float32)
    return StyleChange(content.latent_size, z.tobytes(), np.ascontiguousarray(gains, np.float32).tobytes())


def _change_or_none(model: Model, content: UserNote, style: Style) -> StyleChange | None:
    return _change(model, content, style) if is_long_enough(model, content) else None


def slot_notes(patch: Patch, model: Model) -> tuple[UserNote, UserNote]:
    """Return the notes that slots A and B of a patch play in a model."""
    size, last = model.card.latent_size, len(model.bank) - 1

    def note(index: int, own: UserNote | None) -> UserNote:
        if own is not None and own.latent_size == size:
            return own
        return UserNote.of(model.bank[min(max(index, 0), last)])

    return note(patch.slot_a, patch.user_notes[0]), note(patch.slot_b, patch.user_notes[1])


def with_style_changes(patch: Patch, model: Model) -> Patch:
    """Return a patch with the changes of its style, solved where they are missing.

    Raises:
        UserError: as ``style_change``.
    """
    if patch.style_texture is None or None not in patch.style_changes:
        return patch
    first, second = slot_notes(patch, model)
    a = patch.style_changes[0] or style_change(model, first, patch.style_texture)
    b = patch.style_changes[1] or (a if first == second else style_change(model, second, patch.style_texture))
    return replace(patch, style_changes=(a, b))
