"""A curve over a note's frames that the user can draw, with handles at the ends of the loop."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from synth_app.ui.drawing.canvas import Canvas, paint_grid
from synth_app.ui.theme.theme import font, px, qcolor

_HANDLE = 6  # design px
_STEP_FRAMES, _STEP_FRACTION = 4, 0.02  # of the arrow keys


class PathCanvas(Canvas):
    """The canvas of one dimension's curve.

    Signals:
        drawn: list of (frame, value), the points of a stroke's last step.
        loop_changed: the loop's new start and end in frames.

    Attributes:
        curve: float64 [frames].
        range: (low, high) of the values.
        marks: end of the attack, start and end of the loop, start of the release, in frames.
        pen: frame at which the arrow keys draw.
    """

    drawn = Signal(object)
    loop_changed = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Latent path", parent)
        self.curve: NDArray[np.float64] = np.zeros(0)
        self.range = (0.0, 1.0)
        self.marks = (0, 0, 1, 1)
        self.pen = 0
        self._last: tuple[int, float] | None = None
        self._handle: int | None = None
        self.setMinimumSize(px(200), px(72))
        self.setToolTip("Draw the curve; drag the loop marks. Keys: left and right choose a frame, up and down draw")

    def show_curve(
        self, curve: NDArray[np.float64], value_range: tuple[float, float], marks: tuple[int, int, int, int]
    ) -> None:
        """Show another curve; emits nothing."""
        self.curve, self.range, self.marks = curve, value_range, marks
        self.pen = min(self.pen, max(len(curve) - 1, 0))
        if len(curve):
            self.setAccessibleDescription(f"frame {self.pen} of {len(curve)}: {curve[self.pen]:.2f}")
        self.invalidate_layer()

    def area(self) -> QRectF:
        """Return the rectangle of the curve."""
        return QRectF(self.rect()).adjusted(px(8), px(6), -px(8), -px(6))

    def pixel(self, frame: float, value: float) -> QPointF:
        """Return the pixel of a point of the curve."""
        area, (low, high) = self.area(), self.range
        x = area.left() + frame / max(len(self.curve) - 1, 1) * area.width()
        return QPointF(x, area.bottom() - (value - low) / (high - low) * area.height())

    def point(self, at: QPointF) -> tuple[int, float]:
        """Return frame and value at a pixel, clamped."""
        area, (low, high) = self.area(), self.range
        frame = round((at.x() - area.left()) / area.width() * (len(self.curve) - 1))
        value = low + (area.bottom() - at.y()) / area.height() * (high - low)
        return min(max(frame, 0), len(self.curve) - 1), min(max(value, low), high)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Start to drag a loop mark, or start to draw."""
        if event.button() != Qt.MouseButton.LeftButton or not len(self.curve):
            return
        x = event.position().x()
        gaps = [abs(self.pixel(mark, self.range[0]).x() - x) for mark in self.marks[1:3]]
        near = int(np.argmin(gaps))
        if gaps[near] <= px(_HANDLE) and event.position().y() > self.height() - px(20):
            self._handle = near
        else:
            self._last = self.point(event.position())
            self.drawn.emit([self._last])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Continue to drag or to draw."""
        if self._handle is not None:
            ends = list(self.marks[1:3])
            ends[self._handle] = self.point(event.position())[0]
            self.loop_changed.emit(ends[0], ends[1])
        elif self._last is not None:
            now = self.point(event.position())
            if now != self._last:
                stroke = [self._last, now] if now[0] != self._last[0] else [now]
                self._last = now
                self.drawn.emit(stroke)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the drag or the stroke."""
        self.cancel_press()

    def cancel_press(self) -> None:
        """End the drag or the stroke; also called if the mouse button was released over another window."""
        self._last, self._handle = None, None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right move the pen, up and down draw at it."""
        sides = {Qt.Key.Key_Left: -_STEP_FRAMES, Qt.Key.Key_Right: _STEP_FRAMES}
        heights = {Qt.Key.Key_Up: _STEP_FRACTION, Qt.Key.Key_Down: -_STEP_FRACTION}
        key = event.key()
        if not len(self.curve):
            super().keyPressEvent(event)
        elif key in sides:
            self.pen = min(max(self.pen + sides[Qt.Key(key)], 0), len(self.curve) - 1)
            self.show_curve(self.curve, self.range, self.marks)
        elif key in heights:
            low, high = self.range
            value = self.curve[self.pen] + heights[Qt.Key(key)] * (high - low)
            first, last = max(self.pen - 1, 0), min(self.pen + 1, len(self.curve) - 1)
            value = min(max(float(value), low), high)
            self.drawn.emit([(first, value), (last, value)])
        else:
            super().keyPressEvent(event)

    def draw_layer(self, painter: QPainter) -> None:
        """Draw loop, curve and handles."""
        paint_grid(painter, QRectF(self.rect()))
        if not len(self.curve):
            return
        left, right = (self.pixel(mark, self.range[0]).x() for mark in self.marks[1:3])
        area = self.area()
        painter.fillRect(QRectF(left, area.top(), right - left, area.height()), qcolor("band", 90))
        painter.setPen(QPen(qcolor("accent"), px(1.5)))
        points = [self.pixel(frame, float(value)) for frame, value in enumerate(self.curve)]
        painter.drawPolyline(QPolygonF(points))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(qcolor("text"))
        for x in (left, right):
            painter.drawRect(QRectF(x - 0.75, area.top(), 1.5, area.height()))
            painter.drawEllipse(QPointF(x, area.bottom() - px(4)), px(4), px(4))
        painter.setPen(qcolor("muted"))
        painter.setFont(font("caption"))
        painter.drawText(QRectF(left + px(6), area.top(), px(60), px(14)), Qt.AlignmentFlag.AlignVCenter, "loop")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the layer, and the pen while the keyboard has the focus here."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not len(self.curve):
            self.paint_empty(painter, "The latent path of the note in slot A appears here.")
        else:
            self.paint_layer(painter)
            if self.focus_visible:
                painter.setBrush(qcolor("accent"))
                painter.drawEllipse(self.pixel(self.pen, float(self.curve[self.pen])), px(4), px(4))
        self.paint_focus(painter)
