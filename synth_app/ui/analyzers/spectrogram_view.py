"""The scrolling spectrogram of the output, with a logarithmic or a mel frequency axis."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from synth_app.patch import ENGINE_RATE
from synth_app.ui.analyzers.frequency_axis import Tick, frequency_ticks, row_starts, spaced
from synth_app.ui.analyzers.spectral import FLOOR_DB, Array
from synth_app.ui.analyzers.telemetry_feed import HOP, ROWS, TelemetryFeed
from synth_app.ui.drawing.canvas import Canvas
from synth_app.ui.theme.theme import colors, font, px, qcolor

SECONDS = 6.0
COLUMNS = round(SECONDS * ENGINE_RATE / HOP)
RANGES_DB = (40, 60, 80, 100)
_TOP_DB = -10.0
_MIN_TICK_GAP = 11  # design px between two frequency labels
_COLOR_STOPS = (0.0, 0.3, 0.55, 0.78, 1.0)  # of the theme's heat colours
_HELP = "The output of the last seconds: Hz over time, brighter is louder"


def color_table(range_db: float = 80.0) -> NDArray[np.uint8]:
    """Return uint8 RGB colours [256, 3] of the levels from ``FLOOR_DB`` to 0 dB.

    The quietest colour is at ``range_db`` below -10 dB, the loudest at -10 dB.
    """
    heat = [QColor(color) for color in colors().heat]
    rgb = np.array([(each.red(), each.green(), each.blue()) for each in heat])
    db = np.linspace(FLOOR_DB, 0.0, 256)
    at = np.clip((db - (_TOP_DB - range_db)) / range_db, 0.0, 1.0)
    return np.stack([np.interp(at, _COLOR_STOPS, rgb[:, i]) for i in range(3)], axis=1).round().astype(np.uint8)


class SpectrogramView(Canvas):
    """The newest sound is at the right edge. The view stops when everything shown is silence, or when frozen.

    Attributes:
        levels: uint8 [COLUMNS, ROWS], oldest first, lowest frequency first.
        shown_ticks: frequency labels at the left, in rising order.
        redraws: number of requested repaints.
    """

    def __init__(self, feed: TelemetryFeed, parent: QWidget | None = None) -> None:
        super().__init__("Spectrogram", parent)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the view has no keyboard actions
        self.setAccessibleDescription(_HELP)
        self.setToolTip(_HELP)
        self.setMinimumSize(px(200), px(80))
        self.levels = np.zeros((COLUMNS, ROWS), np.uint8)
        self._pixels = np.zeros((1, COLUMNS), np.uint32)  # of ``levels``, highest frequency first
        self._image = QImage()
        self.scale, self.range_db, self.frozen = "log", RANGES_DB[2], False
        self._starts = row_starts(self.scale, ROWS, 1)
        self._colors = _pixels(self.range_db)
        self._ticks, self._low, self._high = frequency_ticks(self.scale)
        self.shown_ticks: list[Tick] = []
        self.redraws = 0
        self._fit()
        feed.columns.connect(self.add)

    def add(self, columns: Array) -> None:
        """Append columns [n, ROWS] of dB; ignore them while frozen."""
        new = to_levels(columns)[-COLUMNS:]
        if self.frozen or (not new.any() and not self.levels.any()):
            return
        n = len(new)
        self.levels[:-n] = self.levels[n:]
        self.levels[-n:] = new
        self._pixels[:, :-n] = self._pixels[:, n:]
        self._pixels[:, -n:] = self._colored(new)
        self._redraw()

    def set_frozen(self, frozen: bool) -> None:
        """Freeze the picture, or let it scroll again."""
        self.frozen = frozen

    def set_range(self, range_db: int) -> None:
        """Show levels down to ``range_db`` below -10 dB, also in the part shown already."""
        self.range_db = range_db
        self._colors = _pixels(range_db)
        self._pixels[:] = self._colored(self.levels)
        self.update()

    def set_scale(self, scale: str) -> None:
        """Set the frequency axis to ``log`` or ``mel``, also for the part shown already."""
        self.scale = scale
        self._ticks, self._low, self._high = frequency_ticks(scale)
        self._fit()
        self.invalidate_layer()
        self._redraw()

    def area(self) -> QRectF:
        """Return the picture's rectangle in own coordinates."""
        return QRectF(self.rect()).adjusted(px(34), px(6), -px(8), -px(20))

    def y_of(self, position: float) -> float:
        """Return the y coordinate of a position on the frequency axis."""
        area = self.area()
        return area.bottom() - (position - self._low) / (self._high - self._low) * area.height()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use one line per pixel, and as many frequency labels as fit."""
        super().resizeEvent(event)
        self._fit()

    def draw_layer(self, painter: QPainter) -> None:
        """Draw both axes."""
        area = self.area()
        painter.setFont(font("caption"))
        for second in range(1, int(SECONDS)):
            x = area.right() - second / SECONDS * area.width()
            painter.setPen(QPen(qcolor("line"), 1))
            painter.drawLine(round(x), round(area.bottom()), round(x), round(area.bottom()) + px(3))
            painter.setPen(qcolor("muted"))
            box = QRectF(x - px(24), area.bottom() + px(3), px(48), px(16))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, f"-{second} s")
        for position, text in self.shown_ticks:
            y = self.y_of(position)
            painter.setPen(QPen(qcolor("line"), 1))
            painter.drawLine(round(area.left()) - px(3), round(y), round(area.left()), round(y))
            painter.setPen(qcolor("muted"))
            box = QRectF(0, y - px(8), area.left() - px(5), px(16))
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint axes and picture."""
        painter = QPainter(self)
        self.paint_layer(painter)
        if len(self._pixels) != self._height():  # moved to a screen of another resolution
            self._fit()
        painter.drawImage(self.area(), self._image)

    def _height(self) -> int:
        """Return the number of lines of the picture: the screen's."""
        return max(1, round(self.area().height() * self.devicePixelRatioF()))

    def _fit(self) -> None:
        """Adapt picture and axis to the current size and scale."""
        height = self._height()
        self._starts = row_starts(self.scale, ROWS, height)
        self._pixels = self._colored(self.levels)
        self._image = QImage(self._pixels.data, COLUMNS, height, 4 * COLUMNS, QImage.Format.Format_RGB32)
        self.shown_ticks = spaced(self._ticks, self._high - self._low, self.area().height(), px(_MIN_TICK_GAP))

    def _colored(self, levels: NDArray[np.uint8]) -> NDArray[np.uint32]:
        """Return the pixels [lines, n] of columns [n, ROWS], highest frequency first."""
        lines = np.maximum.reduceat(levels, self._starts, axis=1)
        return np.ascontiguousarray(self._colors[lines[:, ::-1].T])

    def _redraw(self) -> None:
        self.redraws += 1
        self.update()


def to_levels(db: Array) -> NDArray[np.uint8]:
    """Convert dB to colour indices: 0 at ``FLOOR_DB`` and below, 255 at 0 dB and above."""
    scaled = (db - FLOOR_DB) * (255 / -FLOOR_DB)
    return np.clip(scaled, 0, 255).astype(np.uint8)


def _pixels(range_db: float) -> NDArray[np.uint32]:
    """Return the colours as RGB32 pixels [256]."""
    red, green, blue = color_table(range_db).astype(np.uint32).T
    out: NDArray[np.uint32] = (red << 16 | green << 8 | blue).astype(np.uint32)
    return out
