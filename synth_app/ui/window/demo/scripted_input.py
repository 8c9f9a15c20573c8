"""Mouse input from a script: moves real widgets by mouse events at the pace of a user."""

import time
from collections.abc import Iterator

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

STEP_S = 0.02
_LEFT, _NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton


def send_mouse(widget: QWidget, kind: QEvent.Type, at: QPointF, *, shift: bool = False) -> None:
    """Send one event of the left mouse button at a point of the widget."""
    button = _NONE if kind == QEvent.Type.MouseMove else _LEFT
    held = _NONE if kind == QEvent.Type.MouseButtonRelease else _LEFT
    keys = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
    event = QMouseEvent(kind, at, widget.mapToGlobal(at), button, held, keys)
    QApplication.sendEvent(widget, event)


def click(widget: QWidget, at: QPointF, *, shift: bool = False) -> None:
    """Press and release the left button."""
    send_mouse(widget, QEvent.Type.MouseButtonPress, at, shift=shift)
    send_mouse(widget, QEvent.Type.MouseButtonRelease, at, shift=shift)


def drag(widget: QWidget, points: list[QPointF], seconds: float) -> Iterator[float]:
    """Drag along ``points`` in ``seconds``; yields the time to wait before the next step, in seconds."""
    send_mouse(widget, QEvent.Type.MouseButtonPress, points[0])
    begun, fraction = time.monotonic(), 0.0
    while fraction < 1.0:
        yield STEP_S
        fraction = min((time.monotonic() - begun) / seconds, 1.0)  # a slow machine skips steps but keeps the time
        position = fraction * (len(points) - 1)
        i = min(int(position), len(points) - 2)
        at = points[i] + (points[i + 1] - points[i]) * (position - i)
        send_mouse(widget, QEvent.Type.MouseMove, at)
    send_mouse(widget, QEvent.Type.MouseButtonRelease, points[-1])
