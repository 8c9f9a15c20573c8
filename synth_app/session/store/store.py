"""The session store, which owns all of the user's settings."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from synth_app.audio.protocol.messages import DeviceSettings
from synth_app.decoder import Model
from synth_app.params import MACROS, defaults
from synth_app.patch import Automation, HandleCurves
from synth_app.patch.initial_patch import initial_params
from synth_app.patch.modulation_matrix import Modulation
from synth_app.session.state.changes import LoadedPreset
from synth_app.session.state.session_file import SavedSession, WindowSettings
from synth_app.session.state.state import SessionState, Snapshot, Versions
from synth_app.session.store.core import StoreCore
from synth_app.session.store.latent_sliders import LatentSliders
from synth_app.session.store.pad_settings import PadSettings
from synth_app.session.store.slots import Slots
from synth_app.session.store.styles import Styles
from synth_app.session.store.transitions import carry_over, restore_state, to_saved_session
from synth_app.support.errors import UserError


class SessionStore(StoreCore):
    """The state of the session and its edits. It belongs to one thread.

    Attributes:
        slots: edits of the notes in the slots.
        latents: edits of the latent sliders.
        styles: edits of slot S.
        pad: edits of the pad's settings.
    """

    def __init__(self, saved: SavedSession | None = None) -> None:
        super().__init__(restore_state(saved) if saved else SessionState())
        self._saved = saved  # its slots and offset wait for its model
        self._expected: tuple[str, Callable[[Model], Snapshot]] | None = None
        self.slots = Slots(self)
        self.latents = LatentSliders(self, self.slots)
        self.pad = PadSettings(self)
        self.styles = Styles(self, self.slots)

    # ---- whole states

    @property
    def saved_preset(self) -> str:
        """Key of the saved session's preset, until its model is loaded."""
        return self._saved.preset if self._saved else ""

    def saved(self, window: WindowSettings, state: SessionState | None = None) -> SavedSession:
        """Return the session to save. Slots and offset of a model that is not loaded yet are kept.

        Args:
            window: settings of the window.
            state: to save, with a patch of the loaded model; None for the present one.
        """
        state = state or self.state
        return to_saved_session(state, self.slots.bank_names(state.patch), self._saved, window)

    def load_model_data(self, model: Model, path: Path | str) -> None:
        """Make ``model`` the present one.

        The slots keep their notes if the new bank has notes of the same names, and the offset goes to zero. The saved
        session's slots and offset are restored if this is its model. A snapshot from ``expect_model`` replaces both.

        Raises:
            UserError: the model has no bank, so that there is nothing to play.
        """
        if not model.bank:
            raise UserError(f"{path}: this model has no note bank to play; add one with `synth-app train`")
        expected, self._expected = self._expected, None
        snapshot = expected[1](model) if expected is not None and expected[0] == str(path) else None
        waiting = self._saved if self._saved is not None and self._saved.model == str(path) else None
        first = self.model is None and not (self._saved and self._saved.model)
        self._saved = None
        patch = carry_over(self.patch, self.slots.bank_names(), model, str(path), waiting)
        if first and self.patch.params == defaults():
            patch = replace(patch, params=initial_params(model.card))
        state = self._with(snapshot or Snapshot(patch, self.state.preset))
        self._replace_model(model, replace(state, pad=state.pad.within(model.card.latent_size)))

    def expect_model(self, path: str, make: Callable[[Model], Snapshot]) -> None:
        """Start from the snapshot that ``make`` returns if the model at ``path`` is the next to be loaded."""
        self._expected = (path, make)

    def cancel_expected(self) -> None:
        """Undo ``expect_model``, because the model will not be loaded."""
        self._expected = None

    def set_snapshot(self, snapshot: Snapshot, *, roaming: bool = False) -> None:
        """Set the patch, the preset, the pad and the versions as one change.

        Args:
            snapshot: to set.
            roaming: whether the pinned handles stay, as for a random variation.

        Raises:
            UserError: the patch belongs to another model than the loaded one.
        """
        patch, latent = snapshot.patch, len(self.ranges)
        if patch.model != self.patch.model or len(patch.offset) != latent:
            raise UserError(f"that patch belongs to {patch.model or 'no model'} with {len(patch.offset)} dimensions; "
                            f"{self.patch.model or 'none'} with {latent} is loaded")  # fmt: skip
        if not max(patch.slot_a, patch.slot_b) < len(self.bank):
            raise UserError(f"no bank note {max(patch.slot_a, patch.slot_b)}; this model has {len(self.bank)}")
        self.apply(self._with(snapshot), roaming=roaming)

    # ---- parts of the state

    def set_preset(self, preset: LoadedPreset | None) -> None:
        """Set the preset that the patch counts as, without changing the patch."""
        self.apply(replace(self.state, preset=preset))

    def set_handle_curves(self, curves: HandleCurves, model: Model) -> None:
        """Set the curves of the handles, which were solved for a model; those of an earlier model are ignored."""
        if model is self.model:
            self.apply_patch(replace(self.patch, handle_curves=curves))

    def set_macro_name(self, macro: int, name: str) -> None:
        """Name a macro, counted from 0; "" removes its name. Raises UserError for a name that is too long."""
        names = list(self.patch.macro_names)
        names[macro] = name.strip()
        self.apply_patch(replace(self.patch, macro_names=tuple(names)))

    def set_locks(self, locks: Iterable[tuple[str, bool]]) -> None:
        """Replace all locks, as (name, locked) pairs. See ``SessionState``."""
        self.apply(replace(self.state, locks=tuple(sorted(locks))))

    def set_pins(self, pins: frozenset[str]) -> None:
        """Pin the handles of these names, and no others."""
        self.apply(replace(self.state, pins=pins))

    def set_versions(self, versions: Versions) -> None:
        """Set which version of the patch is active, and the other one, without changing the patch."""
        self.apply(replace(self.state, versions=versions))

    def set_device(self, settings: DeviceSettings) -> None:
        """Choose an audio output."""
        self.apply(replace(self.state, device=settings))

    # ---- parts of the patch

    def set_param(self, name: str, value: float) -> None:
        """Set a parameter, clamped to its range. Raises UserError for an unknown name or NaN."""
        self.apply_patch(self.patch.with_param(name, value))

    def set_morph(self, value: float) -> None:
        """Set the morph from slot A (0) to slot B (1). The sliders follow the notes; their offsets stay."""
        self.set_param("morph", value)

    def set_quality(self, name: str) -> None:
        """Set the quality. Raises UserError for an unknown name."""
        self.apply_patch(replace(self.patch, quality=name))

    def set_modulation(self, modulation: Modulation) -> None:
        """Set the modulation. Raises UserError if it moves a dimension that the model lacks."""
        if len(self.ranges) and modulation.latent_size():
            self.check_dimension(modulation.latent_size() - 1)
        self.apply_patch(replace(self.patch, modulation=modulation))

    def set_automation(self, automation: Automation | None) -> None:
        """Set the recorded automation, or remove it."""
        self.apply_patch(replace(self.patch, automation=automation))

    def reset(self) -> None:
        """Reset parameters, latent sliders and modulation to their defaults. The slots stay."""
        offset = (0.0,) * len(self.patch.offset)
        self.apply_patch(
            replace(
                self.patch,
                params=initial_params(self.model.card if self.model is not None else None),
                offset=offset,
                offset_db=0.0,
                modulation=Modulation(),
                macro_names=("",) * len(MACROS),
            ),
            roaming=False,
        )

    # ---- internal

    def _with(self, snapshot: Snapshot) -> SessionState:
        pad, new = self.state.pad, snapshot.pad
        if new is not None and snapshot.patch.modulation.moves_pad:
            pad = new
        elif new is not None:  # the user's mode, axes and map stay
            pad = replace(pad, map_at=new.map_at, morph_at=new.morph_at, corners=new.corners)
        versions = snapshot.versions or self.state.versions
        return replace(self.state, patch=snapshot.patch, preset=snapshot.preset, pad=pad, versions=versions)
