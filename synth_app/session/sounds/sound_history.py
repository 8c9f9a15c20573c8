"""Undo and redo of changes to the library of sounds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from synth_app.session.sounds.sound_library import SoundEntry, SoundLibrary
from synth_app.session.sounds.user_sound import UserSound

_MOST_STEPS = 200


@dataclass(frozen=True)
class _Step:
    """One change: what it did, and how to go back and forth."""

    label: str
    undo: Callable[[], None]
    redo: Callable[[], None]


class _Removal:
    """Moves sounds to the trash and back. Each step has its own: after it, other sounds may get the same keys."""

    def __init__(self, library: SoundLibrary, keys: tuple[str, ...]) -> None:
        self._library, self._keys = library, keys
        self._trashed: dict[str, Path] = {}  # by key; what is in the trash at present

    def remove(self) -> None:
        """Move to the trash what is not there yet."""
        for key in self._keys:
            if key not in self._trashed:
                self._trashed[key] = self._library.remove(key)

    def restore(self) -> None:
        """Move back what is in the trash."""
        for key in self._keys:
            if key in self._trashed:
                self._library.restore(self._trashed[key], key)
                del self._trashed[key]


class SoundHistory:
    """Changes a library and remembers how to undo it. A change that fails is no step.

    Args:
        library: of the sounds.
    """

    def __init__(self, library: SoundLibrary) -> None:
        self._library = library
        self._done, self._undone = list[_Step](), list[_Step]()

    @property
    def undo_label(self) -> str:
        """What ``undo`` would undo; "" for nothing."""
        return self._done[-1].label if self._done else ""

    @property
    def redo_label(self) -> str:
        """What ``redo`` would do again; "" for nothing."""
        return self._undone[-1].label if self._undone else ""

    def change(self, entry: SoundEntry, after: UserSound, label: str) -> SoundEntry:
        """Save another description of a sound. Errors as ``SoundLibrary.change``."""
        changed = self._library.change(entry.key, after)
        self._add(_Step(label, lambda: self._set(entry.key, entry.sound), lambda: self._set(entry.key, after)))
        return changed

    def remove(self, entry: SoundEntry) -> None:
        """Move a sound to the trash. Errors as ``SoundLibrary.remove``."""
        way = _Removal(self._library, (entry.key,))
        way.remove()
        self._add(_Step(f"Delete {entry.sound.name}", way.restore, way.remove))

    def added(self, entries: Sequence[SoundEntry], label: str) -> None:
        """Remember sounds that were added, as one step."""
        way = _Removal(self._library, tuple(each.key for each in entries))
        self._add(_Step(label, way.remove, way.restore))

    def undo(self) -> str:
        """Undo the last step and return its label, "" without one. Raises UserError if it fails; the step stays."""
        return self._go(self._done, self._undone, "undo")

    def redo(self) -> str:
        """Redo the step undone last, as ``undo``."""
        return self._go(self._undone, self._done, "redo")

    def _go(self, source: list[_Step], target: list[_Step], way: str) -> str:
        if not source:
            return ""
        step = source[-1]
        (step.undo if way == "undo" else step.redo)()
        target.append(source.pop())
        return step.label

    def _add(self, step: _Step) -> None:
        self._done = [*self._done, step][-_MOST_STEPS:]
        self._undone.clear()

    def _set(self, key: str, sound: UserSound) -> None:
        self._library.change(key, sound)
