"""Dragging a modulation source onto a control, which connects them."""

from collections.abc import Callable, Iterable

from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint, Qt, QTimer
from PySide6.QtGui import QDrag, QDragEnterEvent, QDragMoveEvent, QDropEvent, QMouseEvent, QPainter, QPixmap
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from synth_app.ui.theme.theme import qcolor
from synth_app.ui.widgets.control import ValueControl

_MIME = "application/x-synth-app-source"
_OPEN_AFTER_MS = 300


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
        drag.setPixmap(_ghost(self._widget))
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


class PageOpener(QObject):
    """Opens a page while a dragged source rests on its button, so that a drag reaches controls of other pages.

    Args:
        buttons: a click on each shows a page.
        parent: Qt's parent; it lives as long as the buttons.
    """

    def __init__(self, buttons: Iterable[QAbstractButton], parent: QObject) -> None:
        super().__init__(parent)
        self._under: QAbstractButton | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_OPEN_AFTER_MS)
        self._timer.timeout.connect(self._open)
        for button in buttons:
            button.setAcceptDrops(True)
            button.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Wait while a source is over a button. It cannot be dropped there."""
        if isinstance(event, QDragEnterEvent) and event.mimeData().hasFormat(_MIME):
            self._under = watched if isinstance(watched, QAbstractButton) else None
            self._timer.start()
            event.accept()  # else the button does not hear that the drag leaves it
            return True
        if event.type() == QEvent.Type.DragLeave:
            self._timer.stop()
        elif isinstance(event, QDragMoveEvent) and event.type() == QEvent.Type.DragMove:
            event.ignore()
            return True
        return False

    def _open(self) -> None:
        if self._under is not None and not self._under.isChecked():
            self._under.click()


def _ghost(widget: QWidget) -> QPixmap:
    """Return the picture of a widget on a plate, which is readable over everything."""
    picture = widget.grab()
    plate = QPixmap(picture.size())
    plate.setDevicePixelRatio(picture.devicePixelRatio())
    plate.fill(qcolor("raised"))
    painter = QPainter(plate)
    painter.drawPixmap(0, 0, picture)
    painter.setPen(qcolor("border"))
    painter.drawRect(widget.rect().adjusted(0, 0, -1, -1))
    painter.end()
    return plate


def _mark(control: ValueControl, *, on: bool) -> None:
    control.drop_marked = on
    control.update()


def source_data(source: str) -> QMimeData:
    """Return what a drag of a source carries."""
    data = QMimeData()
    data.setData(_MIME, source.encode("ascii"))
    return data
