"""Draws two spectra over logarithmic frequency on a cached grid: cheap enough for every screen refresh."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from synth_app.ui.analyzers.frequency_axis import MAJOR_HZ
from synth_app.ui.analyzers.spectral import HIGH_HZ, LOW_HZ
from synth_app.ui.drawing.cached_background import picture_of
from synth_app.ui.drawing.curve_raster import Raster, raster_for
from synth_app.ui.theme.theme import RADIUS, font, px, qcolor

Floats = NDArray[np.floating]
LOW_DB, HIGH_DB = -100.0, 8.0
_DB_LINES = (0, -20, -40, -60, -80)
_FILLED = 0.23  # opacity of what lies below a line


class SpectrumCanvas(QWidget):
    """``output`` as a filled area, ``decoded`` as a line on top; both (Hz [n], dB [n])."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.output: tuple[Floats, Floats] | None = None
        self.decoded: tuple[Floats, Floats] | None = None
        self.effect: tuple[Floats, Floats, Floats] | None = None
        self.peak = ""
        self._grid: QPixmap | None = None
        self._raster: Raster | None = None
        self._widths: dict[str, int] = {}  # of words that stay
        self._places: dict[str, tuple[Floats, Floats]] = {}  # frequencies of each curve and their pixels, at this size
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(px(200), px(80))

    def sizeHint(self) -> QSize:
        """Wide."""
        return QSize(px(400), px(140))

    def show_output(self, frequencies_hz: Floats, db: Floats) -> None:
        """Take over the measured spectrum."""
        self.output = (frequencies_hz, db)
        self.update()

    def show_decoded(self, frequencies_hz: Floats, db: Floats) -> None:
        """Take over the decoded frame; empty arrays show none."""
        self.decoded = (frequencies_hz, db)
        self.update()

    def show_peak(self, text: str) -> None:
        """Name the strongest peak of the output."""
        self.peak = text

    def show_effect(self, effect: tuple[Floats, Floats, Floats] | None) -> None:
        """Show what a slider would do: frequencies, levels after a step down, after a step up; None for nothing."""
        if effect is not None or self.effect is not None:
            self.effect = effect
            self.update()

    def area(self) -> QRectF:
        """Where the curves are, in own coordinates."""
        return QRectF(self.rect()).adjusted(px(34), px(6), -px(8), -px(20))

    def x_of(self, hz: Floats) -> Floats:
        """Pixels of frequencies."""
        area, span = self.area(), np.log(HIGH_HZ / LOW_HZ)
        out: Floats = area.left() + np.log(np.asarray(hz) / LOW_HZ) / span * area.width()
        return out

    def y_of(self, db: Floats) -> Floats:
        """Pixels of levels, clamped to the canvas."""
        area = self.area()
        share = (np.minimum(np.maximum(db, LOW_DB), HIGH_DB) - LOW_DB) / (HIGH_DB - LOW_DB)
        out: Floats = area.bottom() - share * area.height()
        return out

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The grid is drawn anew."""
        self._grid = None
        self._places.clear()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Grid, area, line."""
        if self._grid is None or self._grid.devicePixelRatio() != self.devicePixelRatioF():
            self._grid = self._draw_grid()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._grid)
        raster = self._raster = raster_for(self.area(), self.devicePixelRatioF(), self._raster)
        if self.output is not None:
            at = self._points("output", *self.output)
            raster.line(*at, 1)
            raster.below(*at, _FILLED)
            raster.paint(painter, qcolor("measured"))
        if self.effect is not None:
            self._paint_effect(painter, raster, *self.effect)
        if self.decoded is not None and len(self.decoded[0]):
            raster.line(*self._points("decoded", *self.decoded), px(1.5))
            raster.paint(painter, qcolor("accent"))
        self._paint_key(painter)

    def _paint_key(self, painter: QPainter) -> None:
        """What the curves are, and the strongest peak."""
        painter.setFont(font("caption"))
        metrics, area = painter.fontMetrics(), self.area()
        x = area.right()
        for text, token in (("output", "measured"), ("decoded", "accent"), (self.peak, "")):
            width = self._widths.get(text) or metrics.horizontalAdvance(text)
            if token:
                self._widths[text] = width
            x -= width
            box = QRectF(x, area.top(), width + 1, px(16))
            painter.fillRect(box.adjusted(-px(14 if token else 3), 0, px(3), 0), qcolor("well", 190))
            painter.setPen(qcolor("muted"))
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, text)
            if token:
                painter.fillRect(QRectF(x - px(12), area.top() + px(4), px(8), px(8)), qcolor(token))
            x -= px(24)

    def _paint_effect(self, painter: QPainter, raster: Raster, hz: Floats, down: Floats, up: Floats) -> None:
        """Both ends as lines, the room between them filled: what the dimension moves."""
        x, high = self._points("effect", hz, up)
        low = self.y_of(down)
        raster.line(x, high, px(1.5))
        raster.line(x, low, 1, dash=px(2))
        raster.between(x, high, low, _FILLED)
        raster.paint(painter, qcolor("slot_c"))

    def _points(self, curve: str, hz: Floats, db: Floats) -> tuple[Floats, Floats]:
        """Pixels of a curve; its frequencies stay the same array for as long as its source does."""
        known = self._places.get(curve)
        if known is None or known[0] is not hz:
            known = self._places[curve] = hz, self.x_of(hz)
        return known[1], self.y_of(db)

    def _draw_grid(self) -> QPixmap:
        pixmap = picture_of(self.size(), self.devicePixelRatioF(), "panel")
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(qcolor("well"))
        painter.drawRoundedRect(QRectF(self.rect()), px(RADIUS), px(RADIUS))
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
        painter.end()
        return pixmap
