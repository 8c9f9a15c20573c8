"""A small picture of an LFO or an envelope."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from synth_app.ui.drawing.canvas import paint_well
from synth_app.ui.theme.theme import font, px, qcolor

Floats = NDArray[np.float64]


class ShapeCanvas(QWidget):
    """A picture of a curve, without focus. ``x`` is 0-1; values are -1 to 1 if bipolar, else 0 to 1.

    ``opened`` is emitted by a double click.
    """

    opened = Signal()

    def __init__(self, name: str, *, bipolar: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(px(72), px(48))
        self._bipolar = bipolar
        self._x: Floats = np.zeros(0)
        self._y: Floats = np.zeros(0)
        self._caption = ""
        self.setToolTip("Double-click to edit the shape as a graph")

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Ask for the graph."""
        self.opened.emit()

    def show_curve(self, x: Floats, y: Floats, caption: str) -> None:
        """Show another curve; the caption describes it in words."""
        if caption == self._caption and np.array_equal(x, self._x) and np.array_equal(y, self._y):
            return
        self._x, self._y, self._caption = x, y, caption
        self.setAccessibleDescription(caption)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the well, the zero line, the curve and the caption."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_well(painter, QRectF(self.rect()))
        area = QRectF(self.rect()).adjusted(px(6), px(6), -px(6), -px(18))
        low = -1.0 if self._bipolar else 0.0
        zero = area.bottom() - (0.0 - low) / (1.0 - low) * area.height()
        painter.setPen(QPen(qcolor("line"), 1))
        painter.drawLine(QPointF(area.left(), zero), QPointF(area.right(), zero))
        if len(self._x):
            points = [
                QPointF(area.left() + float(x) * area.width(), area.bottom() - (y - low) / (1.0 - low) * area.height())
                for x, y in zip(self._x, self._y, strict=True)
            ]
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(qcolor("modulated", 40))
            painter.drawPolygon(QPolygonF([QPointF(points[0].x(), zero), *points, QPointF(points[-1].x(), zero)]))
            painter.setPen(QPen(qcolor("modulated"), px(1.5)))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPolyline(QPolygonF(points))
        painter.setFont(font("caption"))
        painter.setPen(qcolor("muted"))
        line = QRectF(area.left(), self.height() - px(16), area.width(), px(14))
        text = painter.fontMetrics().elidedText(self._caption, Qt.TextElideMode.ElideRight, round(line.width()))
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, text)
