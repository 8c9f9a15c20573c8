"""Saves the session while the window is open, and at its end."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QWidget

from synth_app.session import SessionState, SessionStore, WindowSettings
from synth_app.session.store.autosave import Autosaver

_SAVE_EVERY_MS = 2_000


class SessionAutosave(QObject):
    """Saves the session every few seconds if it changed. A thread writes, so the window never waits for the disk.

    Args:
        store: the session.
        window_settings: returns the settings of the window.
        path: of the file.
        parent: Qt's parent.
        state: returns what to save: without a sound that is only tried out.

    Attributes:
        failed: signal; emitted with a text for the user, once until saving succeeds again.
    """

    failed = Signal(str)
    _failed_in_thread = Signal(str)

    def __init__(
        self,
        store: SessionStore,
        window_settings: Callable[[], WindowSettings],
        path: Path,
        parent: QWidget,
        state: Callable[[], SessionState],
    ) -> None:
        super().__init__(parent)
        self._store, self._window_settings = store, window_settings
        self._state = state
        self._failed_in_thread.connect(self.failed.emit, Qt.ConnectionType.QueuedConnection)
        self._saver: Autosaver | None = Autosaver(path, self._failed_in_thread.emit)
        self._saved: tuple[SessionState | None, WindowSettings | None] = (None, None)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.save)
        self._timer.start(_SAVE_EVERY_MS)

    def save(self) -> None:
        """Let the thread write the session if it changed; does not wait."""
        state, settings = self._state(), self._window_settings()
        if self._saver is None or (state is self._saved[0] and settings == self._saved[1]):
            return
        self._saved = (state, settings)
        self._saver.submit(self._store.saved(settings, state))

    def finish(self) -> None:
        """Save and wait until the file is written."""
        self.save()
        if self._saver is not None:
            self._saver.flush()

    def stop(self) -> None:
        """Stop saving; what was offered is written first."""
        self._timer.stop()
        if self._saver is not None:
            self._saver.close()
            self._saver = None
