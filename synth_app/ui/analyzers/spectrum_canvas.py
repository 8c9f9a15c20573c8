"""The canvas of two spectra over logarithmic frequency: cheap enough to paint at every screen refresh."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from synth_app.ui.analyzers.frequency_axis import MAJOR_HZ
from synth_app.ui.analyzers.spectral import HIGH_HZ, LOW_HZ
from synth_app.ui.drawing.canvas import Canvas
from synth_app.ui.drawing.curve_raster import Raster, raster_for
from synth_app.ui.theme.theme import font, px, qcolor

Floats = NDArray[np.floating]
LOW_DB, HIGH_DB = -100.0, 8.0
_DB_LINES = (0, -20, -40, -60, -80)
_FILL_OPACITY = 0.23  # of the area below a line


class SpectrumCanvas(Canvas):
    """The measured output as a filled area and the decoded frame as a line above it.

    Attributes:
        output, decoded: (Hz [n], dB [n]); None before the first one.
        effect: (Hz [n], dB [n] after a step down, dB [n] after a step up) of the slider that is pointed at.
        peak: the strongest peak of the output in words.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Spectrum", parent)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.output: tuple[Floats, Floats] | None = None
        self.decoded: tuple[Floats, Floats] | None = None
        self.effect: tuple[Floats, Floats, Floats] | None = None
        self.peak = ""
        self._raster: Raster | None = None
        self._text_widths: dict[str, int] = {}  # of the curves' names
        self._curve_pixels: dict[str, tuple[Floats, Floats]] = {}  # frequencies of each curve, their x at this size
        self.setMinimumSize(px(200), px(80))

    def sizeHint(self) -> QSize:
        """Prefer a wide area."""
        return QSize(px(400), px(140))

    def show_output(self, frequencies_hz: Floats, db: Floats) -> None:
        """Show a measured spectrum."""
        self.output = (frequencies_hz, db)
        self.update()

    def show_decoded(self, frequencies_hz: Floats, db: Floats) -> None:
        """Show a decoded frame; empty arrays show none."""
        self.decoded = (frequencies_hz, db)
        self.update()

    def show_peak(self, text: str) -> None:
        """Name the strongest peak of the output; painted with the next spectrum."""
        self.peak = text

    def show_effect(self, effect: tuple[Floats, Floats, Floats] | None) -> None:
        """Show what a slider would do: frequencies, levels after a step down and a step up; None for nothing."""
        if effect is not None or self.effect is not None:
            self.effect = effect
            self.update()

    def area(self) -> QRectF:
        """Return the rectangle of the curves, in own coordinates."""
        return QRectF(self.rect()).adjusted(px(34), px(6), -px(8), -px(20))

    def x_of(self, hz: Floats) -> Floats:
        """Return the x coordinates of frequencies in Hz."""
        area, span = self.area(), np.log(HIGH_HZ / LOW_HZ)
        out: Floats = area.left() + np.log(np.asarray(hz) / LOW_HZ) / span * area.width()
        return out

    def y_of(self, db: Floats) -> Floats:
        """Return the y coordinates of levels in dB, clamped to the canvas."""
        area = self.area()
        fraction = (np.minimum(np.maximum(db, LOW_DB), HIGH_DB) - LOW_DB) / (HIGH_DB - LOW_DB)
        out: Floats = area.bottom() - fraction * area.height()
        return out

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Forget all pixel positions of the old size."""
        super().resizeEvent(event)
        self._curve_pixels.clear()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint grid, area and lines."""
        painter = QPainter(self)
        self.paint_layer(painter)
        raster = self._raster = raster_for(self.area(), self.devicePixelRatioF(), self._raster)
        if self.output is not None:
            points = self._points("output", *self.output)
            raster.line(*points, 1)
            raster.below(*points, _FILL_OPACITY)
            raster.paint(painter, qcolor("measured"))
        if self.effect is not None:
            self._paint_effect(painter, raster, *self.effect)
        if self.decoded is not None and len(self.decoded[0]):
            raster.line(*self._points("decoded", *self.decoded), px(1.5))
            raster.paint(painter, qcolor("accent"))
        self._paint_legend(painter)

    def draw_layer(self, painter: QPainter) -> None:
        """Draw the grid with its frequencies and levels."""
        painter.setFont(font("caption"))
        area = self.area()
        for hz, text in MAJOR_HZ:
            x = round(float(self.x_of(np.array([hz]))[0])) + 0.5
            painter.setPen(QPen(qcolor("line", 130), 1))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            painter.setPen(qcolor("muted"))
            painter.drawText(QRectF(x - 30, area.bottom() + px(2), 60, px(16)), Qt.AlignmentFlag.AlignCenter, text)
        every = 1 if area.height() > px(120) else 2
        for db in _DB_LINES:
            y = round(float(self.y_of(np.array([db]))[0])) + 0.5
            painter.setPen(QPen(qcolor("line", 130), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            if db % (20 * every) == 0:
                painter.setPen(qcolor("muted"))
                box = QRectF(0, y - px(8), area.left() - px(5), px(16))
                painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, str(db))

    def _paint_legend(self, painter: QPainter) -> None:
        """Paint the names of the curves, and the strongest peak."""
        painter.setFont(font("caption"))
        metrics, area = painter.fontMetrics(), self.area()
        x = area.right()
        for text, token in (("output", "measured"), ("decoded", "accent"), (self.peak, "")):
            width = self._text_widths.get(text) or metrics.horizontalAdvance(text)
            if token:
                self._text_widths[text] = width
            x -= width
            box = QRectF(x, area.top(), width + 1, px(16))
            painter.fillRect(box.adjusted(-px(14 if token else 3), 0, px(3), 0), qcolor("well", 190))
            painter.setPen(qcolor("muted"))
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, text)
            if token:
                painter.fillRect(QRectF(x - px(12), area.top() + px(4), px(8), px(8)), qcolor(token))
            x -= px(24)

    def _paint_effect(self, painter: QPainter, raster: Raster, hz: Floats, down: Floats, up: Floats) -> None:
        """Paint a slider's effect: a line for each step and the filled area between them."""
        x, high = self._points("effect", hz, up)
        low = self.y_of(down)
        raster.line(x, high, px(1.5))
        raster.line(x, low, 1, dash=px(2))
        raster.between(x, high, low, _FILL_OPACITY)
        raster.paint(painter, qcolor("slot_c"))

    def _points(self, curve: str, hz: Floats, db: Floats) -> tuple[Floats, Floats]:
        """Return a curve's pixels; x is computed once per frequency array, which stays the same for each source."""
        known = self._curve_pixels.get(curve)
        if known is None or known[0] is not hz:
            known = self._curve_pixels[curve] = hz, self.x_of(hz)
        return known[1], self.y_of(db)
