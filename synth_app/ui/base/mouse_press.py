"""Watches the mouse buttons over windows: which presses are double-clicks, and when the button is really released."""

from typing import Protocol, runtime_checkable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QMouseEvent, QWindow
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

_CHECK_MS = 40


@runtime_checkable
class Cancelable(Protocol):
    """A widget that keeps the state of a press until the release."""

    def cancel_press(self) -> None:
        """Forget the press, because the button was released over another window."""


class MousePress(QObject):
    """Follows one press from a native window, which receives it before any widget.

    A popup that opens meanwhile receives the release instead. The state of the buttons shows this, and the widget
    under the press is then asked to cancel it.

    Attributes:
        began: signal; a button is pressed; True for the second press of a double-click.
        ended: signal; the button is released, over whatever window.
    """

    began = Signal(bool)
    ended = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._widget: QWidget | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_CHECK_MS)
        self._timer.timeout.connect(self._check)

    def listen(self, handle: QWindow) -> None:
        """Watch a native window."""
        handle.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow presses and releases; consumes nothing."""
        kind = event.type()
        if kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick):
            self._widget = _widget_under(watched, event)
            if QGuiApplication.mouseButtons() != Qt.MouseButton.NoButton:  # else a script sends the events
                self._timer.start()
            self.began.emit(kind == QEvent.Type.MouseButtonDblClick)
        elif kind == QEvent.Type.MouseButtonRelease:
            self._end()
        return False

    def _check(self) -> None:
        if QGuiApplication.mouseButtons() != Qt.MouseButton.NoButton:
            return
        widget = self._widget if self._widget is not None and isValid(self._widget) else None
        while widget is not None and not isinstance(widget, Cancelable):
            widget = widget.parentWidget()
        self._end()
        if isinstance(widget, Cancelable):
            widget.cancel_press()

    def _end(self) -> None:
        self._timer.stop()
        self._widget = None
        self.ended.emit()


def _widget_under(watched: QObject, event: QEvent) -> QWidget | None:
    root = QWidget.find(watched.winId()) if isinstance(watched, QWindow) else None
    return root.childAt(event.position().toPoint()) if root is not None and isinstance(event, QMouseEvent) else None
