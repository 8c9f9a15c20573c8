"""A window of its own for a graph; it stays open beside the main window and follows it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from synth_app.ui.graphs.graph_page import GraphPage
from synth_app.ui.graphs.graph_view import GraphView
from synth_app.ui.theme.theme import GRID, colors, px
from synth_app.ui.widgets.panel import tight

_FRAME = 40  # pixels that the system's frame and title bar may take


class GraphWindow(QWidget):
    """Shows a page, which can be exchanged after a change of theme or zoom.

    Args:
        title: of the window, for pages without a title of their own.
        parent: the main window.
    """

    closed = Signal()

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle(title)  # the system adds the name of the program
        self.page: GraphPage | None = None
        self._scroll = QScrollArea()  # for windows that are too small at a high zoom
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._box = QVBoxLayout(self)
        self._box.addWidget(self._scroll)
        screen = parent.screen().availableSize()
        self.resize(min(px(860), screen.width() - _FRAME), min(px(480), screen.height() - _FRAME))

    def show_page(self, page: GraphPage) -> None:
        """Show another page; the one before is deleted."""
        if self.page is not None:
            self.page.hide()  # so that it ends what it plays
        self.page = page
        tight(self._box, GRID + GRID / 2, 0)
        self.setStyleSheet(f"GraphWindow {{ background: {colors().panel}; }}")
        self.setMinimumSize(px(280), px(200))
        self._scroll.setWidget(page)  # deletes the page before
        page.windowTitleChanged.connect(self.setWindowTitle)
        if page.windowTitle():
            self.setWindowTitle(page.windowTitle())

    def focus_graph(self) -> None:
        """Give the keyboard to the visible graph."""
        graph = next((each for each in self.findChildren(GraphView) if each.isVisible()), None)
        if graph is not None:
            graph.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close with Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Emit ``closed``."""
        super().closeEvent(event)
        self.closed.emit()
