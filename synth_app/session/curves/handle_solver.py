"""Solves the curves of the handles that a patch moves, and what holds pinned ones while it moves the morph."""

from dataclasses import dataclass, replace

from synth_app.decoder import Model
from synth_app.handles import (
    FEWEST_NOTES,
    HandleScale,
    HandleSound,
    PathScale,
    SoundReader,
    model_path_scale,
    model_scale,
    solve_curves,
)
from synth_app.patch import HandleCurves, Patch
from synth_app.session.curves.handle_sound import patch_sound, same_sound
from synth_app.session.curves.pin_solver import PinSolver

NO_PINS: frozenset[int] = frozenset()


def needs_curves(patch: Patch, model: Model, pinned: frozenset[int] = NO_PINS) -> bool:
    """Return whether something moves a handle, or a pinned one with the morph, and the bank is large enough."""
    moved = bool(patch.moved_handles) or (bool(pinned) and patch.moves_morph)
    return moved and len(model.bank) >= FEWEST_NOTES


@dataclass(frozen=True)
class HandleScales:
    """The scales of a model, which are measured once: of the spectrum, and of bite and movement."""

    spectrum: HandleScale
    path: PathScale

    @classmethod
    def of(cls, model: Model) -> "HandleScales":
        """Return the scales of a model, from a cache."""
        return cls(model_scale(model), model_path_scale(model))


class HandleSolver:
    """Solves curves in one thread, beside other users of the model, and keeps the last ones."""

    def __init__(self) -> None:
        self._own: tuple[Model, SoundReader, PinSolver] | None = None  # the model, and readers of a copy for the thread
        self._last: tuple[HandleSound, frozenset[int], HandleCurves] | None = None

    def curves(
        self, patch: Patch, model: Model, scales: HandleScales, pinned: frozenset[int] = NO_PINS
    ) -> HandleCurves:
        """Return the curves around the sound of a patch.

        Args:
            patch: of ``model``, with moved handles, or with pinned ones and a moved morph.
            model: of which only the file is read.
            scales: of the model.
            pinned: positions of the pinned handles in ``HANDLES``.
        """
        sound, handles = patch_sound(patch, model), patch.moved_handles
        if self._own is None or self._own[0] is not model:
            reader = SoundReader(Model(model.file))
            self._own, self._last = (model, reader, PinSolver(reader)), None
        _, reader, pin_solver = self._own
        if self._last is None or self._last[1] != handles or not same_sound(self._last[0], sound):
            self._last = sound, handles, solve_curves(reader, scales.spectrum, sound, handles)
        curves = self._last[2]
        if not (pinned and patch.moves_morph):
            return curves
        pins = pin_solver.pins(patch, model, (scales.spectrum, scales.path), pinned)
        return replace(curves, pins=pins.tobytes())


def with_handle_curves(patch: Patch, model: Model, pinned: frozenset[int] = NO_PINS) -> Patch:
    """Return a patch with the curves of the handles that it moves; the same patch where it moves none."""
    if not needs_curves(patch, model, pinned):
        return patch if patch.handle_curves is None else replace(patch, handle_curves=None)
    return replace(patch, handle_curves=HandleSolver().curves(patch, model, HandleScales.of(model), pinned))
