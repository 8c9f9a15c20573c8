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


class SoundHistory:
    """Changes a library and remembers how to undo it. A change that fails is no step.

    Args:
        library: of the sounds.
    """

    def __init__(self, library: SoundLibrary) -> None:
        self._library = library
        self._done, self._undone = list[_Step](), list[_Step]()
        self._trashed: dict[str, Path] = {}  # by key; where a removed sound is now

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
        self._remove(entry.key)
        label = f"Delete {entry.sound.name}"
        self._add(_Step(label, lambda: self._restore(entry.key), lambda: self._remove(entry.key)))

    def added(self, entries: Sequence[SoundEntry], label: str) -> None:
        """Remember sounds that were added, as one step."""
        keys = tuple(each.key for each in entries)
        self._add(_Step(label, lambda: self._each(self._remove, keys), lambda: self._each(self._restore, keys)))

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

    def _remove(self, key: str) -> None:
        self._trashed[key] = self._library.remove(key)

    def _restore(self, key: str) -> None:
        self._library.restore(self._trashed[key], key)

    @staticmethod
    def _each(act: Callable[[str], None], keys: tuple[str, ...]) -> None:
        for key in keys:
            act(key)
