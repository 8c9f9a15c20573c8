"""Dragging a modulation source onto a control, which connects them."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint, Qt
from PySide6.QtGui import QDrag, QDragEnterEvent, QDropEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

from synth_app.ui.widgets.control import ValueControl

_MIME = "application/x-synth-app-source"


class SourceDrag(QObject):
    """Lets a widget be dragged as a modulation source. A click on it works as before.

    Args:
        widget: such as the button of an LFO; it owns this object.
        source: its name in the matrix.
    """

    def __init__(self, widget: QWidget, source: str) -> None:
        super().__init__(widget)
        self._widget, self._source = widget, source
        self._pressed_at: QPoint | None = None
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Begin a drag when the mouse has moved far enough with its button held."""
        if not isinstance(event, QMouseEvent):
            return False
        if event.type() == QEvent.Type.MouseButtonPress and event.button() == Qt.MouseButton.LeftButton:
            self._pressed_at = event.position().toPoint()
        elif event.type() == QEvent.Type.MouseButtonRelease:
            self._pressed_at = None
        elif event.type() == QEvent.Type.MouseMove and self._pressed_at is not None:
            moved = (event.position().toPoint() - self._pressed_at).manhattanLength()
            if moved >= QApplication.startDragDistance():
                self._pressed_at = None
                self._drag()
                return True
        return False

    def _drag(self) -> None:
        drag = QDrag(self._widget)
        drag.setMimeData(source_data(self._source))
        drag.setPixmap(self._widget.grab())
        drag.exec(Qt.DropAction.LinkAction)


class SourceDrops(QObject):
    """Accepts dragged sources on controls.

    Args:
        drop: called with the names of the source and the target.
    """

    def __init__(self, drop: Callable[[str, str], None]) -> None:
        super().__init__()
        self._drop = drop
        self._targets: dict[QObject, str] = {}

    def accept(self, control: ValueControl, target: str) -> None:
        """Let sources be dropped on a control, for as long as it lives."""
        self._targets[control] = target
        control.setAcceptDrops(True)
        control.installEventFilter(self)
        control.destroyed.connect(lambda *_: self._targets.pop(control, None))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Mark the control under a dragged source, and connect it at the drop."""
        target = self._targets.get(watched)
        if target is None or not isinstance(watched, ValueControl):
            return False
        if isinstance(event, QDragEnterEvent) and event.mimeData().hasFormat(_MIME):
            event.acceptProposedAction()
            _mark(watched, on=True)
            return True
        if event.type() == QEvent.Type.DragLeave:
            _mark(watched, on=False)
        elif isinstance(event, QDropEvent) and event.type() == QEvent.Type.Drop and event.mimeData().hasFormat(_MIME):
            _mark(watched, on=False)
            event.acceptProposedAction()
            self._drop(bytes(event.mimeData().data(_MIME).data()).decode("ascii"), target)
            return True
        return False


def _mark(control: ValueControl, *, on: bool) -> None:
    control.drop_marked = on
    control.update()


def source_data(source: str) -> QMimeData:
    """Return what a drag of a source carries."""
    data = QMimeData()
    data.setData(_MIME, source.encode("ascii"))
    return data
