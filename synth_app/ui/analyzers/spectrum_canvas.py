"""The canvas of two spectra over logarithmic frequency: cheap enough to paint at every screen refresh."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QWidget

from synth_app.ui.analyzers.frequency_axis import MAJOR_HZ
from synth_app.ui.analyzers.spectral import HIGH_HZ, LOW_HZ
from synth_app.ui.drawing.canvas import Canvas
from synth_app.ui.drawing.curve_raster import Raster, raster_for
from synth_app.ui.theme.theme import font, px, qcolor

Floats = NDArray[np.floating]
LOW_DB, HIGH_DB = -100.0, 8.0
_DB_LINES = (0, -20, -40, -60, -80)
_CURVE_COLORS = {
    "output": "measured", "decoded": "accent", "a step up": "slot_c", "a step down": "slot_c", "drawn": "slot_d",
    "out of reach": "danger",
}  # fmt: skip
_DRAWN_STYLE, _LOST_STYLE = Qt.PenStyle.SolidLine, Qt.PenStyle.DotLine
_FILL_OPACITY = 0.23  # of the area below a line


class SpectrumCanvas(Canvas):
    """The measured output as a filled area and the decoded frame as a line above it.

    Attributes:
        output, decoded: (Hz [n], dB [n]); None before the first one.
        effect: (Hz [n], dB [n] after a step down, dB [n] after a step up) of the slider that is pointed at.
        drawn: (Hz [n], dB [n] with NaN where nothing is drawn, [n] where the sound does not follow) of the pencil.
        pencil: whether the mouse draws; ``stroke_began``, ``stroke_moved`` (Hz, dB) and ``stroke_ended`` tell what.
        peak: the strongest peak of the output in words.
    """

    stroke_began = Signal()
    stroke_moved = Signal(float, float)
    stroke_ended = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Spectrum", parent)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.output: tuple[Floats, Floats] | None = None
        self.decoded: tuple[Floats, Floats] | None = None
        self.effect: tuple[Floats, Floats, Floats] | None = None
        self.drawn: tuple[Floats, Floats, NDArray[np.bool_]] | None = None
        self.pencil = self._drawing = False
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

    def set_pencil(self, *, on: bool) -> None:
        """Let the mouse draw, or forget what was drawn."""
        self.pencil = on
        self.setCursor(Qt.CursorShape.CrossCursor if on else Qt.CursorShape.ArrowCursor)
        self.show_drawn(None)

    def show_drawn(self, drawn: tuple[Floats, Floats, NDArray[np.bool_]] | None) -> None:
        """Show a stroke of the pencil; None shows none."""
        if drawn is not None or self.drawn is not None:
            self.drawn = drawn
            self.update()

    def hz_and_db_at(self, position: QPointF) -> tuple[float, float]:
        """Return the frequency and the level at a position, within the axes."""
        area = self.area()
        across = min(max((position.x() - area.left()) / area.width(), 0.0), 1.0)
        up = min(max((area.bottom() - position.y()) / area.height(), 0.0), 1.0)
        return float(LOW_HZ * (HIGH_HZ / LOW_HZ) ** across), LOW_DB + up * (HIGH_DB - LOW_DB)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a stroke of the pencil."""
        if self.pencil and event.button() == Qt.MouseButton.LeftButton:
            self._drawing = True
            self.stroke_began.emit()
            self.stroke_moved.emit(*self.hz_and_db_at(event.position()))
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Continue the stroke."""
        if self._drawing:
            self.stroke_moved.emit(*self.hz_and_db_at(event.position()))
        else:
            super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the stroke."""
        if self._drawing:
            self.cancel_press()
        else:
            super().mouseReleaseEvent(event)

    def cancel_press(self) -> None:
        """End the stroke; also called if the mouse button was released over another window."""
        if self._drawing:
            self._drawing = False
            self.stroke_ended.emit()

    def legend(self) -> tuple[str, ...]:
        """Return the words of the legend, from the right: the curves, then the strongest peak or the effect."""
        if self.effect is not None:
            return "output", "decoded", "a step up", "a step down"
        if self.drawn is not None:
            return "output", "decoded", "drawn", *(("out of reach",) if self.drawn[2].any() else ())
        return "output", "decoded", self.peak

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
        if self.drawn is not None:
            self._paint_drawn(painter, *self.drawn)
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
        for text in self.legend():
            token = _CURVE_COLORS.get(text, "")
            width = self._text_widths.get(text) or metrics.horizontalAdvance(text)
            if token:
                self._text_widths[text] = width
            x -= width
            box = QRectF(x, area.top(), width + 1, px(16))
            painter.fillRect(box.adjusted(-px(14 if token else 3), 0, px(3), 0), qcolor("well", 190))
            painter.setPen(qcolor("muted"))
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, text)
            if token:
                self._paint_key(painter, QRectF(x - px(12), area.top() + px(4), px(8), px(8)), text, token)
            x -= px(24)

    def _paint_key(self, painter: QPainter, box: QRectF, text: str, token: str) -> None:
        """Paint the mark beside a curve's name: as the curve is painted."""
        if token != "slot_c":
            painter.fillRect(box, qcolor(token))
            return
        painter.fillRect(box, qcolor(token, round(255 * _FILL_OPACITY)))
        y = box.top() if text == "a step up" else box.bottom()
        style = Qt.PenStyle.SolidLine if text == "a step up" else Qt.PenStyle.DotLine
        painter.setPen(QPen(qcolor(token), px(1.5), style))
        painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))

    def _paint_effect(self, painter: QPainter, raster: Raster, hz: Floats, down: Floats, up: Floats) -> None:
        """Paint a slider's effect: a line for each step and the filled area between them."""
        x, high = self._points("effect", hz, up)
        low = self.y_of(down)
        raster.line(x, high, px(1.5))
        raster.line(x, low, 1, dash=px(2))
        raster.between(x, high, low, _FILL_OPACITY)
        raster.paint(painter, qcolor("slot_c"))

    def _paint_drawn(self, painter: QPainter, hz: Floats, db: Floats, missed: NDArray[np.bool_]) -> None:
        """Paint the stroke in pieces: where the sound follows it, and where it does not."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shown = np.flatnonzero(np.isfinite(db))
        x, y = self.x_of(np.maximum(hz[shown], LOW_HZ)), self.y_of(db[shown])
        breaks = np.flatnonzero((np.diff(shown) > 1) | (np.diff(missed[shown].astype(int)) != 0)) + 1
        for piece in np.split(np.arange(len(shown)), breaks):
            if not len(piece):
                continue
            lost = bool(missed[shown[piece[0]]])
            painter.setPen(QPen(qcolor("danger" if lost else "slot_d"), px(2), _LOST_STYLE if lost else _DRAWN_STYLE))
            painter.drawPolyline(QPolygonF([QPointF(float(x[i]), float(y[i])) for i in piece]))

    def _points(self, curve: str, hz: Floats, db: Floats) -> tuple[Floats, Floats]:
        """Return a curve's pixels; x is computed once per frequency array, which stays the same for each source."""
        known = self._curve_pixels.get(curve)
        if known is None or known[0] is not hz:
            known = self._curve_pixels[curve] = hz, self.x_of(hz)
        return known[1], self.y_of(db)
