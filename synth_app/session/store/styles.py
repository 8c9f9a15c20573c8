"""Slot S: the texture that the notes in slots A and B take on."""

from dataclasses import replace

from synth_app.patch import StyleChange, StyleTexture, UserNote
from synth_app.session.state.state import Slot
from synth_app.session.store.core import StoreCore
from synth_app.session.store.slots import Slots
from synth_app.session.store.style_solutions import StyleTask

_FIRST_AMOUNT = 0.8  # of a texture that is put into an empty slot with the knob at 0: it must be heard


class Styles:
    """Edits slot S, and takes over what is solved for it."""

    def __init__(self, core: StoreCore, slots: Slots) -> None:
        self._core, self._slots = core, slots

    @property
    def texture(self) -> StyleTexture | None:
        """The texture in slot S; None if it is empty."""
        return self._core.patch.style_texture

    def choose(self, texture: StyleTexture) -> None:
        """Put a texture into slot S. If Style is at 0, it rises, so that the texture is heard."""
        patch = replace(self._core.patch, style_texture=texture)
        if patch.value("style") == 0.0:
            patch = patch.with_param("style", _FIRST_AMOUNT)
        self._core.apply_patch(patch)

    def clear(self) -> None:
        """Empty slot S and set Style to 0."""
        self._core.apply_patch(replace(self._core.patch, style_texture=None).with_param("style", 0.0))

    def play_rendered(self, slot: Slot, note: UserNote) -> None:
        """Play a note that has the texture already in a slot, with Style at 0 and the texture kept, as one change.

        Raises:
            UserError: the note belongs to a model of another latent size.
        """
        patch = self._slots.with_fitting_note(slot, note)
        self._core.apply_patch(patch.with_param("style", 0.0))

    def missing(self) -> StyleTask | None:
        """Return what is to be solved for the present patch; None if nothing is."""
        solutions = self._core.style_solutions
        return None if solutions is None else solutions.missing(self._core.patch)

    def put(self, task: StyleTask, change: StyleChange | None) -> None:
        """Take over what a task has given; the patch plays it if it is still wanted. It is no undo step."""
        solutions = self._core.style_solutions
        if solutions is not None:
            solutions.put(task, change)
            self._core.apply(self._core.state)
