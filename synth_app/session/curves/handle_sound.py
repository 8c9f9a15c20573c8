"""The sound of a patch as the handles read it: latent vector, pitch, correction, and the notes in the slots."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth_app.decoder import Model
from synth_app.handles import HandleSound
from synth_app.modelfile import BankNote, center_levels_db
from synth_app.patch import Patch
from synth_app.session.state.centers import patch_center

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class WeightedNote:
    """A note in a slot: the note, the pitch of its recording (MIDI), and its weight at the patch's morph."""

    note: BankNote
    pitch: float
    weight: float


def slot_notes(patch: Patch, model: Model) -> tuple[WeightedNote, WeightedNote]:
    """Return what plays in slot A and B."""
    morph = patch.value("morph")
    a, b = (
        WeightedNote(model.bank[i], float(model.bank[i].pitch), weight)
        if own is None
        else WeightedNote(own.note(), own.pitch, weight)
        for i, own, weight in zip(
            (patch.slot_a, patch.slot_b), patch.user_notes, (1.0 - morph, morph), strict=True
        )
    )  # fmt: skip
    return a, b


def patch_sound(patch: Patch, model: Model, offset: Floats | None = None) -> HandleSound:
    """Return the held sound of a patch.

    Args:
        patch: of ``model``.
        model: the model.
        offset: float64 [latent] in the place of the patch's own.
    """
    detail = patch.value("detail")
    pitch = 0.0
    levels: NDArray[np.floating] = np.zeros(0)
    for slot in slot_notes(patch, model):
        pitch += slot.weight * slot.pitch
        own_levels = center_levels_db(slot.note) if slot.weight * detail else None
        if own_levels is not None:
            levels = slot.weight * detail * own_levels + (levels if len(levels) else 0.0)
    added = np.asarray(patch.offset, np.float64) if offset is None else offset
    z = patch_center(patch, model)
    if len(added) == len(z):
        z = z + added
    return HandleSound(z, pitch, levels.astype(np.float32) if len(levels) else None)


def same_sound(x: HandleSound, y: HandleSound) -> bool:
    """Return whether two sounds are equal."""
    if x.pitch != y.pitch or not np.array_equal(x.z, y.z):
        return False
    if x.levels_db is None or y.levels_db is None:
        return x.levels_db is y.levels_db
    return np.array_equal(x.levels_db, y.levels_db)
