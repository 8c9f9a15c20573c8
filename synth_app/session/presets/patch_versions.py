"""Two versions of the patch, 1 and 2, to compare by ear."""

from collections.abc import Callable
from dataclasses import replace

from synth_app.session.state.state import Snapshot, Version, Versions
from synth_app.session.store.history import History
from synth_app.session.store.store import SessionStore


class PatchVersions:
    """Switches between the versions 1 and 2. Which one is active is part of the state, so that undo restores it.

    Args:
        store: holds the versions.
        present: returns the present state.
        go: sets a state, at once or after loading its model.
        history: makes one undo step of each switch and copy.
    """

    def __init__(
        self, store: SessionStore, present: Callable[[], Snapshot], go: Callable[[Snapshot], None], history: History
    ) -> None:
        self._store, self._present, self._go, self._history = store, present, go, history

    @property
    def name(self) -> Version:
        """The name of the present version."""
        return self._store.state.versions.name

    @property
    def other(self) -> Version:
        """The name of the other version."""
        return "2" if self.name == "1" else "1"

    def switch(self) -> None:
        """Change to the other version. Version 2 starts as a copy of 1."""
        present = self._present()
        target = self._store.state.versions.other or present
        self._history.name_next(f"Version {self.other}")
        self._go(target._replace(versions=Versions(self.other, present)))

    def copy(self) -> None:
        """Replace the other version by a copy of the present one."""
        with self._history.step(f"Copy to version {self.other}"):
            self._store.set_versions(replace(self._store.state.versions, other=self._present()))
