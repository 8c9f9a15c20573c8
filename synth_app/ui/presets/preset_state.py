"""The state of the presets as the widgets show it: current preset, favourites, browser query."""

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

from synth_app.session import (
    LoadedPreset,
    LocksChanged,
    ModelChanged,
    PatchChanged,
    PresetChanged,
    PresetLibrary,
    PresetService,
    Query,
    SessionStore,
    VersionsChanged,
)
from synth_app.ui.ports.actions import try_action
from synth_app.ui.ports.shell import Messages
from synth_app.ui.presets.library_watch import LibraryWatch

T = TypeVar("T")


class PresetState(QObject):
    """Read access to presets for widgets, and the signals that keep them up to date.

    Attributes:
        changed: signal; the current preset, its modified mark, its name, the favourites, the version or the locks
            changed.
        library_changed: signal; the library has other presets.
        query: filter of the browser; Previous and Next step through its results.
        nearest_first: whether the browser lists what sounds most like the present sound first.
    """

    changed = Signal()
    library_changed = Signal()

    def __init__(self, messages: Messages, store: SessionStore, service: PresetService) -> None:
        super().__init__(messages.as_widget())
        self._messages = messages
        self.store, self.service = store, service
        self.query, self.nearest_first = Query(), False
        self._favourites: frozenset[str] = frozenset()
        self._shown: tuple[object, ...] = ()
        self._ends = [
            store.subscribe(PatchChanged, lambda _: self.refresh()),
            store.subscribe(PresetChanged, lambda _: self.refresh()),
            store.subscribe(ModelChanged, lambda _: self.refresh()),
            store.subscribe(VersionsChanged, lambda _: self.refresh()),
            store.subscribe(LocksChanged, lambda _: self.changed.emit()),
        ]
        self._watch = LibraryWatch(self.library.folder, self._read_library, self)
        self.library_changed.connect(self._watch.follow)
        self.read_favourites()

    @property
    def library(self) -> PresetLibrary:
        """The factory presets and the user's presets."""
        return self.service.library

    @property
    def current(self) -> LoadedPreset | None:
        """The preset that the patch was loaded from."""
        return self.service.current

    def current_key(self) -> str:
        """Return the library key of the current preset, "" without one."""
        return self.current.key if self.current else ""

    def title(self) -> str:
        """Return the name of the current preset, "Init" without one."""
        return self.current.name if self.current else "Init"

    def is_favourite(self, key: str) -> bool:
        """Return whether a preset is a favourite of the user."""
        return key in self._favourites

    def read_favourites(self) -> None:
        """Read the favourites from the user's settings; emits ``changed``."""
        self._favourites = self.attempt(self.library.favourites) or frozenset()
        self.changed.emit()

    def refresh(self) -> None:
        """Emit ``changed`` if something that widgets show has changed."""
        shown = (self.current, self.service.modified, self.service.versions.name, self.store.model is None)
        if shown != self._shown:
            self._shown = shown
            self.changed.emit()

    def attempt(self, run: Callable[[], T]) -> T | None:
        """Call ``run``; show a UserError in the status line and return None."""
        return try_action(self._messages, run)

    def _read_library(self) -> None:
        """Read the presets and favourites again, because another window or program has changed them."""
        self.library.refresh()
        self.read_favourites()
        self.library_changed.emit()

    def close(self) -> None:
        """End the subscriptions to the store."""
        self._watch.close()
        for end in self._ends:
            end()
