"""The window "Train a model" with its three pages. It stays open beside the main window."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QPushButton, QStackedWidget, QVBoxLayout, QWidget

from synth_app.ui.base.plain_text import sentence
from synth_app.ui.theme.theme import GRID, colors, px
from synth_app.ui.training.held_keys import HeldKeys
from synth_app.ui.widgets.panel import label, tight

_FRAME = 40  # pixels that the system's frame and title bar may take


class TrainingWindow(QWidget):
    """Shows one page at a time, with a message or a problem below it until the next page.

    Args:
        parent: the main window.

    Attributes:
        message, problem: the lines below the page.
    """

    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle("Train a model")
        self.pages = QStackedWidget()
        self._held = HeldKeys(self)
        box = QVBoxLayout(self)
        box.addWidget(self.pages)
        self.message, self.problem = label("", "muted"), label("", "problem")
        for line in (self.message, self.problem):
            line.setWordWrap(True)
            line.hide()
            box.addWidget(line)
        tight(box, 2 * GRID, 0)
        self.setStyleSheet(f"TrainingWindow {{ background: {colors().panel}; }}")
        screen = parent.screen().availableSize()
        self.resize(min(px(880), screen.width() - _FRAME), min(px(620), screen.height() - _FRAME))

    @property
    def page(self) -> QWidget | None:
        """The page that is shown, None before the first."""
        return self.pages.currentWidget()

    def show_page(self, page: QWidget) -> None:
        """Show a page; the one before is deleted, with its message. Return presses the button with the focus, once."""
        self.clear()
        for button in page.findChildren(QPushButton):
            button.setAutoDefault(True)
        self._held.watch(page)
        before = self.pages.currentWidget()
        self.pages.addWidget(page)
        self.pages.setCurrentWidget(page)
        if before is not None:
            self.pages.removeWidget(before)
            before.deleteLater()

    def clear(self) -> None:
        """Remove message and problem."""
        self._tell("", "")

    def show_message(self, text: str) -> None:
        """Show information below the page."""
        self._tell(sentence(text), "")

    def show_problem(self, text: str) -> None:
        """Show a problem below the page."""
        self._tell("", sentence(text))

    def _tell(self, message: str, problem: str) -> None:
        for line, text in ((self.message, message), (self.problem, problem)):
            line.setText(text)
            line.setVisible(bool(text))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close with Escape; a training goes on, and a blind test waits."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Emit ``closed``."""
        super().closeEvent(event)
        self.closed.emit()
