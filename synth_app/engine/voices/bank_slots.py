"""The notes in slots A and B: rows of the packed bank, user notes written behind it, and the level of their morph."""

import numpy as np
from numpy.typing import NDArray

from synth_app.engine.decoding.decoder_runtime import DecoderRuntime
from synth_app.engine.spectral.detail import SOFT, DetailTables, combined_levels
from synth_app.engine.spectral.frame_synthesis import unit_to_db
from synth_app.engine.spectral.loudness import k_weights, morph_level_db
from synth_app.engine.voices.detail_path import new_detail_paths, set_correction
from synth_app.engine.voices.packed_bank import PackedBank, pack_bank
from synth_app.modelfile import BankNote, ModelFile
from synth_app.patch.patch import Patch
from synth_app.patch.user_note import MAX_PATH_FRAMES, UserNote

MORPH_POINTS = 9  # steps of the morph at which its level is measured


def with_user_rows(bank: PackedBank, notes: int) -> PackedBank:
    """Return a copy of ``bank`` with ``notes`` silent rows of ``MAX_PATH_FRAMES`` frames at the end."""
    latent, frames = bank.z.shape[1], len(bank.z)
    more = notes * MAX_PATH_FRAMES
    starts = frames + MAX_PATH_FRAMES * np.arange(notes, dtype=np.int64)
    marks = {"length": 2, "attack_end": 0, "loop_start": 0, "loop_end": 1, "release_start": 1}
    rows = {name: np.full(notes, value, np.int64) for name, value in marks.items()}
    rows["start"] = starts
    zeros = {name: np.zeros(notes, np.float32) for name in ("slope_db", "center_db", "pitch")}
    return bank._replace(
        z=np.concatenate([bank.z, np.zeros((more, latent), np.float32)]),
        gain_db=np.concatenate([bank.gain_db, np.zeros(more, np.float32)]),
        center_z=np.concatenate([bank.center_z, np.zeros((notes, latent), np.float32)]),
        slope_z=np.concatenate([bank.slope_z, np.zeros((notes, latent), np.float32)]),
        **{name: np.concatenate([getattr(bank, name), row]) for name, row in {**rows, **zeros}.items()},
    )


def write_user_note(bank: PackedBank, row: int, note: UserNote, frames_per_second: float) -> None:
    """Write a note into a row made by ``with_user_rows``; its latent size must be the bank's."""
    packed = pack_bank((note.note(),), frames_per_second)
    first, count = int(bank.start[row]), len(packed.z)
    bank.z[first : first + count] = packed.z
    bank.gain_db[first : first + count] = packed.gain_db
    for name in ("length", "attack_end", "loop_start", "loop_end", "release_start", "slope_db", "center_db"):
        getattr(bank, name)[row] = getattr(packed, name)[0]
    bank.center_z[row], bank.slope_z[row] = packed.center_z[0], packed.slope_z[0]
    bank.pitch[row] = note.pitch


