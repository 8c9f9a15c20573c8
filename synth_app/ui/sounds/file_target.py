"""A page that files can be dropped on."""

from pathlib import Path

from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QFrame

from synth_app.ui.sounds.drop_area import DropArea


class FileTarget(QFrame):
    """Accepts local files and shows on ``empty`` that they may be dropped; a page says in ``take_files`` what then.

    Attributes:
        empty: the place that says what can be dropped.
    """

    empty: DropArea

    def take_files(self, paths: list[Path]) -> None:
        """Use files and folders that were dropped."""
        raise NotImplementedError

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept files."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            self.empty.show_hovered(True)
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Forget the drag."""
        self.empty.show_hovered(False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Take the files."""
        self.empty.show_hovered(False)
        event.acceptProposedAction()
        self.take_files([Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()])
