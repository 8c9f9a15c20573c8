"""The loudness view: momentary and short-term loudness over the last seconds, with their values."""

from collections import deque

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from synth_app.ui.analyzers.signal_measures import SILENT_LUFS, STEP_S, Loudness
from synth_app.ui.analyzers.telemetry_feed import TelemetryFeed
from synth_app.ui.drawing.canvas import Canvas
from synth_app.ui.theme.theme import font, px, qcolor

_SECONDS = 20
_TOP_LUFS, _BOTTOM_LUFS = 0.0, -60.0
_LINES = (0, -12, -24, -36, -48)


class LevelView(Canvas):
    """One point each 100 ms. The view stops when everything shown is silence."""

    def __init__(self, feed: TelemetryFeed, parent: QWidget | None = None) -> None:
        super().__init__("Loudness", parent)
        self.setToolTip("Loudness in LUFS (ITU-R BS.1770): momentary over 0.4 s, short-term over 3 s")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.loudness = Loudness()
        self.peak_lufs = SILENT_LUFS
        self.redraws = 0
        empty = [(SILENT_LUFS, SILENT_LUFS)] * round(_SECONDS / STEP_S)
        self.history: deque[tuple[float, float]] = deque(empty, maxlen=len(empty))
        feed.blocks.connect(self.add)
        self.setMinimumSize(px(200), px(80))

    def add(self, block: object) -> None:
        """Add a block, float32 [n, 2]; repaint if anything shown changes."""
        assert isinstance(block, np.ndarray)
        self.loudness.add(block)
        if self.loudness.silent and all(momentary <= SILENT_LUFS for momentary, _ in self.history):
            return
        self.history.append((self.loudness.momentary, self.loudness.short_term))
        self.peak_lufs = max(momentary for momentary, _ in self.history)
        if self.isVisible():
            self.redraws += 1
            self.setAccessibleDescription(self.describe())
            self.update()

    def describe(self) -> str:
        """Return the values in words."""
        return f"momentary {_text(self.loudness.momentary)}, short-term {_text(self.loudness.short_term)} LUFS"

    def area(self) -> QRectF:
        """Return the rectangle of the curves."""
        return QRectF(self.rect()).adjusted(px(34), px(8), -px(104), -px(8))

    def draw_layer(self, painter: QPainter) -> None:
        """Draw the scale."""
        painter.setFont(font("caption"))
        area = self.area()
        for mark in _LINES:
            y = round(self._y(mark)) + 0.5
            painter.setPen(QPen(qcolor("line", 130), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(qcolor("muted"))
            box = QRectF(0, y - px(8), area.left() - px(5), px(16))
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, str(mark))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint scale, curves and values."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.paint_layer(painter)
        for which, token, width in ((0, "measured", 1.0), (1, "accent", 2.0)):
            painter.setPen(QPen(qcolor(token), px(width)))
            painter.drawPolyline(self._curve(which))
        left = self.area().right() + px(12)
        rows = (
            ("Momentary", self.loudness.momentary, "measured"),
            ("Short-term", self.loudness.short_term, "accent"),
            ("Maximum", self.peak_lufs, "text"),
        )
        for i, (name, value, token) in enumerate(rows):
            top = px(8) + i * (self.height() - px(16)) / 3
            painter.setFont(font("caption"))
            painter.setPen(qcolor("muted"))
            painter.drawText(QRectF(left, top, px(92), px(14)), Qt.AlignmentFlag.AlignVCenter, name)
            painter.setFont(font("title"))
            painter.setPen(qcolor("text" if token == "measured" else token))
            painter.drawText(QRectF(left, top + px(13), px(92), px(18)), Qt.AlignmentFlag.AlignVCenter, _text(value))
        self.paint_focus(painter)

    def _curve(self, which: int) -> QPolygonF:
        area, n = self.area(), len(self.history)
        return QPolygonF(
            [
                QPointF(area.left() + i / (n - 1) * area.width(), self._y(point[which]))
                for i, point in enumerate(self.history)
            ]
        )

    def _y(self, lufs: float) -> float:
        area = self.area()
        fraction = (min(max(lufs, _BOTTOM_LUFS), _TOP_LUFS) - _BOTTOM_LUFS) / (_TOP_LUFS - _BOTTOM_LUFS)
        return area.bottom() - fraction * area.height()


def _text(lufs: float) -> str:
    return "–" if lufs <= SILENT_LUFS else f"{lufs:.1f} LUFS".replace("-", "−")
