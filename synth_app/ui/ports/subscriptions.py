"""Subscriptions of one set of widgets, ended together when the window is rebuilt or closed."""

from collections.abc import Callable
from typing import TypeVar

from synth_app.session import Change, SessionStore

C = TypeVar("C", bound=Change)


class Subscriptions:
    """Connects widgets to the session store until ``end`` is called."""

    def __init__(self, store: SessionStore) -> None:
        self.store = store
        self._ends: list[Callable[[], None]] = []

    def on(self, kind: type[C], callback: Callable[[C], None]) -> None:
        """Call ``callback`` with every change of this kind."""
        self._ends.append(self.store.subscribe(kind, callback))

    def end(self) -> None:
        """End all subscriptions."""
        for end in self._ends:
            end()
        self._ends.clear()
