"""Mouse and keys on graphs, as the window system sends them."""

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from synth_app.ui.graphs.graph_view import GraphView
from synth_app.ui.graphs.point_editor import PointEditor

NONE, SHIFT, CTRL = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)
LEFT = Qt.MouseButton.LeftButton


def settle(window: QWidget) -> None:
    """Paint a window until its axes have the width of their labels."""
    for _ in range(3):
        window.grab()
        QApplication.processEvents()


def place(editor: PointEditor, handle: int) -> QPointF:
    """Return the position of a handle in the viewport."""
    return editor.position_of(editor.handles[handle].x, editor.handles[handle].y)


def drag_to(
    editor: GraphView,
    start: QPointF,
    end: QPointF,
    keys: Qt.KeyboardModifier = NONE,
    *,
    steps: int = 5,
    pause_ms: int = 0,
) -> None:
    """Press at ``start``, move in steps and release at ``end``, by the native window as a real mouse does.

    ``pause_ms`` is the time that the mouse rests half-way.
    """
    window = editor.window().windowHandle()
    points = [_in_window(editor, start + (end - start) * (i / steps)) for i in range(steps + 1)]
    QTest.mouseMove(window, points[0])
    QTest.mousePress(window, LEFT, keys, points[0])
    for point in points[1:]:
        QTest.mouseMove(window, point)
        QApplication.processEvents()
        if point == points[steps // 2]:
            QTest.qWait(pause_ms)
    QTest.mouseRelease(window, LEFT, keys, points[-1])
    QApplication.processEvents()


def double_click(editor: GraphView, at: QPointF, keys: Qt.KeyboardModifier = NONE) -> None:
    """Double-click at a position in the viewport."""
    QTest.mouseDClick(editor.viewport(), LEFT, keys, at.toPoint())
    QApplication.processEvents()


def press_key(editor: GraphView, key: Qt.Key, keys: Qt.KeyboardModifier = NONE) -> None:
    """Press and release a key."""
    QTest.keyClick(editor, key, keys)


def _in_window(editor: GraphView, at: QPointF) -> QPoint:
    return editor.viewport().mapTo(editor.window(), at.toPoint())
