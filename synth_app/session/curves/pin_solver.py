"""Solves what holds pinned handles while modulation or automation moves the morph."""

import numpy as np
from numpy.typing import NDArray

from synth_app.decoder import Model
from synth_app.handles import HandleScale, PathReader, PathScale, SoundReader, move_handles
from synth_app.params import SPECTRAL_HANDLES, param
from synth_app.params.handles import PATH_HANDLES
from synth_app.patch import Patch
from synth_app.patch.handle_curves import PIN_LEVELS, PIN_NODES
from synth_app.patch.patch import MORPH
from synth_app.session.curves.handle_sound import patch_sound, slot_notes

Floats = NDArray[np.float64]
_FIRST_OF_PATH = len(SPECTRAL_HANDLES)


class PinSolver:
    """Finds what keeps pinned handles where they are at the morph of a patch, at all other morphs.

    Args:
        reader: of the model. The instance belongs to its thread.
    """

    def __init__(self, reader: SoundReader) -> None:
        self._reader, self._path = reader, PathReader(reader)

    def pins(
        self, patch: Patch, model: Model, scales: tuple[HandleScale, PathScale], pinned: frozenset[int]
    ) -> NDArray[np.float32]:
        """Return what is added at even steps of the morph, float32 [PIN_NODES, latent + PIN_LEVELS].

        Args:
            patch: of the model. model: of which only the file is read.
            scales: of the model.
            pinned: positions in ``HANDLES``.
        """
        nodes = np.zeros((PIN_NODES, model.card.latent_size + PIN_LEVELS))
        spectral = sorted(handle for handle in pinned if handle < _FIRST_OF_PATH)
        if spectral:
            nodes[:, : 1 - PIN_LEVELS] = self._spectral(patch, model, scales[0], spectral)
        for handle in sorted(pinned - set(spectral)):
            which = handle - _FIRST_OF_PATH
            nodes[:, which - len(PATH_HANDLES)] = self._along_path(patch, model, scales[1], which)
        return nodes.astype(np.float32)

    def _spectral(self, patch: Patch, model: Model, scale: HandleScale, handles: list[int]) -> Floats:
        """Return what holds handles of the spectrum, float64 [PIN_NODES, latent + 1]."""
        sound = patch_sound(patch, model)
        wanted = scale.positions(self._reader.values(sound.z[None], sound)[0], sound.pitch)
        found = np.zeros((PIN_NODES, len(sound.z) + 1))
        for node, morph in enumerate(np.linspace(0.0, 1.0, PIN_NODES)):
            there = patch_sound(patch.with_param(MORPH, float(morph)), model)
            slopes = self._reader.slopes(there.z, there)
            at = scale.positions(slopes[0], there.pitch)
            amounts = {handle: float(wanted[handle] - at[handle]) for handle in handles}
            move = move_handles(self._reader, scale, there, amounts, slopes=slopes)
            found[node] = [*move.offset, move.gain_db]
        return found

    def _along_path(self, patch: Patch, model: Model, scale: PathScale, which: int) -> Floats:
        """Return what holds bite (0) or movement (1), in dB re the patch's own value, float64 [PIN_NODES]."""
        name = PATH_HANDLES[which].target
        present, limits = patch.value(name), param(name)
        bite_db, movement_db = (patch.value(handle.target) for handle in PATH_HANDLES)
        wanted = np.zeros(len(PATH_HANDLES))
        for slot in slot_notes(patch, model):
            if slot.weight:
                values = self._path.values(slot.note, slot.pitch, bite_db, movement_db)
                wanted += slot.weight * scale.positions(values, slot.pitch)
        find = (self._path.find_bite_db, self._path.find_movement_db)[which]
        found = np.zeros(PIN_NODES)
        for node, morph in enumerate(np.linspace(0.0, 1.0, PIN_NODES)):
            there = slot_notes(patch.with_param(MORPH, float(morph)), model)
            slots = [(slot.note, slot.pitch, slot.weight) for slot in there if slot.weight]
            value = sum(weight * scale.values(wanted, pitch)[which] for _, pitch, weight in slots)
            found[node] = limits.clamp(find(slots, float(value))) - present
        return found
