"""The two slots: which notes play, and edits of them."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from synth_app.modelfile import BankNote
from synth_app.patch import Patch, UserNote
from synth_app.session.state.centers import user_note_center
from synth_app.session.state.pad_state import PadState
from synth_app.session.state.state import SLOTS, Slot
from synth_app.session.store.core import StoreCore
from synth_app.support.errors import UserError


class Slots:
    """Reads and edits the notes in slots A and B. A slot plays a bank note, or a user note that covers it."""

    def __init__(self, core: StoreCore) -> None:
        self._core = core

    def center(self, slot: Slot) -> NDArray[np.float64]:
        """Return the latent vector at the centre of a slot's note, float64 [latent]. It needs a model."""
        user_note = self._user_note(slot)
        return self._core.note_centers[self._index(slot)] if user_note is None else user_note_center(user_note)

    def note(self, slot: Slot) -> BankNote | None:
        """Return the note that a slot plays; None without a model or with an empty bank."""
        user_note, bank = self._user_note(slot), self._core.bank
        if user_note is not None and bank:
            return user_note.note()
        return bank[self._index(slot)] if bank else None

    def bank_index(self, slot: Slot) -> int | None:
        """Return the index of the bank note that a slot plays; None for a mix or a note from a file.

        A user note with the latent path of a bank note, which the map makes, counts as that bank note.
        """
        user_note, bank = self._user_note(slot), self._core.bank
        if user_note is None:
            return self._index(slot) if bank else None
        alike = (i for i, note in enumerate(bank) if (note.instrument, note.pitch) == (user_note.name, user_note.pitch))
        return next((i for i in alike if np.array_equal(bank[i].z, user_note.codes())), None)

    def bank_names(self, patch: Patch | None = None) -> list[str]:
        """Return the names of the bank notes in both slots, "" before a model is loaded.

        Args:
            patch: of the loaded model; None for the present one.
        """
        bank, shown = self._core.bank, patch or self._core.patch
        return [bank[index].name if bank else "" for index in (shown.slot_a, shown.slot_b)]

    def choose(self, slot: Slot, index: int) -> None:
        """Put a bank note into a slot. The offset goes to zero, so that the sliders show the note.

        Raises:
            UserError: the bank has no such note.
        """
        self._core.apply_patch(self._with_bank_note(self._core.patch, slot, index))

    def show(self, slot: Slot, index: int) -> None:
        """Put a bank note into a slot and morph all the way to it, as one change. Errors as ``choose``."""
        self._core.apply_patch(self.showing(self._core.patch, slot, index))

    def showing(self, patch: Patch, slot: Slot, note: int | UserNote) -> Patch:
        """Return a patch with a note in a slot, morphed all the way to it. The offset goes to zero.

        Args:
            patch: of the present model.
            slot: where the note plays.
            note: index of a bank note, or a user note for the present model.

        Raises:
            UserError: the bank has no such note, or the user note belongs to a model of another latent size.
        """
        if isinstance(note, int):
            return _morphed_to(slot, self._with_bank_note(patch, slot, note))
        with_note = _morphed_to(slot, self._with_fitting_note(patch, slot, note))
        return replace(with_note, offset=(0.0,) * len(self._core.ranges), offset_db=0.0)

    def play_user_note(self, slot: Slot, note: UserNote, pad: PadState | None = None) -> None:
        """Put a user note into a slot and morph all the way to it, as one change. Offsets go to zero.

        Args:
            slot: where it plays instead of the slot's bank note.
            note: for the present model.
            pad: the pad's new state; None leaves the pad unchanged.

        Raises:
            UserError: the note belongs to a model of another latent size.
        """
        patch, state = self.showing(self._core.patch, slot, note), self._core.state
        self._core.apply(replace(state, patch=patch, pad=pad or state.pad))

    def preview(self, slot: Slot, note: UserNote) -> Patch:
        """Return the patch that ``play_user_note`` would set; nothing changes. Errors as there."""
        return self._core.previewed(self.showing(self._core.patch, slot, note))

    def edit_user_note(self, slot: Slot, note: UserNote) -> None:
        """Replace the note that a slot plays, without changing morph and offsets. Errors as ``play_user_note``."""
        self._core.apply_patch(self.with_fitting_note(slot, note))

    def swap(self) -> None:
        """Exchange A and B and mirror the morph, so that the patch sounds the same."""
        patch = self._core.patch
        swapped = replace(patch, slot_a=patch.slot_b, slot_b=patch.slot_a, user_notes=patch.user_notes[::-1])
        self._core.apply_patch(swapped.with_param("morph", 1.0 - patch.value("morph")), roaming=False)

    # ---- internal

    def _index(self, slot: Slot) -> int:
        patch = self._core.patch
        return patch.slot_a if slot == "a" else patch.slot_b

    def _user_note(self, slot: Slot) -> UserNote | None:
        return self._core.patch.user_notes[SLOTS.index(slot)]

    def _with_bank_note(self, before: Patch, slot: Slot, index: int) -> Patch:
        bank = self._core.bank
        if not 0 <= index < len(bank):
            raise UserError(f"no bank note {index}; this model has {len(bank)}, counted from 0")
        patch = replace(_with_user_note(before, slot, None), offset=(0.0,) * len(before.offset), offset_db=0.0)
        return replace(patch, slot_a=index) if slot == "a" else replace(patch, slot_b=index)

    def with_fitting_note(self, slot: Slot, note: UserNote) -> Patch:
        """Return the patch with a user note in a slot. Raises as ``play_user_note``."""
        return self._with_fitting_note(self._core.patch, slot, note)

    def _with_fitting_note(self, patch: Patch, slot: Slot, note: UserNote) -> Patch:
        size = len(self._core.ranges)
        if note.latent_size != size:
            raise UserError(f"{note.name} has {note.latent_size} dimensions; this model has {size}")
        return _with_user_note(patch, slot, note)


def _with_user_note(patch: Patch, slot: Slot, note: UserNote | None) -> Patch:
    a, b = patch.user_notes
    return replace(patch, user_notes=(note, b) if slot == "a" else (a, note))


def _morphed_to(slot: Slot, patch: Patch) -> Patch:
    return patch.with_param("morph", 0.0 if slot == "a" else 1.0)