class BankSlots:
    """The notes in slots A and B of one instrument.

    Args:
        file: the model.
        decoder: of the instrument; it decodes up to ``MORPH_POINTS`` held latent vectors at once.
        bins: bins of a frame below the engine's Nyquist frequency.
        tables: the corrections of both slots, written here.

    Attributes:
        bank: the model's notes and two rows for user notes.
        a, b: rows of the bank in slot A and B.
        detail: weights of their corrections.
        pitched: float64 [2], 1 where they follow the keys, else 0.
        morph_db: float64 [MORPH_POINTS], gain at even steps of the morph that keeps its loudness even.
    """

    def __init__(self, file: ModelFile, decoder: DecoderRuntime, bins: int, tables: DetailTables) -> None:
        spec = file.card.frame_spec
        self._decoder, self._latent_size, self._floor_db = decoder, file.card.latent_size, spec.floor_db
        self._notes, self._bank_size, self._frame_rate = file.bank, len(file.bank), 1.0 / spec.hop_seconds
        self._bin_hz = spec.sample_rate / spec.n_fft
        self._weights = k_weights(spec.bins, self._bin_hz)[:bins]
        self.detail, self._tables, self._played = new_detail_paths(), tables, (-1, -1)
        self._user_notes: tuple[UserNote | None, UserNote | None] = (None, None)
        self.bank: PackedBank = with_user_rows(pack_bank(file.bank, self._frame_rate), 2)
        self.a = self.b = 0
        self.pitched = np.ones(2)
        self.morph_db = np.zeros(MORPH_POINTS)

    def set(self, patch: Patch) -> bool:
        """Play the notes of a patch. Return whether anything changed."""
        notes = patch.user_notes
        rows = self._row(patch.slot_a, notes[0], 0), self._row(patch.slot_b, notes[1], 1)
        if rows == self._played and notes == self._user_notes:
            return False
        for row, note, before in zip(rows, notes, self._user_notes, strict=True):
            if note is not None and note != before and row >= self._bank_size:
                write_user_note(self.bank, row, note, self._frame_rate)
        for slot, (row, note, before) in enumerate(zip(rows, notes, self._user_notes, strict=True)):
            if row != self._played[slot] or (note != before and row >= self._bank_size):
                self._set_correction(slot, row, note)
                self.pitched[slot] = note.pitched if note is not None and row >= self._bank_size else True
        self.a, self.b = self._played = rows
        self._user_notes = notes
        self._measure_morph()
        return True

    def _measure_morph(self) -> None:
        """Set ``morph_db`` from frames decoded at even steps between the centres of both notes."""
        a, b = self.bank.center_z[self.a], self.bank.center_z[self.b]
        weight = np.linspace(0.0, 1.0, MORPH_POINTS, dtype=np.float32)[:, None]
        low, high = self.bank.pitch[self.a], self.bank.pitch[self.b]
        bins = len(self._weights)
        frames_db = np.empty((MORPH_POINTS, bins), np.float32)
        decoded: NDArray[np.float32] = self._decoder.decode_held(
            a + weight * (b - a), np.round(low + weight[:, 0] * (high - low))
        )
        for unit, frame_db in zip(decoded, frames_db, strict=True):
            unit_to_db(unit[:bins], self._floor_db, frame_db)
        self._add_corrections(frames_db, weight[:, 0], np.round(low + weight[:, 0] * (high - low)))
        self.morph_db[:] = morph_level_db(frames_db, self._weights)

    def _set_correction(self, slot: int, row: int, note: UserNote | None) -> None:
        user = note is not None and row >= self._bank_size
        played: BankNote = note.note() if note is not None and user else self._notes[row]
        set_correction(self.detail, self._tables, slot, played, float(self.bank.pitch[row]))

    def _add_corrections(
        self, frames_db: NDArray[np.float32], morph: NDArray[np.float32], pitch: NDArray[np.float32]
    ) -> None:
        """Add the corrections at the centres to frames [n, bins] decoded along the morph."""
        bins = self._tables.shapes_db.shape[2]
        scratch, levels = np.zeros((2, bins), np.float32)
        for frame_db, m, key in zip(frames_db, morph, pitch, strict=True):
            weights = self.detail.center * np.array([[1.0 - m], [m]], np.float32)
            weights[:, SOFT] = 0.0
            spacing = 440.0 * 2.0 ** ((float(key) - 69.0) / 12.0) / self._bin_hz
            combined_levels(self._tables, weights, float(key), spacing, scratch, levels)
            frame_db += levels[: len(frame_db)]

    def _row(self, index: int, note: UserNote | None, slot: int) -> int:
        """The row of the bank that a slot plays; a user note of another latent space is left out."""
        if note is not None and note.latent_size == self._latent_size:
            return self._bank_size + slot
        return min(max(index, 0), self._bank_size - 1)
