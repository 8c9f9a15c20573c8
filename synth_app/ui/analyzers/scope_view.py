"""The scope: the last milliseconds of output, triggered at a rising edge so that a steady tone stands still."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QWidget

from synth_app.patch import ENGINE_RATE
from synth_app.ui.analyzers.signal_measures import trigger_index
from synth_app.ui.analyzers.telemetry_feed import SCOPE_SAMPLES, TelemetryFeed
from synth_app.ui.drawing.canvas import Canvas
from synth_app.ui.drawing.curve_raster import Raster, raster_for
from synth_app.ui.theme.theme import font, px, qcolor

SPANS_MS = (5, 10, 20, 40)
_GAINS = (1, 2, 4, 8, 16)


class ScopeView(Canvas):
    """The wheel and + - change the time span, up and down the gain. Repainted only while the output is not silent."""

    def __init__(self, feed: TelemetryFeed, parent: QWidget | None = None) -> None:
        super().__init__("Scope", parent)
        self.setToolTip("Output over time, triggered at a rising edge. Wheel: time span; up and down keys: gain")
        self.span_ms, self.gain = 20, 1
        self.redraws = 0
        self._raster: Raster | None = None
        self._mono: NDArray[np.float32] = np.zeros(SCOPE_SAMPLES, np.float32)
        feed.samples.connect(self.show_samples)
        self.setMinimumSize(px(200), px(80))

    def show_samples(self, mono: NDArray[np.float32]) -> None:
        """Show samples, float32 [n], newest last; repaint only if visible and not silent."""
        changed = bool(mono.any() or self._mono.any())
        self._mono = mono
        if changed and self.isVisible():
            self.redraws += 1
            self.update()

    def shown(self) -> NDArray[np.float32]:
        """Return the samples on the screen."""
        n = self.span_ms * ENGINE_RATE // 1000
        start = trigger_index(self._mono, n)
        return self._mono[start : start + n]

    def area(self) -> QRectF:
        """Return the rectangle of the curve."""
        return QRectF(self.rect()).adjusted(px(34), px(6), -px(8), -px(20))

    def set_span(self, span_ms: int) -> None:
        """Set the time span, one of ``SPANS_MS``."""
        self.span_ms = span_ms
        self.invalidate_layer()

    def set_gain(self, gain: int) -> None:
        """Set the gain, one of 1, 2, 4, 8, 16."""
        self.gain = gain
        self.invalidate_layer()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Change the time span."""
        self._step_span(-1 if event.angleDelta().y() > 0 else 1)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Plus and minus change the time span, up and down the gain."""
        key = event.key()
        if key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            self._step_span(1 if key == Qt.Key.Key_Minus else -1)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            index = _GAINS.index(self.gain) + (1 if key == Qt.Key.Key_Up else -1)
            self.set_gain(_GAINS[min(max(index, 0), len(_GAINS) - 1)])
        else:
            super().keyPressEvent(event)

    def draw_layer(self, painter: QPainter) -> None:
        """Draw grid and scales."""
        area = self.area()
        painter.setFont(font("caption"))
        for i in range(5):
            x = round(area.left() + i / 4 * area.width()) + 0.5
            y = round(area.top() + i / 4 * area.height()) + 0.5
            painter.setPen(QPen(qcolor("line", 130), 1))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(qcolor("muted"))
            text = f"{self.span_ms * i / 4:g}" + (" ms" if i == 4 else "")
            box = QRectF(x - px(24) - (px(14) if i == 4 else 0), area.bottom() + px(2), px(48), px(16))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
            level = (1 - i / 2) / self.gain
            box = QRectF(0, y - px(8), area.left() - px(5), px(16))
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{level:.3g}")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint grid and curve."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.paint_layer(painter)
        area, mono = self.area(), self.shown()
        if len(mono) > 1:
            x = np.linspace(area.left(), area.right(), len(mono))
            y = area.center().y() - np.clip(mono * self.gain, -1, 1) * area.height() / 2
            raster = self._raster = raster_for(area, self.devicePixelRatioF(), self._raster)
            raster.line(x, y, px(1.5))
            raster.paint(painter, qcolor("accent"))
        self.paint_focus(painter)

    def _step_span(self, by: int) -> None:
        index = SPANS_MS.index(self.span_ms) + by
        self.set_span(SPANS_MS[min(max(index, 0), len(SPANS_MS) - 1)])
