"""Centres of notes in the latent space: the latent vectors that the sliders show at zero offset."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from synth_app.decoder import Model
from synth_app.modelfile import note_center
from synth_app.patch import Patch, UserNote

Floats = NDArray[np.float64]


@lru_cache(maxsize=16)
def user_note_center(note: UserNote) -> Floats:
    """Return the latent vector at the centre of a user note, float64 [latent], read-only."""
    center: Floats = note_center(note.note())[0].astype(np.float64)
    center.flags.writeable = False
    return center


def patch_center(patch: Patch, model: Model, morph: float | None = None) -> Floats:
    """Return the centre between the notes in the slots, float64 [latent].

    Args:
        patch: of ``model``.
        model: the model.
        morph: from slot A (0) to slot B (1); None for the patch's own.
    """
    a, b = (
        note_center(model.bank[i])[0].astype(np.float64) if user_note is None else user_note_center(user_note)
        for i, user_note in zip((patch.slot_a, patch.slot_b), patch.user_notes, strict=True)
    )
    fraction = patch.value("morph") if morph is None else morph
    center: Floats = (1 - fraction) * a + fraction * b
    return center
