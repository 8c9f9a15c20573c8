"""What the style adds to the notes in the slots: known for the present patch, or still to be solved."""

from collections import OrderedDict
from dataclasses import dataclass, replace

from synth_app.decoder import Model
from synth_app.patch import Patch, StyleChange, StyleTexture, UserNote
from synth_app.session.state.state import SLOTS, Slot

_KEPT = 64  # solved changes, 25 to 170 KB each
_NoteKey = int | UserNote


@dataclass(frozen=True)
class StyleTask:
    """A note and a texture whose change is to be solved with a model.

    Attributes:
        model: of the note. note: in a slot: an index of the model's bank, or a user note. texture: in slot S.
    """

    model: Model
    note: _NoteKey
    texture: StyleTexture

    def content(self) -> UserNote:
        """Return the note."""
        return UserNote.of(self.model.bank[self.note]) if isinstance(self.note, int) else self.note


class StyleSolutions:
    """Changes of one model's notes that were solved before; the oldest are forgotten.

    Args:
        model: that the patches are of.
    """

    def __init__(self, model: Model) -> None:
        self._model = model
        self._known: OrderedDict[tuple[_NoteKey, StyleTexture], StyleChange | None] = OrderedDict()

    def add_to(self, patch: Patch) -> Patch:
        """Return the patch with the changes that are known; None for a slot without one."""
        if patch.style_texture is None:
            return patch if patch.style_changes == (None, None) else replace(patch, style_changes=(None, None))
        a, b = (self._known.get((self._note(patch, slot), patch.style_texture)) for slot in SLOTS)
        return patch if (a, b) == patch.style_changes else replace(patch, style_changes=(a, b))

    def missing(self, patch: Patch) -> StyleTask | None:
        """Return the first task that is not solved yet; None if all are, or without a texture."""
        texture = patch.style_texture
        if texture is None:
            return None
        notes = (self._note(patch, slot) for slot in SLOTS)
        wanted = next((note for note in notes if (note, texture) not in self._known), None)
        return None if wanted is None else StyleTask(self._model, wanted, texture)

    def put(self, task: StyleTask, change: StyleChange | None) -> None:
        """Keep what a task has given; None if the note cannot take on a texture. Tasks of other models are ignored."""
        if task.model is not self._model:
            return
        self._known[task.note, task.texture] = change
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)

    def _note(self, patch: Patch, slot: Slot) -> _NoteKey:
        index, own = (patch.slot_a, patch.user_notes[0]) if slot == "a" else (patch.slot_b, patch.user_notes[1])
        return index if own is None else own
