"""Centres of notes in the latent space: the latent vectors at which the sliders rest."""

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


def bank_centers(model: Model) -> Floats:
    """Return the latent vector at the centre of every bank note, float64 [notes, latent]."""
    centers = np.stack([note_center(note)[0] for note in model.bank])
    return centers.astype(np.float64)


def patch_center(patch: Patch, model: Model) -> Floats:
    """Return the centre between the notes in the slots at the patch's morph, float64 [latent]."""
    a, b = (
        note_center(model.bank[i])[0].astype(np.float64) if user_note is None else user_note_center(user_note)
        for i, user_note in zip((patch.slot_a, patch.slot_b), patch.user_notes, strict=True)
    )
    morph = patch.value("morph")
    center: Floats = (1 - morph) * a + morph * b
    return center
