"""The response of the filter as a curve to drag: cutoff from left to right, resonance upwards."""

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QWheelEvent
from PySide6.QtWidgets import QWidget

from synth_app.session.edit.filter_curve import CUTOFF, RESONANCE, FilterShape, resonance_level_db, response_db
from synth_app.ui.drawing.canvas import Canvas
from synth_app.ui.theme.theme import font, px, qcolor
from synth_app.ui.widgets.input_steps import ARROW_DIRECTIONS, FINE, WHEEL_STEP, key_step, shift_held
from synth_app.ui.widgets.value_format import format_value
from synth_app.ui.widgets.value_tooltip import ValueTooltip

_LOW_HZ, _HIGH_HZ = CUTOFF.minimum, CUTOFF.maximum
_LOW_DB, _HIGH_DB = -36.0, 24.0
_GRID_HZ = ((100.0, "100"), (1000.0, "1k"), (10_000.0, "10k"))
_GRID_DB = (-24.0, 0.0, 12.0)
_POINTS = 240
_RADIUS = 5.0  # of the handle, design px


class ResponseCanvas(Canvas):
    """The curve of a filter, and a handle at its cutoff.

    ``moved`` emits cutoff in Hz and resonance in dB when the user moves them; ``reset_requested`` asks for both
    defaults.
    """

    moved = Signal(float, float)
    reset_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Response of the filter", parent)
        self.shape_shown = FilterShape(0, False, CUTOFF.default, RESONANCE.default)
        self.top: FilterShape | None = None
        self.on = False
        self._drag_from: QPointF | None = None
        self._dragged_to = (0.0, 0.0)  # normalized cutoff and resonance during a drag
        self._hz = np.geomspace(_LOW_HZ, _HIGH_HZ, _POINTS)
        self.setMinimumSize(px(150), px(72))
        self.setCursor(Qt.CursorShape.SizeAllCursor)
        self.setToolTip(
            "The filter's response. Drag across for the cutoff, up for the resonance. Arrow keys do the same, with "
            "Shift finely, and turn the filter on; double-click or Delete resets both"
        )

    def show_filter(self, shape: FilterShape, top: FilterShape | None, *, on: bool) -> None:
        """Show a filter.

        Args:
            shape: at rest.
            top: at the top of its envelope; None where that is the same.
            on: whether it sounds.
        """
        if (shape, top, on) != (self.shape_shown, self.top, self.on):
            self.shape_shown, self.top, self.on = shape, top, on
            self.setAccessibleDescription(f"{'' if on else 'off, '}{self.text()}")
            self.update()

    def text(self) -> str:
        """Return both values in words."""
        cutoff, resonance = format_value(CUTOFF, self.shape_shown.cutoff_hz), self.shape_shown.resonance_db
        return f"{CUTOFF.label} {cutoff}, {RESONANCE.label.lower()} {format_value(RESONANCE, resonance)}"

    # ---- geometry

    def area(self) -> QRectF:
        """Return the rectangle of the curve."""
        return QRectF(self.rect()).adjusted(px(6), px(4), -px(6), -px(14))

    def pixel(self, hz: float, level_db: float) -> QPointF:
        """Return the pixel of a frequency and a level; levels outside lie beyond the edge."""
        area = self.area()
        across = np.log(hz / _LOW_HZ) / np.log(_HIGH_HZ / _LOW_HZ)
        up = (level_db - _LOW_DB) / (_HIGH_DB - _LOW_DB)
        return QPointF(area.left() + float(across) * area.width(), area.bottom() - up * area.height())

    def handle(self) -> QPointF:
        """Return the pixel of the handle."""
        return self.pixel(self.shape_shown.cutoff_hz, resonance_level_db(self.shape_shown.resonance_db))

    # ---- events

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Start a drag with the left button."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._drag_from = event.position()
            self._dragged_to = self._normalized()
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag by the distance moved, so that a press never jumps; Shift moves by a tenth."""
        if self._drag_from is None:
            return
        area, by = self.area(), event.position() - self._drag_from
        self._drag_from = event.position()
        scale = FINE if shift_held(event) else 1.0
        range_px = area.height() * (RESONANCE.maximum - RESONANCE.minimum) / (_HIGH_DB - _LOW_DB)
        x, y = self._dragged_to
        self._dragged_to = _bounded(x + scale * by.x() / area.width()), _bounded(y - scale * by.y() / range_px)
        self._move(*self._dragged_to)
        ValueTooltip.show_for(self, self.text())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the drag."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.cancel_press()

    def cancel_press(self) -> None:
        """End the drag; also called if the mouse button was released over another window."""
        self._drag_from = None
        ValueTooltip.hide_for(self)
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Reset both values."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.reset_requested.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Move the cutoff, with Shift finely."""
        delta = event.angleDelta().y() or event.angleDelta().x()
        x, y = self._normalized()
        self._move(x + delta / 120 * WHEEL_STEP * (FINE if shift_held(event) else 1.0), y)
        ValueTooltip.show_for(self, self.text(), brief=True)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move, with Shift finely and with Ctrl coarsely; Delete resets."""
        if event.key() in ARROW_DIRECTIONS:
            (dx, dy), (x, y), step = ARROW_DIRECTIONS[event.key()], self._normalized(), key_step(event)
            self._move(x + dx * step, y + dy * step)
            ValueTooltip.show_for(self, self.text(), brief=True)
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.reset_requested.emit()
        else:
            super().keyPressEvent(event)

    def _normalized(self) -> tuple[float, float]:
        shape = self.shape_shown
        return CUTOFF.to_normalized(shape.cutoff_hz), RESONANCE.to_normalized(shape.resonance_db)

    def _move(self, x: float, y: float) -> None:
        now = CUTOFF.from_normalized(x), RESONANCE.from_normalized(y)
        if now != (self.shape_shown.cutoff_hz, self.shape_shown.resonance_db):
            self.moved.emit(*now)

    # ---- painting

    def draw_layer(self, painter: QPainter) -> None:
        """Draw the grid and the frequencies below it."""
        area = self.area()
        painter.setFont(font("caption"))
        for hz, text in _GRID_HZ:
            x = round(self.pixel(hz, 0.0).x())
            painter.fillRect(QRectF(x, area.top(), 1, area.height()), qcolor("line", 130))
            painter.setPen(qcolor("muted"))
            box = QRectF(x - px(20), area.bottom() + 1, px(40), px(13))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
        for level_db in _GRID_DB:
            y = round(self.pixel(_LOW_HZ, level_db).y())
            painter.fillRect(QRectF(area.left(), y, area.width(), 1), qcolor("line", 255 if level_db == 0.0 else 130))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the grid, the curve at the top of the envelope, the curve itself and the handle."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.paint_layer(painter)
        painter.save()
        painter.setClipRect(self.area())
        if self.top is not None:
            painter.setPen(QPen(qcolor("modulated" if self.on else "muted"), px(1), Qt.PenStyle.DashLine))
            painter.drawPolyline(self._points(self.top))
        self._paint_curve(painter)
        painter.restore()
        self._paint_handle(painter)
        self.paint_focus(painter)

    def _paint_curve(self, painter: QPainter) -> None:
        area, curve = self.area(), self._points(self.shape_shown)
        token = "accent" if self.on else "muted"
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(qcolor(token, 36))
        painter.drawPolygon(QPolygonF([area.bottomLeft(), *curve, area.bottomRight()]))
        painter.setPen(QPen(qcolor(token), px(1.75)))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(curve)

    def _paint_handle(self, painter: QPainter) -> None:
        active = self._drag_from is not None or self.underMouse()
        painter.setPen(QPen(qcolor("well"), px(1.5)))
        painter.setBrush(qcolor("accent_hover" if active and self.on else "accent" if self.on else "muted"))
        painter.drawEllipse(self.handle(), px(_RADIUS), px(_RADIUS))

    def _points(self, shape: FilterShape) -> list[QPointF]:
        levels = zip(self._hz, response_db(shape, self._hz), strict=True)
        return [self.pixel(float(hz), float(level_db)) for hz, level_db in levels]


def _bounded(value: float) -> float:
    return min(max(value, 0.0), 1.0)
