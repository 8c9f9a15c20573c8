"""A rotary knob: an arc from its default to the value; name and value below."""

import math

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QAccessible, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from synth_app.params import ParamSpec
from synth_app.ui.theme.theme import font, px, qcolor
from synth_app.ui.widgets.control import ValueControl
from synth_app.ui.widgets.value_format import format_value

_DRAG_PX = 180  # for the full range
_DIAL = 44  # design px
_SWEEP = 270.0  # degrees, from lower left to lower right


class Knob(ValueControl):
    """One parameter as a dial. Drag up or right to raise the value.

    Args:
        spec: the parameter.
        parent: Qt's parent.
        caption: whether the name is painted below the dial.
    """

    accessible_role = QAccessible.Role.Dial

    def __init__(self, spec: ParamSpec, parent: QWidget | None = None, *, caption: bool = True) -> None:
        super().__init__(spec, parent)
        self._named = caption
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        name_width = QFontMetrics(font("caption")).horizontalAdvance(spec.caption) if caption else 0
        figures = QFontMetrics(font("body"))
        shown = (format_value(spec, value) for value in (spec.minimum, spec.default, spec.maximum))
        widest = max(name_width, *(figures.horizontalAdvance(text) for text in shown))
        self.setMinimumWidth(max(px(_DIAL + 12), widest + px(4)))
        self.setCursor(Qt.CursorShape.SizeVerCursor)
        self._effective = True

    def set_effective(self, effective: bool) -> None:
        """Set whether the parameter has an effect now; without one the knob still turns, but its arc is dull."""
        if effective != self._effective:
            self._effective = effective
            self.update()

    def sizeHint(self) -> QSize:
        """Prefer the size of the dial and two lines of text."""
        return QSize(px(_DIAL + 20), px(_DIAL + (36 if self._named else 20)))

    def drag_normalized(self, delta: QPointF) -> float:
        """Return the move of a drag; up and right raise the value."""
        return (delta.x() - delta.y()) / px(_DRAG_PX)

    def dial(self) -> QRectF:
        """Return the dial's square."""
        side = px(_DIAL)
        return QRectF((self.width() - side) / 2, px(2), side, side)

    def entry_rect(self) -> QRect:
        """Return the rectangle of the value's text."""
        return QRect(0, self.height() - px(18), self.width(), px(18))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint dial and texts."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        active, on = self.is_active(), self.isEnabled()
        dial = self.dial().adjusted(px(3), px(3), -px(3), -px(3))
        self._arc(painter, dial, 0.0, 1.0, "track")
        if on:
            origin = self.spec.to_normalized(self.reset_value) if self.spec.minimum < 0 < self.spec.maximum else 0.0
            self._arc(painter, dial, origin, self.normalized(), "accent" if self._effective else "border")
            self._modulated_arc(painter, dial)
        body = dial.adjusted(px(5), px(5), -px(5), -px(5))
        painter.setPen(QPen(qcolor("border" if active else "line"), 1))
        painter.setBrush(qcolor("hover" if active else "raised"))
        painter.drawEllipse(body)
        self._pointer(painter, body, "text" if on else "disabled")
        self._texts(painter, active=active, on=on)
        self.paint_focus(painter, QRectF(self.rect()), px(6))

    def _arc(self, painter: QPainter, rect: QRectF, start: float, stop: float, token: str) -> None:
        pen = QPen(qcolor(token), px(4))
        pen.setCapStyle(Qt.PenCapStyle.RoundCap if start == 0 and stop == 1 else Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawArc(rect, round((225 - _SWEEP * start) * 16), round(-_SWEEP * (stop - start) * 16))

    def _modulated_arc(self, painter: QPainter, dial: QRectF) -> None:
        """Paint a thin ring around the value's arc, over the modulation range."""
        ends = self.normalized_modulation_range()
        if ends is None:
            return
        painter.setPen(QPen(qcolor("modulated"), px(2)))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        ring = dial.adjusted(-px(3) + 1, -px(3) + 1, px(3) - 1, px(3) - 1)
        start, stop = ends
        painter.drawArc(ring, round((225 - _SWEEP * start) * 16), round(-_SWEEP * (stop - start) * 16))

    def _pointer(self, painter: QPainter, body: QRectF, token: str) -> None:
        angle = math.radians(225 - _SWEEP * self.normalized())
        direction = QPointF(math.cos(angle), -math.sin(angle))
        radius = body.width() / 2
        pen = QPen(qcolor(token), px(2.5))
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawLine(body.center() + direction * radius * 0.35, body.center() + direction * radius * 0.8)

    def _texts(self, painter: QPainter, *, active: bool, on: bool) -> None:
        top = px(_DIAL + 2)
        painter.setFont(font("caption"))
        painter.setPen(qcolor("muted" if on else "disabled"))
        if self._named:
            painter.drawText(QRect(0, top, self.width(), px(16)), Qt.AlignmentFlag.AlignCenter, self.spec.caption)
            top += px(15)
        painter.setFont(font("body"))
        painter.setPen(qcolor("accent" if active else "text" if on else "disabled"))
        painter.drawText(QRect(0, top, self.width(), px(17)), Qt.AlignmentFlag.AlignCenter, self.text())
