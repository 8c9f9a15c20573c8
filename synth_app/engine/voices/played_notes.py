"""The notes in slots A and B, packed for the voices: made beside the rendering thread, and never changed."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from synth_app.engine.spectral.detail import DetailTables
from synth_app.engine.voices.detail_path import DetailPaths, pack_corrections
from synth_app.engine.voices.mixing_levels import MixingLevels
from synth_app.engine.voices.nearest_recordings import KEYS, VELOCITIES, Blending, Choices, Place, fill_choices
from synth_app.engine.voices.packed_bank import PackedBank, pack_bank
from synth_app.engine.voices.style_path import StylePaths, pack_style
from synth_app.modelfile import BankNote, ModelFile
from synth_app.patch.patch import Patch, SetPatch
from synth_app.patch.style_texture import StyleChange, StyleChanges
from synth_app.patch.user_note import UserNote

_Key = tuple[tuple[int | UserNote, ...], StyleChanges]
_KEPT = 4  # the last ones stay, so that their memory is not freed in the rendering thread


@dataclass(frozen=True, eq=False)
class PlayedNotes:
    """All recordings in both slots, and which of them every key plays.

    Attributes:
        file: the model that they belong to.
        bank: the recordings of slot A, then those of slot B; the same sound in both slots is there once.
        detail: weights of their corrections. corrections: their level differences.
        pitched: float64 [recordings], 1 where they follow the keys, else 0.
        choices: recordings for every key and velocity.
        curves_db: float64 [curves, MORPH_POINTS], gains at even steps of a morph; the first is 0.
        curve: int64 [recordings, recordings], the curve of the morph from one to another.
        style: what the style adds to them.
    """

    file: ModelFile
    bank: PackedBank
    detail: DetailPaths
    corrections: DetailTables
    pitched: NDArray[np.float64]
    choices: Choices
    curves_db: NDArray[np.float64]
    curve: NDArray[np.int64]
    style: StylePaths


@dataclass(frozen=True, eq=False)
class PreparedPatch(SetPatch):
    """A patch whose notes are packed already, so that the rendering thread has no work with them."""

    notes: PlayedNotes


class _Slot(NamedTuple):
    """What a slot plays: a bank note, or a user note with its other recordings."""

    notes: tuple[BankNote, ...]
    pitches: tuple[float, ...]
    pitched: bool


class NotePacker:
    """Packs the notes of patches for one model. An instance belongs to one thread at a time.

    Args:
        file: the model.
        bins: bins of a frame below the engine's Nyquist frequency. detail_bins: bins of a correction.
    """

    def __init__(self, file: ModelFile, bins: int, detail_bins: int) -> None:
        self._file, self._detail_bins = file, detail_bins
        self._levels = MixingLevels(file, bins)
        self._kept: tuple[tuple[_Key, PlayedNotes], ...] = ()  # what is in the slots, and its notes; newest first

    def pack(self, patch: Patch) -> PlayedNotes:
        """Return the notes of a patch: the same object as before if it is one of the last ones with these notes."""
        wanted = tuple(self._wanted(*each) for each in zip((patch.slot_a, patch.slot_b), patch.user_notes, strict=True))
        key = wanted, patch.style_changes
        found = next((notes for each, notes in self._kept if each == key), None)
        if found is not None:
            return found
        alike = next((notes for (slots, _), notes in self._kept if slots == wanted), None)
        same = wanted[0] == wanted[1]
        notes = alike or self._packed([self._slot(each) for each in wanted], same=same)
        notes = replace(notes, style=pack_style(notes.bank, self._changes(wanted, patch.style_changes)))
        self._kept = ((key, notes), *self._kept[: _KEPT - 1])
        return notes

    def parts(self) -> list[object]:
        """Return the model's notes, and before them the array that holds their paths, if they share one."""
        bank = self._file.bank
        return [bank[0].z.base, *bank]

    def _wanted(self, index: int, note: UserNote | None) -> int | UserNote:
        """Return what a slot plays; a user note of another latent space is left out."""
        if note is not None and note.latent_size == self._file.card.latent_size:
            return note
        return min(max(index, 0), len(self._file.bank) - 1)

    def _changes(self, wanted: tuple[int | UserNote, ...], changes: StyleChanges) -> tuple[StyleChange | None, ...]:
        """Return the changes of all packed recordings, in the bank's order."""
        found: list[StyleChange | None] = []
        for what, change in list(zip(wanted, changes, strict=True))[: 1 if wanted[0] == wanted[1] else 2]:
            count = 1 if isinstance(what, int) else len(what.recordings)
            each = [None] if change is None else [change, *change.others]
            found += [*each, *[None] * count][:count]
        return tuple(found)

    def _slot(self, wanted: int | UserNote) -> _Slot:
        if isinstance(wanted, int):
            note = self._file.bank[wanted]
            return _Slot((note,), (float(note.pitch),), True)
        recordings = wanted.recordings
        return _Slot(tuple(each.note() for each in recordings), tuple(r.pitch for r in recordings), wanted.pitched)

    def _packed(self, slots: list[_Slot], *, same: bool) -> PlayedNotes:
        in_bank = slots[:1] if same else slots
        notes = tuple(note for slot in in_bank for note in slot.notes)
        bank = pack_bank(notes, 1.0 / self._file.card.frame_spec.hop_seconds)
        bank.pitch[:] = [pitch for slot in in_bank for pitch in slot.pitches]
        detail, corrections = pack_corrections(notes, bank, self._detail_bins)
        choices = self._choices(slots, same=same)
        curves_db, curve = self._levels.measure(bank, detail, corrections, choices)
        pitched = np.array([float(slot.pitched) for slot in in_bank for _ in slot.notes])
        style = pack_style(bank, ())
        return PlayedNotes(self._file, bank, detail, corrections, pitched, choices, curves_db, curve, style)

    def _choices(self, slots: list[_Slot], *, same: bool) -> Choices:
        shape = (2, KEYS, VELOCITIES)
        choices = Choices(np.zeros(shape, np.int64), np.zeros(shape, np.int64), np.zeros(shape, np.float32))
        first = 0
        for i, slot in enumerate(slots):
            rows = first + np.arange(len(slot.notes))
            places = [Place(round(pitch), n.velocity) for pitch, n in zip(slot.pitches, slot.notes, strict=True)]
            blending = Blending(slot.pitched and self._file.card.key_range is not None, slot.pitched)
            fill_choices(choices, i, rows, places, blending)
            first = 0 if same else len(slot.notes)
        return choices
