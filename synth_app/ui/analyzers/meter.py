"""The output meter: two peak bars in dB with peak marks, and a limiter light that stays on until clicked."""

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QLinearGradient, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from synth_app.audio.protocol.messages import Meters
from synth_app.ui.drawing.cached_background import CachedBackground
from synth_app.ui.theme.theme import GRID, font, px, qcolor, reduced_motion

LOW_DB, HIGH_DB = -60.0, 6.0
_FALL_DB = 1.5  # per update of 33 ms: 45 dB/s, fast enough to separate notes
_HOLD_UPDATES = 30
_MARKS = (0, -12, -24, -36, -48)


class OutputMeter(QWidget):
    """Shows the peaks given to ``show_meters``; repaints only when a bar or the light changes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.levels_db = [LOW_DB, LOW_DB]
        self.peaks_db = [LOW_DB, LOW_DB]
        self._peak_age = [0, 0]
        self._background = CachedBackground(self, behind="panel")
        self.limited = False
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumHeight(px(80))
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Output level")
        self.setToolTip("Output peaks in dB. The light shows that the limiter was active; click to clear it.")
        self._idle_timer = QTimer(self)  # lowers the bars when no more peaks arrive
        self._idle_timer.setInterval(50)
        self._idle_timer.timeout.connect(lambda: self._show(0.0, 0.0))

    def sizeHint(self) -> QSize:
        """Prefer the size of two bars and a scale."""
        return QSize(px(52), px(96))

    def show_meters(self, meters: Meters) -> None:
        """Show new peaks."""
        if meters.limited and not self.limited:
            self.limited = True
            self.setAccessibleDescription("The limiter was active")
            self.update()
        self._show(meters.peak_left, meters.peak_right)

    def clear_limited(self) -> None:
        """Turn the limiter light off."""
        self.limited = False
        self.setAccessibleDescription("")
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Turn the light off on a click."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.clear_limited()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Turn the light off on Space or Enter."""
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.clear_limited()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint light, bars and scale."""
        painter = QPainter(self)
        self._background.paint(painter, self.limited, self._paint_background)
        for i in range(2):
            self._paint_bar(painter, self._bar(i), i)
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(qcolor("focus"), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 3, 3)

    def _paint_background(self, painter: QPainter) -> None:
        """Paint light, tracks and scale."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(qcolor("danger" if self.limited else "raised"))
        painter.drawRoundedRect(QRectF(0, 0, self._bar(1).right(), px(GRID)), px(2), px(2))
        painter.setBrush(qcolor("track"))
        for i in range(2):
            painter.drawRoundedRect(self._bar(i), px(2), px(2))
        painter.setFont(font("caption"))
        painter.setPen(qcolor("muted"))
        for mark in _MARKS:
            y = self._y(mark)
            painter.drawText(QRectF(px(26), y - px(8), px(24), px(16)), Qt.AlignmentFlag.AlignVCenter, str(mark))

    def _bar(self, channel: int) -> QRectF:
        width = px(10)
        return QRectF(channel * (width + px(3)), px(GRID) + px(4), width, self._bar_height())

    def _paint_bar(self, painter: QPainter, rect: QRectF, channel: int) -> None:
        top = self._y(self.levels_db[channel])
        gradient = QLinearGradient(QPointF(0, rect.bottom()), QPointF(0, rect.top()))
        gradient.setColorAt(0.0, qcolor("good"))
        gradient.setColorAt(0.72, qcolor("good"))
        gradient.setColorAt(0.85, qcolor("warning"))
        gradient.setColorAt(0.95, qcolor("danger"))
        painter.fillRect(QRectF(rect.left(), top, rect.width(), rect.bottom() - top), gradient)
        if self.peaks_db[channel] > LOW_DB:
            mark = QRectF(rect.left(), self._y(self.peaks_db[channel]), rect.width(), px(1.5))
            painter.fillRect(mark, qcolor("text"))

    def _show(self, left: float, right: float) -> None:
        before = (*self.levels_db, *self.peaks_db)
        for i, peak in enumerate((left, right)):
            db = 20 * math.log10(peak) if peak > 0 else LOW_DB
            self.levels_db[i] = min(
                max(db, LOW_DB if reduced_motion() else self.levels_db[i] - _FALL_DB, LOW_DB), HIGH_DB
            )
            self._peak_age[i] = 0 if self.levels_db[i] >= self.peaks_db[i] else self._peak_age[i] + 1
            if self._peak_age[i] == 0 or self._peak_age[i] > _HOLD_UPDATES:
                self.peaks_db[i] = max(self.levels_db[i], self.peaks_db[i] - _FALL_DB if self._peak_age[i] else LOW_DB)
        if before != (*self.levels_db, *self.peaks_db):
            self.update()
        if max(self.peaks_db) > LOW_DB:
            self._idle_timer.start()
        else:
            self._idle_timer.stop()

    def _bar_height(self) -> float:
        return self.height() - px(GRID) - px(4)

    def _y(self, db: float) -> float:
        fraction = (min(max(db, LOW_DB), HIGH_DB) - LOW_DB) / (HIGH_DB - LOW_DB)
        return self.height() - fraction * self._bar_height()
