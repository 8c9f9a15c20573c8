"""The pad's map and morph modes: the cursor's position becomes a user note in slot A."""

from collections.abc import Collection
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from synth_app.modelfile import BankNote
from synth_app.patch import UserNote
from synth_app.session.pad.note_mixing import NoteMixer, Part, bank_part, corner_weights
from synth_app.session.pad.timbre_map import neighbour_weights
from synth_app.session.state.changes import ModelChanged
from synth_app.session.state.pad_state import Corner, PadState
from synth_app.session.state.state import SLOTS
from synth_app.session.store.store import SessionStore
from synth_app.support.errors import UserError


class PadController:
    """Moves the store's patch on the map and between the corners. It belongs to the store's thread."""

    def __init__(self, store: SessionStore) -> None:
        self._store = store
        self._mixer: NoteMixer | None = None
        self._slope: tuple[bytes, NDArray[np.float64]] | None = None  # of the map: positions, [latent, 2]
        self._unsubscribe = store.subscribe(ModelChanged, lambda _: self._forget())

    def close(self) -> None:
        """End the subscription to the store."""
        self._unsubscribe()

    @property
    def store(self) -> SessionStore:
        """The store that it edits."""
        return self._store

    @property
    def state(self) -> PadState:
        """The present state of the pad."""
        return self._store.state.pad

    # ---- the map

    def positions(self) -> NDArray[np.float64]:
        """Return ``PadGrids.positions`` in the chosen layout; an empty array without a model."""
        grids = self._store.pad_grids
        return grids.positions(self.state) if grids else np.zeros((0, 2))

    def map_position(self) -> tuple[float, float] | None:
        """Return the position of the present sound on the map, in 0-1; None without a model or a position.

        A bank note is at its own position, a user note at the map's cursor, and a morph on the line between the slots.
        The offsets of the latent sliders move it as far as the map follows the latent space in a straight line.
        """
        positions, patch, at = self.positions(), self._store.patch, self.state.map_at
        if not len(positions):
            return None
        morph, slots = patch.value("morph"), zip((patch.slot_a, patch.slot_b), patch.user_notes, strict=True)
        ends = [positions[index] if note is None else at for index, note in slots]
        if morph in (0.0, 1.0):
            ends = [ends[int(morph)]] * 2
        a, b = ends
        if a is None or b is None:
            return at
        x, y = (1.0 - morph) * np.asarray(a) + morph * np.asarray(b) + self._moved_by_offset(positions)
        return min(max(float(x), 0.0), 1.0), min(max(float(y), 0.0), 1.0)

    def _moved_by_offset(self, positions: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how far the sliders' offsets move the present sound on the map, float64 [2].

        The map of a principal component analysis is linear in the latent vector. For another layout it is the linear
        function that fits the notes best.
        """
        offset = np.asarray(self._store.patch.offset, dtype=np.float64)
        if not offset.any():
            return np.zeros(2)
        if self._slope is None or self._slope[0] != positions.tobytes():
            centers = self._store.note_centers - self._store.note_centers.mean(axis=0)
            slope = np.linalg.lstsq(centers, positions - positions.mean(axis=0), rcond=1e-6)[0]
            self._slope = (positions.tobytes(), slope)
        moved: NDArray[np.float64] = offset @ self._slope[1]
        return moved

    def pitches(self) -> tuple[int, ...]:
        """Return ``PadGrids.pitches``."""
        return self._store.pad_grids.pitches() if self._store.pad_grids else ()

    def shown(self, hidden: Collection[str] = ()) -> list[int]:
        """Return ``PadGrids.shown``."""
        return self._store.pad_grids.shown(self.state, hidden) if self._store.pad_grids else []

    def move_on_map(self, x: float, y: float, hidden: Collection[str] = ()) -> None:
        """Move the map's cursor, and put the mix of the notes around it into slot A.

        Without a note on the map it does nothing.
        """
        candidates = self.shown(hidden)
        if not candidates:
            return
        at = (min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0))
        near = neighbour_weights(self.positions()[candidates], at)
        parts = [bank_part(self._store.bank[candidates[i]], weight) for i, weight in near]
        self._play(parts, replace(self.state, map_at=at))

    # ---- the corners

    def corner_note(self, corner: Corner) -> BankNote | None:
        """Return ``PadGrids.corner_note``."""
        return self._store.pad_grids.corner_note(corner) if self._store.pad_grids else None

    def set_corner(self, index: int, corner: Corner) -> None:
        """Set a corner (0-3). In morph mode the patch follows."""
        corners = list(self.state.corners)
        corners[index] = corner
        pad = replace(self.state, corners=(corners[0], corners[1], corners[2], corners[3]))
        if pad.mode == "morph":
            self._mix(pad)
        else:
            self._store.pad.set_state(pad)

    def fill_corners(self) -> None:
        """Fill the empty corners with the slots' notes, then with notes of the same pitch, far apart on the map."""
        bank, corners = self._store.bank, list(self.state.corners)
        if not bank or all(self.corner_note(corner) for corner in corners):
            return
        chosen = [self._store.patch.slot_a, self._store.patch.slot_b]
        pool = [i for i, note in enumerate(bank) if note.pitch == bank[chosen[0]].pitch]
        positions = self.positions()
        while len(chosen) < len(corners) and pool:
            gaps = np.linalg.norm(positions[pool][:, None] - positions[chosen][None], axis=2).min(axis=1)
            chosen.append(pool[int(gaps.argmax())])
        names = iter(bank[i].name for i in chosen)
        filled = [corner if self.corner_note(corner) else next(names, "") for corner in corners]
        self._store.pad.set_state(replace(self.state, corners=(filled[0], filled[1], filled[2], filled[3])))

    def move_between(self, x: float, y: float) -> None:
        """Move the cursor between the corners, and put the mix of their notes into slot A."""
        self._mix(replace(self.state, morph_at=(min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0))))

    def _mix(self, pad: PadState) -> None:
        parts = []
        for corner, weight in zip(pad.corners, corner_weights(*pad.morph_at), strict=True):
            note = self.corner_note(corner)
            if note is not None and weight > 0.0:
                pitch = float(note.pitch) if isinstance(corner, str) else corner.pitch
                parts.append(Part(note, weight, pitch))
        if parts:
            self._play(parts, pad)
        else:
            self._store.pad.set_state(pad)

    def capture(self) -> UserNote:
        """Return the present patch as one note: the slots at the present morph, with the latent sliders' offsets.

        Raises:
            UserError: no model is loaded.
        """
        store, mixer = self._store, self._require_mixer()
        morph = store.patch.value("morph")
        parts = []
        for slot, weight, user_note in zip(SLOTS, (1.0 - morph, morph), store.patch.user_notes, strict=True):
            note = store.slots.note(slot)
            if note is not None:
                parts.append(Part(note, weight, float(note.pitch) if user_note is None else user_note.pitch))
        mixed = mixer.mix(parts)
        moved = mixed.codes() + np.asarray(store.patch.offset, np.float32)
        gains = mixed.gains() + np.float32(store.patch.offset_db)
        return replace(mixed, z=moved.astype(np.float32).tobytes(), gain_db=gains.tobytes())

    # ---- internal

    def _require_mixer(self) -> NoteMixer:
        if self._store.model is None:
            raise UserError("no model is loaded yet: choose one first")
        if self._mixer is None:
            self._mixer = NoteMixer(self._store.model)
        return self._mixer

    def _play(self, parts: list[Part], pad: PadState) -> None:
        self._store.slots.play_user_note("a", self._require_mixer().mix(parts), pad)

    def _forget(self) -> None:
        self._mixer, self._slope = None, None
