"""The pad's map and morph modes: the cursor's position becomes a user note in slot A."""

from collections.abc import Collection
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from synth_app.handles import FEWEST_NOTES, model_scale
from synth_app.modelfile import BankNote
from synth_app.params import handle_index
from synth_app.patch import Patch, UserNote
from synth_app.session.pad.map_regions import MapRegions, map_regions
from synth_app.session.pad.note_mixing import NoteMixer, Part, bank_part, corner_weights
from synth_app.session.pad.pad_places import PadPlace, PadPlaces
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
        self._places: PadPlaces | None = None
        self._regions: tuple[tuple[object, frozenset[str]], MapRegions] | None = None  # the last ones
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

    def map_place(self) -> PadPlace | None:
        """Return the place of the present sound on the map; None without a model or notes. See ``PadPlaces.on_map``."""
        return self.place_of(self._store.patch, pinned=bool(self._store.state.pins))

    def place_of(self, patch: Patch, *, pinned: bool = False) -> PadPlace | None:
        """Return the place of a patch of the present model on the map, as ``map_place``."""
        places = self._present_places()
        return places.on_map(patch, self.state, pinned=pinned) if places else None

    def corner_place(self) -> PadPlace | None:
        """Return the place of the present sound between the corners; None without a model or with empty corners."""
        places = self._present_places()
        return places.between_corners(self._store.patch, self.state) if places else None

    def nearest_note(self) -> BankNote | None:
        """Return the note on the map whose timbre is nearest to the present sound; None without notes."""
        places = self._present_places()
        index = places.nearest_note(self._store.patch, self.state) if places else None
        return None if index is None else self._store.bank[index]

    def regions(self, hidden: Collection[str] = ()) -> MapRegions | None:
        """Return the regions of the notes on the map, without those of hidden families; None without notes.

        The brightness is that of the handle of this name, at each note's own pitch.
        """
        grids, model, rows = self._store.pad_grids, self._store.model, self.shown(hidden)
        if grids is None or model is None or not rows:
            return None
        key = (grids.key(self.state), frozenset(hidden))
        if self._regions is None or self._regions[0] != key:
            brightness = np.zeros(len(model.bank))
            if len(model.bank) >= FEWEST_NOTES:
                brightness = model_scale(model).bank[:, handle_index("brightness")]
            families = tuple(model.bank[i].family for i in rows)
            self._regions = key, map_regions(self.positions()[rows], families, brightness[rows])
        return self._regions[1]

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
        note = self.note_on_map(x, y, hidden)
        places = self._present_places()
        if note is not None and places is not None:
            pad = replace(self.state, map_at=_inside(x, y))
            places.remember_on_map(note, pad)
            self._store.slots.play_user_note("a", note, pad)

    def note_on_map(self, x: float, y: float, hidden: Collection[str] = ()) -> UserNote | None:
        """Return the mix of the notes around a position of the map; None without a note on the map."""
        candidates = self.shown(hidden)
        if not candidates:
            return None
        near = neighbour_weights(self.positions()[candidates], _inside(x, y))
        return self._require_mixer().mix([bank_part(self._store.bank[candidates[i]], weight) for i, weight in near])

    # ---- the corners

    def corner_note(self, corner: Corner) -> BankNote | None:
        """Return ``PadGrids.corner_note``."""
        return self._store.pad_grids.corner_note(corner) if self._store.pad_grids else None

    def set_corner(self, index: int, corner: Corner) -> None:
        """Set a corner (0-3). A sound that is mixed from the corners follows, in morph mode; another one stays."""
        place, corners = self.corner_place(), list(self.state.corners)
        corners[index] = corner
        pad = replace(self.state, corners=(corners[0], corners[1], corners[2], corners[3]))
        if pad.mode == "morph" and (place is None or place.on):
            self._mix(replace(pad, morph_at=place.at if place else pad.morph_at))
        else:
            self._store.pad.set_state(pad)

    def put_present_sound(self, index: int) -> None:
        """Put the present sound into a corner (0-3). The sound stays. Raises as ``capture``."""
        corners = list(self.state.corners)
        corners[index] = self.capture()
        self._store.pad.set_state(replace(self.state, corners=(corners[0], corners[1], corners[2], corners[3])))

    def fill_corners(self) -> None:
        """Fill the empty corners with what the slots play, then with notes of the same pitch, far apart on the map."""
        bank, corners, patch = self._store.bank, list(self.state.corners), self._store.patch
        if not bank or all(self.corner_note(corner) for corner in corners):
            return
        chosen = [patch.slot_a, patch.slot_b]
        held: list[Corner] = [own or bank[i].name for i, own in zip(chosen, patch.user_notes, strict=True)]
        if held[0] == held[1]:
            chosen, held = chosen[:1], held[:1]
        pool = [i for i, note in enumerate(bank) if note.pitch == bank[chosen[0]].pitch]
        positions = self.positions()
        while len(chosen) < len(corners) and pool:
            gaps = np.linalg.norm(positions[pool][:, None] - positions[chosen][None], axis=2).min(axis=1)
            chosen.append(pool[int(gaps.argmax())])
        held += [bank[i].name for i in chosen[len(held) :]]
        names = iter(held)
        filled = [corner if self.corner_note(corner) else next(names, "") for corner in corners]
        self._store.pad.set_state(replace(self.state, corners=(filled[0], filled[1], filled[2], filled[3])))

    def move_between(self, x: float, y: float) -> None:
        """Move the cursor between the corners, and put the mix of their notes into slot A."""
        self._mix(replace(self.state, morph_at=_inside(x, y)))

    def _mix(self, pad: PadState) -> None:
        parts = []
        for corner, weight in zip(pad.corners, corner_weights(*pad.morph_at), strict=True):
            note = self.corner_note(corner)
            if note is not None and weight > 0.0:
                pitch = float(note.pitch) if isinstance(corner, str) else corner.pitch
                parts.append(Part(note, weight, pitch))
        places = self._present_places()
        if parts and places is not None:
            mixed = self._require_mixer().mix(parts)
            places.remember_between(mixed, pad)
            self._store.slots.play_user_note("a", mixed, pad)
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

    def _present_places(self) -> PadPlaces | None:
        if self._places is None and self._store.pad_grids is not None:
            self._places = PadPlaces(self._store.pad_grids)
        return self._places

    def _forget(self) -> None:
        self._mixer, self._places, self._regions = None, None, None


def _inside(x: float, y: float) -> tuple[float, float]:
    return min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)
