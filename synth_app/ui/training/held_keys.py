"""A key that is held presses a button once: the system repeats the key, and each page has its own buttons."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPushButton, QWidget

_PRESS_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class HeldKeys(QObject):
    """Stops the repetitions of Return, Enter and Space at the buttons of a page.

    Args:
        parent: owns the filter.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)

    def watch(self, page: QWidget) -> None:
        """Watch the buttons that a page has now."""
        for button in page.findChildren(QPushButton):
            button.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stop a key press that the system repeats."""
        del watched
        return isinstance(event, QKeyEvent) and event.isAutoRepeat() and event.key() in _PRESS_KEYS
