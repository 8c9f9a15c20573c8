"""The thin line below the top bar that moves while something loads."""

from PySide6.QtCore import QElapsedTimer, QRectF, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from synth_app.ui.theme.theme import px, qcolor, reduced_motion

_HEIGHT = 2
_PERIOD_MS, _FRAME_MS = 1600, 33
_LIT_FRACTION = 0.25  # of the width


class BusyLine(QWidget):
    """A line with a moving bright part while ``busy``; with reduced motion the whole line is bright.

    It is not a QProgressBar, because under a style sheet Qt repaints one 30 times a second even after it was busy.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(px(_HEIGHT))
        self.setAccessibleName("Loading")
        self._since = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setInterval(_FRAME_MS)
        self._timer.timeout.connect(self.update)
        self.busy = False

    def set_busy(self, busy: bool) -> None:
        """Start or stop the movement."""
        if busy == self.busy:
            return
        self.busy = busy
        self.setAccessibleDescription("in progress" if busy else "")
        if busy:
            self._since.start()
        if busy and not reduced_motion():
            self._timer.start()
        else:
            self._timer.stop()
        self.update()

    @property
    def animating(self) -> bool:
        """Whether the line repaints by itself."""
        return self._timer.isActive()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the bright part, which moves from left to right."""
        if not self.busy:
            return
        painter = QPainter(self)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(qcolor("accent"))
        lit = self.width() * (1.0 if reduced_motion() else _LIT_FRACTION)
        phase = 0.0 if reduced_motion() else self._since.elapsed() % _PERIOD_MS / _PERIOD_MS
        left = 0.0 if reduced_motion() else phase * (self.width() + lit) - lit
        painter.drawRect(QRectF(left, 0, lit, self.height()))
