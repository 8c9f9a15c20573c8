"""Two versions of the patch, A and B, to compare by ear."""

from collections.abc import Callable

from synth_app.session.state.state import Snapshot
from synth_app.session.store.history import History

VERSIONS = ("A", "B")


class PatchVersions:
    """Switches between the versions A and B.

    Args:
        present: returns the present state.
        go: sets a state, at once or after loading its model.
        history: labels the undo step of a switch.

    Attributes:
        name: of the present version.
    """

    def __init__(self, present: Callable[[], Snapshot], go: Callable[[Snapshot], None], history: History) -> None:
        self._present, self._go, self._history = present, go, history
        self._stored: dict[str, Snapshot] = {}
        self.name = VERSIONS[0]

    @property
    def other(self) -> str:
        """The name of the other version."""
        return VERSIONS[1 - VERSIONS.index(self.name)]

    def switch(self) -> None:
        """Change to the other version. B starts as a copy of A."""
        self._stored[self.name] = self._present()
        self.name = self.other
        if self.name in self._stored:
            self._history.name_next(f"Version {self.name}")
            self._go(self._stored[self.name])

    def copy(self) -> None:
        """Replace the other version by a copy of the present one."""
        self._stored[self.other] = self._present()
