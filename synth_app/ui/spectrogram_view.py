"""The scrolling spectrogram of the output, logarithmic in frequency."""

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from synth_app.engine import ENGINE_RATE
from synth_app.ui.feed import HOP, ROWS, Feed
from synth_app.ui.panel import tight
from synth_app.ui.plot_style import MAJOR_HZ, frequency_range, frequency_ticks, quiet_plot, spaced
from synth_app.ui.spectral import FLOOR_DB, Array
from synth_app.ui.theme import COLORS, px

SECONDS = 6.0
COLUMNS = round(SECONDS * ENGINE_RATE / HOP)
RANGES_DB = (40, 60, 80, 100)
_TOP_DB = -10.0
_AROUND = 26  # px of height that are not the picture
_LEAST_APART = 11  # px between two frequencies written at the side
_PLACES = (0.0, 0.3, 0.55, 0.78, 1.0)  # of the theme's heat colours


def color_table(range_db: float = 80.0) -> NDArray[np.uint8]:
    """RGB colours of the 256 levels from ``FLOOR_DB`` to 0 dB: ``range_db`` below -10 dB quiet, -10 dB loud."""
    rgb = np.array([QColor(color).getRgb()[:3] for color in COLORS.heat])  # type: ignore[index]
    db = np.linspace(FLOOR_DB, 0.0, 256)
    at = np.clip((db - (_TOP_DB - range_db)) / range_db, 0.0, 1.0)
    return np.stack([np.interp(at, _PLACES, rgb[:, i]) for i in range(3)], axis=1).round().astype(np.uint8)


def mel_rows(centers_hz: NDArray[np.floating]) -> NDArray[np.intp]:
    """For rows evenly spaced in mel (Slaney 1998) between the same ends, which log row each shows."""
    mel = hz_to_mel(np.asarray([centers_hz[0], centers_hz[-1]]))
    wanted = np.linspace(mel[0], mel[1], len(centers_hz))
    places = np.interp(wanted, hz_to_mel(np.asarray(centers_hz)), np.arange(len(centers_hz)))
    out: NDArray[np.intp] = np.rint(places).astype(np.intp)
    return out


def hz_to_mel(hz: NDArray[np.floating]) -> NDArray[np.float64]:
    """Mel of frequencies: linear below 1 kHz, logarithmic above (Slaney's Auditory Toolbox, 1998)."""
    linear = hz * (3.0 / 200.0)
    bent: NDArray[np.float64] = np.where(
        hz < 1000.0, linear, 15.0 + 27.0 * np.log(np.maximum(hz, 1.0) / 1000.0) / np.log(6.4)
    )
    return bent


class SpectrogramView(QWidget):
    """Newest sound at the right edge. Stands still once everything shown is silence, or when frozen."""

    def __init__(self, feed: Feed, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._feed = feed
        self.plot = quiet_plot("Spectrogram", "The output of the last seconds: Hz over time, brighter is louder")
        self.plot.setXRange(-SECONDS, 0, padding=0)
        ticks = [(float(second), f"{second} s") for second in range(-5, 0)]
        self.plot.getAxis("bottom").setTicks([ticks])
        self.levels = np.zeros((COLUMNS, ROWS), np.uint8)
        self.scale, self.range_db, self.frozen = "log", 80, False
        self._mel = mel_rows(feed.rows.centers_hz)
        self._ticks, self._span = frequency_ticks(), 1.0
        self.shown_ticks = self._ticks
        self._image = pg.ImageItem(self.levels, levels=None, autoLevels=False)
        self._image.setLookupTable(color_table(self.range_db))
        self.plot.addItem(self._image)
        column = QVBoxLayout(self)
        tight(column, 0, 0)
        column.addWidget(self.plot)
        self.redraws = 0
        self.set_scale("log")
        feed.columns.connect(self.add)

    def add(self, columns: Array) -> None:
        """Scroll in columns [n, ROWS] of dB; while frozen they are let go."""
        new = to_levels(columns)[-COLUMNS:]
        if self.frozen or (not new.any() and not self.levels.any()):
            return
        n = len(new)
        self.levels[:-n] = self.levels[n:]
        self.levels[-n:] = new
        self._draw()

    def set_frozen(self, frozen: bool) -> None:
        """Let the picture stand still, or go on."""
        self.frozen = frozen

    def set_range(self, range_db: int) -> None:
        """Show levels down to ``range_db`` below -10 dB; what is on the screen changes too."""
        self.range_db = range_db
        self._image.setLookupTable(color_table(range_db))

    def set_scale(self, scale: str) -> None:
        """Frequency axis: ``log`` or ``mel``; what is on the screen changes too."""
        self.scale = scale
        low, high = frequency_range()
        if scale == "mel":
            ends = hz_to_mel(10.0 ** np.array([low, high]))
            low, high = float(ends[0]), float(ends[1])
            self._ticks = [(float(hz_to_mel(np.array([hz]))[0]), text) for hz, text in MAJOR_HZ if hz >= 500]
        else:
            self._ticks = frequency_ticks()
        self._span = high - low
        self._show_ticks()
        self.plot.setYRange(low, high, padding=0)
        self._image.setRect(QRectF(-SECONDS, low, SECONDS, high - low))
        self._draw()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As many frequencies as can be read."""
        super().resizeEvent(event)
        self._show_ticks()

    def _show_ticks(self) -> None:
        length = self.height() - px(_AROUND)
        self.shown_ticks = spaced(self._ticks, self._span, length, px(_LEAST_APART))
        self.plot.getAxis("left").setTicks([self.shown_ticks])

    def _draw(self) -> None:
        shown = self.levels if self.scale == "log" else self.levels[:, self._mel]
        self._image.setImage(shown, autoLevels=False, levels=(0, 255))
        self.redraws += 1


def to_levels(db: Array) -> NDArray[np.uint8]:
    """dB to colour index: ``FLOOR_DB`` and below 0, 0 dB and above 255."""
    share = (db - FLOOR_DB) * (255 / -FLOOR_DB)
    return np.clip(share, 0, 255).astype(np.uint8)
