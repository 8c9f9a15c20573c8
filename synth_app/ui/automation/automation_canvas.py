"""The canvas of automation curves: one is selected, the two ends are handles, a line marks the playing position."""

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from synth_app.patch import AUTOMATION_RATE_HZ, Automation, AutomationCurve
from synth_app.ui.drawing.canvas import Canvas, paint_grid
from synth_app.ui.theme.theme import font, px, qcolor

_HANDLE_WIDTH = 8  # design px
_KEY_STEP_S = 0.1
_MIN_RANGE = 0.25  # normalized value: smaller moves of a control look small


class AutomationCanvas(Canvas):
    """The curves of a patch's automation.

    Signals:
        trim_requested: new start and end in seconds.
        scale_requested: 1 for larger moves, -1 for smaller ones.
        clear_requested: remove the selected curve, or all.
    """

    trim_requested = Signal(float, float)
    scale_requested = Signal(int)
    clear_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Automation", parent)
        self.automation: Automation | None = None
        self.target: str | None = None
        self.empty_text = ""
        self._position_s: float | None = None
        self._ends: list[float] = [0.0, 0.0]  # in seconds, during a drag
        self._dragged_end: int | None = None
        self.setMinimumSize(px(160), px(72))
        self.setToolTip(
            "Recorded moves over time. Drag the ends to trim. Keys: left and right trim the end, with Shift the "
            "start; up and down scale the moves; Delete removes them"
        )

    def show_automation(self, automation: Automation | None, target: str | None, empty_text: str) -> None:
        """Show an automation.

        Args:
            automation: None for an empty canvas.
            target: of the selected curve; None for all.
            empty_text: a sentence for the empty canvas.
        """
        self.automation, self.target, self.empty_text = automation, target, empty_text
        self._ends = [0.0, automation.seconds if automation else 0.0]
        self._dragged_end = None
        description = f"{automation.seconds:.1f} s, {len(automation.curves)} controls" if automation else empty_text
        self.setAccessibleDescription(description)
        self.invalidate_layer()

    def show_position(self, position_s: float | None) -> None:
        """Show the playing position in seconds; None while it does not play."""
        if position_s != self._position_s:
            self._position_s = position_s
            self.update()

    def area(self) -> QRectF:
        """Return the rectangle of the curves."""
        return QRectF(self.rect()).adjusted(px(8), px(6), -px(8), -px(6))

    def pixel_x(self, at_s: float) -> float:
        """Return the x coordinate of a time in seconds."""
        area, seconds = self.area(), self.automation.seconds if self.automation else 1.0
        return area.left() + at_s / seconds * area.width()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Start to drag the nearer end."""
        if event.button() == Qt.MouseButton.LeftButton and self.automation is not None:
            gaps = [abs(self.pixel_x(end) - event.position().x()) for end in self._ends]
            near = int(np.argmin(gaps))
            self._dragged_end = near if gaps[near] <= px(_HANDLE_WIDTH) else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the end."""
        if self._dragged_end is not None and self.automation is not None:
            area = self.area()
            fraction = (event.position().x() - area.left()) / area.width()
            self._ends[self._dragged_end] = min(max(fraction, 0.0), 1.0) * self.automation.seconds
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Request to trim to the dragged ends."""
        dragged, self._dragged_end = self._dragged_end, None
        if dragged is not None and self.automation is not None:
            start, end = sorted(self._ends)
            if (start, end) != (0.0, self.automation.seconds):
                self.trim_requested.emit(start, end)

    def cancel_press(self) -> None:
        """Leave the ends where they were, because the mouse button was released over another window."""
        if self._dragged_end is not None and self.automation is not None:
            self._ends = [0.0, self.automation.seconds]
        self._dragged_end = None
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right trim the end, with Shift the start; up and down scale; Delete clears."""
        key, sides = event.key(), {Qt.Key.Key_Left: -_KEY_STEP_S, Qt.Key.Key_Right: _KEY_STEP_S}
        if self.automation is None:
            super().keyPressEvent(event)
        elif key in sides:
            step, first = sides[Qt.Key(key)], bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            start, end = (
                (max(step, 0.0), self.automation.seconds) if first else (0.0, self.automation.seconds + min(step, 0.0))
            )
            self.trim_requested.emit(start, end)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.scale_requested.emit(1 if key == Qt.Key.Key_Up else -1)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.clear_requested.emit()
        else:
            super().keyPressEvent(event)

    def draw_layer(self, painter: QPainter) -> None:
        """Draw the grid, the zero line and all curves, the selected one last."""
        paint_grid(painter, QRectF(self.rect()))
        automation = self.automation
        if automation is None:
            return
        area = self.area()
        painter.fillRect(QRectF(area.left(), area.center().y(), area.width(), 1), qcolor("line"))
        selected = [curve for curve in automation.curves if curve.target == self.target]
        for curve in automation.curves:
            if self.target is None:
                self._draw(painter, curve, QPen(qcolor("accent", 210), px(1.25)))
            elif curve not in selected:
                self._draw(painter, curve, QPen(qcolor("muted", 110), 1))
        for curve in selected:
            self._draw(painter, curve, QPen(qcolor("accent"), px(1.75)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the layer, the ends and the playing position."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.automation is None:
            self.paint_empty(painter, self.empty_text)
        else:
            self.paint_layer(painter)
            self._paint_ends(painter)
        self.paint_focus(painter)

    def _paint_ends(self, painter: QPainter) -> None:
        area = self.area()
        left, right = sorted(self.pixel_x(end) for end in self._ends)
        shade = qcolor("well", 190)
        painter.fillRect(QRectF(area.left(), area.top(), left - area.left(), area.height()), shade)
        painter.fillRect(QRectF(right, area.top(), area.right() - right, area.height()), shade)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(qcolor("text"))
        for x in (left, right):
            painter.drawRect(QRectF(x - 0.75, area.top(), 1.5, area.height()))
            painter.drawEllipse(QPointF(x, area.bottom() - px(4)), px(4), px(4))
        box = QRectF(right - px(40), area.top(), px(34), px(14))
        painter.fillRect(box, qcolor("well", 200))
        painter.setPen(qcolor("muted"))
        painter.setFont(font("caption"))
        seconds = abs(self._ends[1] - self._ends[0])
        painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{seconds:.1f} s")
        if self._position_s is not None:
            painter.fillRect(
                QRectF(round(self.pixel_x(self._position_s)), area.top(), 1.5, area.height()), qcolor("text")
            )

    def _draw(self, painter: QPainter, curve: AutomationCurve, pen: QPen) -> None:
        """Draw a curve scaled to fill the height, so that large and small moves can both be read."""
        area, values = self.area(), curve.array()
        peak = float(np.abs(values).max()) or 1.0
        if curve.dimension is None:
            peak = max(peak, _MIN_RANGE)
        x = area.left() + np.arange(len(values)) / (len(values) - 1) * area.width()
        y = area.center().y() - values / peak * (area.height() / 2 - px(3))
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF([QPointF(float(a), float(b)) for a, b in zip(x, y, strict=True)]))


def seconds_text(seconds: float) -> str:
    """Return a time as minutes and seconds; times below one automation frame are 0:00.0."""
    return f"{int(seconds) // 60}:{seconds % 60:04.1f}" if seconds >= 1.0 / AUTOMATION_RATE_HZ else "0:00.0"
