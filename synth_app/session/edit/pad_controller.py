"""The pad's other two modes at work: a place on the map or between the corners becomes the sound in slot A."""

from collections.abc import Collection
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from synth_app.modelfile import BankNote
from synth_app.patch import UserNote
from synth_app.session.pad.note_mixing import Blender, Part, bank_part, corner_weights
from synth_app.session.pad.timbre_map import neighbour_weights
from synth_app.session.state.changes import ModelChanged
from synth_app.session.state.pad_state import Corner, PadState
from synth_app.session.state.state import SLOTS
from synth_app.session.store.store import SessionStore
from synth_app.support.errors import UserError


class PadController:
    """Moves the store's sound through the map and between corners; belongs to the store's thread."""

    def __init__(self, store: SessionStore) -> None:
        self._store = store
        self._blender: Blender | None = None
        self._end = store.subscribe(ModelChanged, lambda _: self._forget())

    def close(self) -> None:
        """Listen to the store no more."""
        self._end()

    @property
    def store(self) -> SessionStore:
        """What it moves."""
        return self._store

    @property
    def field(self) -> PadState:
        """The pad as it is set."""
        return self._store.state.field

    # ---- the map

    def places(self) -> NDArray[np.float64]:
        """As ``PadGrids.places`` in the chosen layout; none without a model."""
        surface = self._store.surface
        return surface.places(self.field) if surface else np.zeros((0, 2))

    def pitches(self) -> tuple[int, ...]:
        """As ``PadGrids.pitches``."""
        return self._store.surface.pitches() if self._store.surface else ()

    def shown(self, hidden: Collection[str] = ()) -> list[int]:
        """As ``PadGrids.shown``."""
        return self._store.surface.shown(self.field, hidden) if self._store.surface else []

    def move_on_map(self, x: float, y: float, hidden: Collection[str] = ()) -> None:
        """Put the sound of a place on the map into slot A. Does nothing while no note is shown."""
        candidates = self.shown(hidden)
        if not candidates:
            return
        at = (min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0))
        near = neighbour_weights(self.places()[candidates], at)
        parts = [bank_part(self._store.bank[candidates[i]], weight) for i, weight in near]
        self._play(parts, replace(self.field, map_at=at))

    # ---- the corners

    def corner_note(self, corner: Corner) -> BankNote | None:
        """As ``PadGrids.corner_note``."""
        return self._store.surface.corner_note(corner) if self._store.surface else None

    def set_corner(self, index: int, corner: Corner) -> None:
        """Let a corner (0-3) hold a note; the sound follows when the pad is in this mode."""
        corners = list(self.field.corners)
        corners[index] = corner
        field = replace(self.field, corners=(corners[0], corners[1], corners[2], corners[3]))
        if field.mode == "morph":
            self._mix(field)
        else:
            self._store.set_field(field)

    def fill_corners(self) -> None:
        """Give every empty corner a note: those in the slots, then others of their pitch, far apart on the map."""
        bank, corners = self._store.bank, list(self.field.corners)
        if not bank or all(self.corner_note(corner) for corner in corners):
            return
        wanted = [self._store.patch.slot_a, self._store.patch.slot_b]
        pool = [i for i, note in enumerate(bank) if note.pitch == bank[wanted[0]].pitch]
        places = self.places()
        while len(wanted) < len(corners) and pool:
            gaps = np.linalg.norm(places[pool][:, None] - places[wanted][None], axis=2).min(axis=1)
            wanted.append(pool[int(gaps.argmax())])
        names = iter(bank[i].name for i in wanted)
        kept = [corner if self.corner_note(corner) else next(names, "") for corner in corners]
        self._store.set_field(replace(self.field, corners=(kept[0], kept[1], kept[2], kept[3])))

    def move_between(self, x: float, y: float) -> None:
        """Put the sound between the corners into slot A; an empty corner takes no part."""
        self._mix(replace(self.field, morph_at=(min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0))))

    def _mix(self, field: PadState) -> None:
        parts = []
        for corner, weight in zip(field.corners, corner_weights(*field.morph_at), strict=True):
            note = self.corner_note(corner)
            if note is not None and weight > 0.0:
                pitch = float(note.pitch) if isinstance(corner, str) else corner.pitch
                parts.append(Part(note, weight, pitch))
        if parts:
            self._play(parts, field)
        else:
            self._store.set_field(field)

    def capture(self) -> UserNote:
        """The present sound as one note: slots at the present morph, sliders and all.

        Raises:
            UserError: no model is loaded.
        """
        store, blender = self._store, self._ready()
        morph = store.patch.value("morph")
        parts = []
        for slot, weight, custom in zip(SLOTS, (1.0 - morph, morph), store.patch.custom, strict=True):
            note = store.slot_note(slot)
            if note is not None:
                parts.append(Part(note, weight, float(note.pitch) if custom is None else custom.pitch))
        mixed = blender.mix(parts)
        moved = mixed.codes() + np.asarray(store.patch.offset, np.float32)
        return replace(mixed, z=moved.astype(np.float32).tobytes())

    # ---- inside

    def _ready(self) -> Blender:
        if self._store.model is None:
            raise UserError("no model is loaded yet: choose one first")
        if self._blender is None:
            self._blender = Blender(self._store.model)
        return self._blender

    def _play(self, parts: list[Part], field: PadState) -> None:
        self._store.play_user_note("a", self._ready().mix(parts), field)

    def _forget(self) -> None:
        self._blender = None
