"""A sound of the list dragged onto the window: onto a slot's card, or a corner of the morph pad."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPointF
from PySide6.QtGui import QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from synth_app.ui.ports.shell import Place
from synth_app.ui.sounds.sound_control import SoundControl
from synth_app.ui.sounds.sound_list import SOUND_MIME


class SoundDrop(QObject):
    """Takes dragged sounds; other drags pass.

    Args:
        window: that is watched.
        control: of the sounds.
        place_at: returns the place under a position in the window, or None.
    """

    def __init__(self, window: QWidget, control: SoundControl, place_at: Callable[[QPointF], Place | None]) -> None:
        super().__init__(window)
        self._control, self._place_at = control, place_at
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Accept a sound over a place, and load it on a drop."""
        if not isinstance(event, QDropEvent) or not event.mimeData().hasFormat(SOUND_MIME):
            return False
        place = self._place_at(event.position())
        if event.type() == QEvent.Type.Drop:
            event.setAccepted(place is not None)
            if place is not None:
                event.acceptProposedAction()
                self._control.load(bytes(event.mimeData().data(SOUND_MIME).data()).decode(), place)
            return True
        if event.type() == QEvent.Type.DragEnter:
            event.acceptProposedAction()
            return True
        if isinstance(event, QDragMoveEvent) and event.type() == QEvent.Type.DragMove:
            if place is not None:
                event.acceptProposedAction()
            else:
                event.ignore()
            return True
        return False
