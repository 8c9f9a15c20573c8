"""The one owner of what the user set: immutable snapshots replaced whole, observers told what changed."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from synth_app.audio.protocol.messages import DeviceSettings
from synth_app.decoder import Model
from synth_app.modelfile import BankNote
from synth_app.params import defaults
from synth_app.patch import Automation, Patch, UserNote
from synth_app.patch.modulation_matrix import Modulation
from synth_app.session.pad.pad_grids import PadGrids
from synth_app.session.state.changes import (
    Change,
    DeviceChanged,
    FieldChanged,
    LoadedPreset,
    LocksChanged,
    ModelChanged,
    PadChanged,
    PatchChanged,
    PresetChanged,
)
from synth_app.session.state.pad_state import PadState
from synth_app.session.state.session_file import SavedSession, WindowSettings
from synth_app.session.state.state import (
    SLOTS,
    SessionState,
    Slot,
    Snapshot,
    carried_over,
    is_dimension,
    plain_params,
    restored,
    session_of,
    user_note_center,
)
from synth_app.support.errors import UserError

C = TypeVar("C", bound=Change)
# Sliders convert value to offset and back; a difference this small is rounding, not a change.
_EPSILON = 1e-9


class SessionStore:
    """State, changes to it, and those who want to hear of them. Belongs to one thread."""

    def __init__(self, saved: SavedSession | None = None) -> None:
        self._observers: list[tuple[type, Callable[[Change], None]]] = []
        self._saved = saved  # slots and offset wait here for their model
        self._expected: tuple[str, Callable[[Model], Snapshot]] | None = None
        self._model: Model | None = None
        self._surface: PadGrids | None = None
        self._state = restored(saved) if saved else SessionState()

    # ---- reading

    @property
    def state(self) -> SessionState:
        """The present snapshot."""
        return self._state

    @property
    def patch(self) -> Patch:
        """What the engine plays."""
        return self._state.patch

    @property
    def model(self) -> Model | None:
        """The loaded model, None before the first."""
        return self._model

    @property
    def saved_preset(self) -> str:
        """Key of the preset that the saved session was about, until its model is loaded."""
        return self._saved.preset if self._saved else ""

    @property
    def bank(self) -> tuple[BankNote, ...]:
        """Notes of the loaded model."""
        return self._model.bank if self._model else ()

    @property
    def surface(self) -> PadGrids | None:
        """What the loaded model's notes are on the pad; None before the first."""
        return self._surface

    @property
    def ranges(self) -> NDArray[np.float64]:
        """Slider ends, float64 [latent, 2]."""
        return self._surface.ranges if self._surface else np.zeros((0, 2))

    @property
    def note_centers(self) -> NDArray[np.float64]:
        """Centre code of every bank note, float64 [notes, latent]."""
        return self._surface.centers if self._surface else np.zeros((0, 0))

    def center(self) -> NDArray[np.float64]:
        """Centre code of the slots' sounds at the present morph, float64 [latent]: where the sliders rest."""
        if self._surface is None:
            return np.zeros(0)
        morph = self.patch.value("morph")
        center: NDArray[np.float64] = (1 - morph) * self.slot_center("a") + morph * self.slot_center("b")
        return center

    def latent_values(self) -> NDArray[np.float64]:
        """What the sliders show: centre + offset, float64 [latent]."""
        values: NDArray[np.float64] = self.center() + np.asarray(self.patch.offset, dtype=np.float64)
        return values

    def slot_center(self, slot: Slot) -> NDArray[np.float64]:
        """Centre code of one slot's sound, float64 [latent]; needs a model."""
        custom = self.patch.custom[SLOTS.index(slot)]
        return self.note_centers[self._slot_index(slot)] if custom is None else user_note_center(custom)

    def slot_note(self, slot: Slot) -> BankNote | None:
        """The note in a slot, of the bank or not; None without a model or with an empty bank."""
        custom = self.patch.custom[SLOTS.index(slot)]
        if custom is not None and self.bank:
            return custom.note()
        return self.bank[self._slot_index(slot)] if self.bank else None

    def saved(self, window: WindowSettings) -> SavedSession:
        """The session as it would be restored; slots and offset of a model still unloaded are kept."""
        names = [self.bank[self._slot_index(slot)].name if self.bank else "" for slot in SLOTS]
        return session_of(self._state, names, self._saved, window)

    # ---- observing

    def subscribe(self, kind: type[C], callback: Callable[[C], None]) -> Callable[[], None]:
        """Call ``callback`` after each change of that kind; returns what ends the subscription."""
        entry = (kind, cast("Callable[[Change], None]", callback))
        self._observers.append(entry)

        def unsubscribe() -> None:
            if entry in self._observers:
                self._observers.remove(entry)

        return unsubscribe

    # ---- changing

    def load_model_data(self, model: Model, path: Path | str) -> None:
        """Make ``model`` the present one.

        The slots keep their notes where the new bank has notes of the same names; the saved session's slots
        and offset are restored if this is its model. Otherwise the offset goes to zero.

        Raises:
            UserError: the model has no bank, so that there is nothing to play.
        """
        if not model.bank:
            raise UserError(f"{path}: this model has no note bank to play; add one with `synth-app train`")
        expected, self._expected = self._expected, None
        begun = expected[1](model) if expected is not None and expected[0] == str(path) else None
        names = [self.bank[self._slot_index(slot)].name if self.bank else "" for slot in SLOTS]
        waiting = self._saved if self._saved is not None and self._saved.model == str(path) else None
        first = self._model is None and not (self._saved and self._saved.model)
        self._saved = None
        self._model = model
        self._surface = PadGrids(model)
        latent = model.card.latent_size
        patch = carried_over(self.patch, names, model, str(path), waiting)
        if first and self.patch.params == defaults():
            patch = replace(patch, params=plain_params(model))
        begun = begun or Snapshot(patch, self._state.preset)
        state = self._with(begun)
        self._apply(replace(state, field=state.field.within(latent)), ModelChanged(model))

    def expect(self, path: str, make: Callable[[Model], Snapshot]) -> None:
        """Let the model at ``path`` begin with a sound of one's own, if it is the next to be loaded."""
        self._expected = (path, make)

    def expect_nothing(self) -> None:
        """Forget what ``expect`` was told: that model will not come."""
        self._expected = None

    def put(self, snapshot: Snapshot) -> None:
        """Take over a whole sound and the preset it stands for, as one change.

        Raises:
            UserError: the sound is not of the loaded model.
        """
        patch, latent = snapshot.patch, len(self.ranges)
        if patch.model != self.patch.model or len(patch.offset) != latent:
            raise UserError(f"that sound is of {patch.model or 'no model'} with {len(patch.offset)} dimensions; "
                            f"{self.patch.model or 'none'} with {latent} is loaded")  # fmt: skip
        if not max(patch.slot_a, patch.slot_b) < len(self.bank):
            raise UserError(f"no bank note {max(patch.slot_a, patch.slot_b)}; this model has {len(self.bank)}")
        self._apply(self._with(snapshot))

    def set_preset(self, preset: LoadedPreset | None) -> None:
        """Let the present sound stand for a preset."""
        self._apply(replace(self._state, preset=preset))

    def set_locks(self, locks: Iterable[tuple[str, bool]]) -> None:
        """Replace what chance may change."""
        self._apply(replace(self._state, locks=tuple(sorted(locks))))

    def set_param(self, name: str, value: float) -> None:
        """Set a parameter, clamped to its range. Raises UserError for an unknown name or NaN."""
        self._apply(replace(self._state, patch=self.patch.with_param(name, value)))

    def set_quality(self, name: str) -> None:
        """Choose how much work a frame may cost. Raises UserError for an unknown name."""
        self._apply(replace(self._state, patch=replace(self.patch, quality=name)))

    def set_morph(self, value: float) -> None:
        """From slot A (0) to slot B (1); the sliders follow the note, their offsets stay."""
        self.set_param("morph", value)

    def set_latent(self, dim: int, value: float) -> None:
        """Put one slider at ``value``. Raises UserError for a dimension that the model lacks."""
        self.set_latents([(dim, value)])

    def set_latents(self, pairs: Iterable[tuple[int, float]]) -> None:
        """Put several sliders at their values as one change. Errors as ``set_latent``."""
        offset, center = list(self.patch.offset), self.center()
        for dim, value in pairs:
            self._check_dim(dim)
            low, high = self.ranges[dim]
            moved = min(max(value, low), high) - center[dim]
            if abs(moved - offset[dim]) > _EPSILON:
                offset[dim] = float(moved)
        self._apply(replace(self._state, patch=replace(self.patch, offset=tuple(offset))))

    def reset_latent(self, dim: int) -> None:
        """Back to the note's own centre. Errors as ``set_latent``."""
        self.set_latent(dim, float(self.center()[dim]) if 0 <= dim < len(self.ranges) else 0.0)

    def reset_latents(self) -> None:
        """Every slider that is not locked back to the note's own centre."""
        kept = (value if dim in self._state.locked else 0.0 for dim, value in enumerate(self.patch.offset))
        self._apply(replace(self._state, patch=replace(self.patch, offset=tuple(kept))))

    def set_locked(self, dims: Iterable[int]) -> None:
        """Lock these dimensions, and no others. Raises UserError for one that the model lacks."""
        locked = frozenset(dims)
        for dim in locked:
            self._check_dim(dim)
        names = {f"z{dim + 1}" for dim in locked}
        others = {name: on for name, on in self._state.locks if not is_dimension(name)}
        self.set_locks({**others, **dict.fromkeys(names, True)}.items())

    def choose_slot(self, slot: Slot, index: int) -> None:
        """Put a bank note into a slot; the offset goes to zero, so that the sliders show the note.

        Raises:
            UserError: the bank has no such note.
        """
        self._apply(replace(self._state, patch=self._with_slot(slot, index)))

    def show_note(self, slot: Slot, index: int) -> None:
        """Put a bank note into a slot and morph all the way to it, as one change. Errors as ``choose_slot``."""
        patch = self._with_slot(slot, index).with_param("morph", 0.0 if slot == "a" else 1.0)
        self._apply(replace(self._state, patch=patch))

    def play_user_note(self, slot: Slot, note: UserNote, field: PadState | None = None) -> None:
        """Put a note of no bank into a slot and morph all the way to it, as one change; offsets go to zero.

        Args:
            slot: which; its bank note waits beneath.
            note: of the present model.
            field: the pad as it is set from now on.

        Raises:
            UserError: the note belongs to a model of another latent size.
        """
        if note.latent_size != len(self.ranges):
            raise UserError(f"{note.name} has {note.latent_size} dimensions; this model has {len(self.ranges)}")
        patch = self._with_user_note(slot, note).with_param("morph", 0.0 if slot == "a" else 1.0)
        patch = replace(patch, offset=(0.0,) * len(self.ranges))
        self._apply(replace(self._state, patch=patch, field=field or self._state.field))

    def edit_user_note(self, slot: Slot, note: UserNote) -> None:
        """Replace what a slot plays and leave morph and offsets alone. Errors as ``play_user_note``."""
        if note.latent_size != len(self.ranges):
            raise UserError(f"{note.name} has {note.latent_size} dimensions; this model has {len(self.ranges)}")
        self._apply(replace(self._state, patch=self._with_user_note(slot, note)))

    def set_modulation(self, modulation: Modulation) -> None:
        """Let other LFOs, envelopes and connections move the sound. Errors as ``set_latent``."""
        if len(self.ranges) and modulation.latent_size():
            self._check_dim(modulation.latent_size() - 1)
        self._apply(replace(self._state, patch=replace(self.patch, modulation=modulation)))

    def put_gesture(self, gesture: Automation | None) -> None:
        """Let recorded moves play, or none."""
        self._apply(replace(self._state, patch=replace(self.patch, gesture=gesture)))

    def set_field(self, field: PadState) -> None:
        """Set the pad's mode, map and corners; heard only where modulation moves over it."""
        self._apply(replace(self._state, field=field))

    def swap_slots(self) -> None:
        """Exchange A and B and mirror the morph: the same sound, seen from the other end."""
        patch = replace(self.patch, slot_a=self.patch.slot_b, slot_b=self.patch.slot_a, custom=self.patch.custom[::-1])
        self._apply(replace(self._state, patch=patch.with_param("morph", 1.0 - patch.value("morph"))))

    def reset(self) -> None:
        """All parameters to their defaults, all sliders to the note's centre, no modulation; the slots stay."""
        offset = (0.0,) * len(self.patch.offset)
        patch = replace(self.patch, params=plain_params(self._model), offset=offset, modulation=Modulation())
        self._apply(replace(self._state, patch=patch))

    def set_pad(self, x: int, y: int) -> None:
        """Let the pad span two dimensions.

        Raises:
            UserError: the model lacks one of them.
        """
        for dim in (x, y):
            if not 0 <= dim < max(len(self.ranges), 1):
                raise UserError(f"no dimension {dim}; this model has {len(self.ranges)}, counted from 0")
        self._apply(replace(self._state, field=replace(self._state.field, axes=(x, y))))

    def offer_umap(self, places: NDArray[np.floating]) -> None:
        """Set UMAP's positions of the loaded model's notes. Raises as ``PadGrids.offer_umap``."""
        if self._surface is None:
            raise UserError("no model is loaded yet: choose one first")
        self._surface.offer_umap(places)
        self._apply(self._state)

    def set_device(self, settings: DeviceSettings) -> None:
        """Ask for another output."""
        self._apply(replace(self._state, device=settings))

    # ---- inside

    def _check_dim(self, dim: int) -> None:
        if not 0 <= dim < len(self.ranges):
            raise UserError(f"no dimension {dim}; this model has {len(self.ranges)}, counted from 0")

    def _slot_index(self, slot: Slot) -> int:
        return self.patch.slot_a if slot == "a" else self.patch.slot_b

    def _with(self, snapshot: Snapshot) -> SessionState:
        field, places = self._state.field, snapshot.field
        if places is not None and snapshot.patch.modulation.moves_pad:
            field = places
        elif places is not None:  # mode, dimensions and map stay as the user looks at them
            field = replace(field, map_at=places.map_at, morph_at=places.morph_at, corners=places.corners)
        return replace(self._state, patch=snapshot.patch, preset=snapshot.preset, field=field)

    def _with_slot(self, slot: Slot, index: int) -> Patch:
        if not 0 <= index < len(self.bank):
            raise UserError(f"no bank note {index}; this model has {len(self.bank)}, counted from 0")
        patch = replace(self._with_user_note(slot, None), offset=(0.0,) * len(self.patch.offset))
        return replace(patch, slot_a=index) if slot == "a" else replace(patch, slot_b=index)

    def _with_user_note(self, slot: Slot, note: UserNote | None) -> Patch:
        a, b = self.patch.custom
        return replace(self.patch, custom=(note, b) if slot == "a" else (a, note))

    def _apply(self, state: SessionState, first: ModelChanged | None = None) -> None:
        """Take over a snapshot and tell the observers of what differs; an equal one tells nobody."""
        state = replace(state, patch=self._over_pad(state))
        before, self._state = self._state, state
        if first is not None:
            self._notify(first)
        if state.patch != before.patch:
            self._notify(PatchChanged(before.patch, state.patch))
        if state.pad != before.pad:
            self._notify(PadChanged(*state.pad))
        if state.field != replace(before.field, axes=state.pad):
            self._notify(FieldChanged(before.field, state.field))
        if state.preset != before.preset:
            self._notify(PresetChanged(state.preset))
        if state.locks != before.locks:
            self._notify(LocksChanged())
        if state.device != before.device:
            self._notify(DeviceChanged(state.device))

    def _over_pad(self, state: SessionState) -> Patch:
        """The sound with what its modulation moves over on the pad."""
        moved = self._surface is not None and state.patch.modulation.moves_pad
        pad = self._surface.of(state.field, state.patch) if moved and self._surface else None
        return state.patch if pad == state.patch.pad else replace(state.patch, pad=pad)

    def _notify(self, change: Change) -> None:
        for kind, callback in tuple(self._observers):
            if isinstance(change, kind):
                callback(change)
