"""Solves the curves of the handles that a patch's modulation and automation move."""

from dataclasses import replace

from synth_app.decoder import Model
from synth_app.handles import FEWEST_NOTES, HandleScale, HandleSound, SoundReader, model_scale, solve_curves
from synth_app.patch import HandleCurves, Patch
from synth_app.session.curves.handle_sound import patch_sound, same_sound


def needs_curves(patch: Patch, model: Model) -> bool:
    """Return whether something moves a handle in a patch of a model whose bank is large enough for handles."""
    return bool(patch.moved_handles) and len(model.bank) >= FEWEST_NOTES


class HandleSolver:
    """Solves curves in one thread, beside other users of the model, and keeps the last ones."""

    def __init__(self) -> None:
        self._own: tuple[Model, SoundReader] | None = None  # the model, and a reader of a copy for this thread
        self._last: tuple[HandleSound, frozenset[int], HandleCurves] | None = None

    def curves(self, patch: Patch, model: Model, scale: HandleScale) -> HandleCurves:
        """Return the curves around the sound of a patch.

        Args:
            patch: of ``model``, with moved handles.
            model: of which only the file is read.
            scale: of the model.
        """
        sound, handles = patch_sound(patch, model), patch.moved_handles
        if self._own is None or self._own[0] is not model:
            self._own, self._last = (model, SoundReader(Model(model.file))), None
        if self._last is None or self._last[1] != handles or not same_sound(self._last[0], sound):
            self._last = sound, handles, solve_curves(self._own[1], scale, sound, handles)
        return self._last[2]


def with_handle_curves(patch: Patch, model: Model) -> Patch:
    """Return a patch with the curves of the handles that it moves; the same patch where it moves none."""
    if not needs_curves(patch, model):
        return patch if patch.handle_curves is None else replace(patch, handle_curves=None)
    return replace(patch, handle_curves=HandleSolver().curves(patch, model, model_scale(model)))
