"""Watches the folder of the user's presets, so that presets saved by another window or program appear."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

_SETTLE_MS = 250  # a program that saves several files, or one in steps, is read once


class LibraryWatch(QObject):
    """Calls ``changed`` a moment after a file in the folder was added, replaced or removed.

    A folder that does not exist yet is watched as soon as it does, at the latest when the program becomes active.
    """

    def __init__(self, folder: Path, changed: Callable[[], None], parent: QObject) -> None:
        super().__init__(parent)
        self._folder, self._changed = folder, changed
        self._seen = _listing(folder)
        self._watcher = QFileSystemWatcher(self)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SETTLE_MS)
        self._timer.timeout.connect(self._check)
        self._watcher.directoryChanged.connect(lambda _: self._timer.start())
        app = QApplication.instance()
        if isinstance(app, QGuiApplication):
            app.applicationStateChanged.connect(self._state_changed)
        self.follow()

    def follow(self) -> None:
        """Watch the folder if it exists by now; files known to the window itself are no news."""
        self._seen = _listing(self._folder)
        if self._folder.is_dir() and not self._watcher.directories():
            self._watcher.addPath(str(self._folder))

    def close(self) -> None:
        """Stop to watch."""
        self._timer.stop()
        self._watcher.deleteLater()

    def _state_changed(self, state: Qt.ApplicationState) -> None:
        if state == Qt.ApplicationState.ApplicationActive:
            self._timer.start()

    def _check(self) -> None:
        if _listing(self._folder) != self._seen:
            self.follow()
            self._changed()


def _listing(folder: Path) -> frozenset[tuple[str, int, int]]:
    """Return name, time and size of the preset files, by which a change is seen."""
    try:
        found = [(path.name, path.stat()) for path in folder.glob("*.json")]
    except OSError:  # a file was removed meanwhile: the next change is seen
        return frozenset()
    return frozenset((name, status.st_mtime_ns, status.st_size) for name, status in found)
