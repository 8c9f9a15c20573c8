"""The core of the store: it owns the state, replaces it as a whole, and notifies observers of the changes."""

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from synth_app.decoder import Model
from synth_app.modelfile import BankNote
from synth_app.patch import Patch
from synth_app.session.pad.pad_grids import PadGrids
from synth_app.session.state.changes import (
    Change,
    DeviceChanged,
    HandleMoves,
    LocksChanged,
    ModelChanged,
    PadAxesChanged,
    PadStateChanged,
    PatchChanged,
    PresetChanged,
    VersionsChanged,
)
from synth_app.session.state.state import SessionState
from synth_app.session.store.style_solutions import StyleSolutions
from synth_app.support.errors import UserError

C = TypeVar("C", bound=Change)
_ROAMED_FIELDS = ("slot_a", "slot_b", "user_notes", "offset")  # a change of these, or of the morph, is another sound


class PatchHolder(Protocol):
    """Keeps pinned handles where they are, see ``HandlePins``."""

    def hold(self, before: Patch, after: Patch, pinned: frozenset[int]) -> Patch:
        """Return ``after``, moved so that the pinned handles are where they were before."""

    def preview(self, before: Patch, after: Patch, pinned: frozenset[int]) -> Patch:
        """Return what ``hold`` would, without remembering it."""

    def forget(self) -> None:
        """Forget where the handles were: another sound was loaded."""


class StoreCore:
    """The state, the loaded model, and the observers. It belongs to one thread.

    The classes that edit the state work on it: ``LatentSliders``, ``Slots``, ``PadSettings`` and ``SessionStore``.
    """

    def __init__(self, state: SessionState) -> None:
        self._state = state
        self._observers: list[tuple[type, Callable[[Change], None]]] = []
        self._model: Model | None = None
        self._pad_grids: PadGrids | None = None
        self._style_solutions: StyleSolutions | None = None
        self._holder: PatchHolder | None = None

    def hold_with(self, holder: PatchHolder) -> None:
        """Keep pinned handles by ``holder`` from now on."""
        self._holder = holder

    @property
    def state(self) -> SessionState:
        """The present state."""
        return self._state

    @property
    def patch(self) -> Patch:
        """The patch that the engine plays."""
        return self._state.patch

    @property
    def model(self) -> Model | None:
        """The loaded model, None before the first."""
        return self._model

    @property
    def bank(self) -> tuple[BankNote, ...]:
        """The loaded model's notes."""
        return self._model.bank if self._model else ()

    @property
    def pad_grids(self) -> PadGrids | None:
        """The loaded model's pad, None before the first model."""
        return self._pad_grids

    @property
    def style_solutions(self) -> StyleSolutions | None:
        """What is solved for the styles of the loaded model, None before the first model."""
        return self._style_solutions

    @property
    def ranges(self) -> NDArray[np.float64]:
        """The ends of the latent sliders, float64 [latent, 2]."""
        return self._pad_grids.ranges if self._pad_grids else np.zeros((0, 2))

    @property
    def note_centers(self) -> NDArray[np.float64]:
        """The latent vector at the centre of every bank note, float64 [notes, latent]."""
        return self._pad_grids.centers if self._pad_grids else np.zeros((0, 0))

    def subscribe(self, kind: type[C], callback: Callable[[C], None]) -> Callable[[], None]:
        """Call ``callback`` after each change of that kind. Returns a function that ends the subscription."""
        entry = (kind, cast("Callable[[Change], None]", callback))
        self._observers.append(entry)

        def unsubscribe() -> None:
            if entry in self._observers:
                self._observers.remove(entry)

        return unsubscribe

    def apply(self, state: SessionState, *, roaming: bool = True) -> None:
        """Replace the state and notify the observers of the differences; of none if it is equal.

        Args:
            state: the new one.
            roaming: whether another sound keeps the pinned handles; otherwise it is taken as it is.
        """
        before, after = self._state.patch, state.patch
        if self._holder is not None and self._model is not None and _other_sound(before, after):
            if not roaming:
                self._holder.forget()
            elif state.pins:
                state = replace(state, patch=self._holder.hold(before, after, state.pinned))
        self._replace(state, None)

    def apply_patch(self, patch: Patch, *, roaming: bool = True) -> None:
        """Replace the patch. See ``apply``."""
        self.apply(replace(self._state, patch=patch), roaming=roaming)

    def previewed(self, patch: Patch) -> Patch:
        """Return a patch as ``apply_patch`` would set it: with pinned handles where they are, and what follows from it.

        Nothing changes, and no observer is notified.
        """
        state, before = self._state, self._state.patch
        if self._holder is not None and self._model is not None and state.pins and _other_sound(before, patch):
            patch = self._holder.preview(before, patch, state.pinned)
        return _with_known_curves(self._with_derived(replace(state, patch=patch)), before, bool(state.pins))

    def announce(self, moves: HandleMoves) -> None:
        """Tell the observers which handle the next change of the patch moves."""
        self._notify(moves)

    def check_dimension(self, dim: int) -> None:
        """Raise UserError if the model lacks a latent dimension."""
        if not 0 <= dim < len(self.ranges):
            raise UserError(f"no dimension {dim}; this model has {len(self.ranges)}, counted from 0")

    # ---- used by the subclass

    def _replace_model(self, model: Model, state: SessionState) -> None:
        """Replace the model and the state together; observers are notified of the model first."""
        self._model, self._pad_grids, self._style_solutions = model, PadGrids(model), StyleSolutions(model)
        if self._holder is not None:
            self._holder.forget()
        self._replace(state, ModelChanged(model))

    def _replace(self, state: SessionState, first: ModelChanged | None) -> None:
        before = self._state
        self._state = replace(
            state, patch=_with_known_curves(self._with_derived(state), before.patch, bool(state.pins))
        )
        state = self._state
        if first is not None:
            self._notify(first)
        if state.patch != before.patch:
            self._notify(PatchChanged(before.patch, state.patch))
        if state.versions != before.versions:
            self._notify(VersionsChanged())
        if state.pad.axes != before.pad.axes:
            self._notify(PadAxesChanged(*state.pad.axes))
        if state.pad != replace(before.pad, axes=state.pad.axes):
            self._notify(PadStateChanged(before.pad, state.pad))
        if state.preset != before.preset:
            self._notify(PresetChanged(state.preset))
        if state.locks != before.locks or state.pins != before.pins:
            self._notify(LocksChanged())
        if state.device != before.device:
            self._notify(DeviceChanged(state.device))

    def _with_derived(self, state: SessionState) -> Patch:
        """Return the patch with what follows from its settings."""
        if self._pad_grids is None or self._style_solutions is None:
            return state.patch.settings
        return self._style_solutions.add_to(self._pad_grids.add_to(state.patch, state.pad))

    def _notify(self, change: Change) -> None:
        for kind, callback in tuple(self._observers):
            if isinstance(change, kind):
                callback(change)


def _other_sound(before: Patch, after: Patch) -> bool:
    """Return whether handles may be elsewhere after a change."""
    changed = any(getattr(before, name) != getattr(after, name) for name in _ROAMED_FIELDS)
    return changed or before.value("morph") != after.value("morph")


def _with_known_curves(patch: Patch, before: Patch, pinned: bool) -> Patch:
    """Return the patch with the curves that it needs: its own, or the last ones until it has some."""
    if not patch.moved_handles and not (pinned and patch.moves_morph):
        return patch if patch.handle_curves is None else replace(patch, handle_curves=None)
    if patch.handle_curves is None and patch.model == before.model and before.handle_curves is not None:
        return replace(patch, handle_curves=before.handle_curves)
    return patch
