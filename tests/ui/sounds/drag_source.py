"""A window from which files are dragged, like a file manager: ``python -m tests.ui.sounds.drag_source FILE...``."""

import sys

from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel

PLACE = (1120, 640, 140, 60)  # x, y, width, height


class Source(QLabel):
    """Starts the drag as soon as the mouse moves."""

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the files."""
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(name) for name in sys.argv[1:]])
        drag = QDrag(self)
        drag.setMimeData(mime)
        drag.exec(Qt.DropAction.CopyAction)


def main() -> None:
    """Show the window until it is killed."""
    app = QApplication(sys.argv[:1])
    source = Source("files")
    source.setWindowFlag(Qt.WindowType.X11BypassWindowManagerHint)
    source.setGeometry(*PLACE)
    source.show()
    sys.exit(app.exec())


if __name__ == "__main__":
    main()
