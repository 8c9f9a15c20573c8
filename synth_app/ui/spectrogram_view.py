"""The scrolling spectrogram of the output, logarithmic in frequency."""

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from synth_app.engine import ENGINE_RATE
from synth_app.ui.feed import HOP, ROWS, Feed
from synth_app.ui.panel import Panel, label
from synth_app.ui.plot_style import frequency_range, frequency_ticks, quiet_plot
from synth_app.ui.spectral import FLOOR_DB, Array
from synth_app.ui.theme import COLORS

SECONDS = 6.0
COLUMNS = round(SECONDS * ENGINE_RATE / HOP)
_TOP_DB, _BOTTOM_DB = -10.0, -90.0
_PLACES = (0.0, 0.3, 0.55, 0.78, 1.0)  # of the theme's heat colours


def color_table() -> NDArray[np.uint8]:
    """256 RGB colours, quiet to loud."""
    rgb = np.array([QColor(color).getRgb()[:3] for color in COLORS.heat])  # type: ignore[index]
    at = np.linspace(0, 1, 256)
    return np.stack([np.interp(at, _PLACES, rgb[:, i]) for i in range(3)], axis=1).round().astype(np.uint8)


class SpectrogramView(Panel):
    """Newest sound at the right edge. Stands still once everything shown is silence."""

    def __init__(self, feed: Feed, parent: QWidget | None = None) -> None:
        super().__init__("Spectrogram", parent)
        self.header.addWidget(label(f"last {SECONDS:.0f} s, {_BOTTOM_DB:.0f} to {_TOP_DB:.0f} dB", "caption"))
        self.plot = quiet_plot("Spectrogram", "The output of the last seconds: Hz over time, brighter is louder")
        low, high = frequency_range()
        self.plot.setXRange(-SECONDS, 0, padding=0)
        self.plot.setYRange(low, high, padding=0)
        self.plot.getAxis("left").setTicks(frequency_ticks())
        ticks = [(float(second), f"{second} s") for second in range(-5, 0)]
        self.plot.getAxis("bottom").setTicks([ticks])
        self.levels = np.zeros((COLUMNS, ROWS), np.uint8)
        self._image = pg.ImageItem(self.levels, levels=None, autoLevels=False)
        self._image.setLookupTable(color_table())
        self._image.setRect(QRectF(-SECONDS, low, SECONDS, high - low))
        self.plot.addItem(self._image)
        self.box.addWidget(self.plot, 1)
        self.redraws = 0
        feed.columns.connect(self.add)

    def add(self, columns: Array) -> None:
        """Scroll in columns [n, ROWS] of dB."""
        new = to_levels(columns)[-COLUMNS:]
        if not new.any() and not self.levels.any():
            return
        n = len(new)
        self.levels[:-n] = self.levels[n:]
        self.levels[-n:] = new
        self._image.setImage(self.levels, autoLevels=False, levels=(0, 255))
        self.redraws += 1


def to_levels(db: Array) -> NDArray[np.uint8]:
    """dB to colour index: ``_BOTTOM_DB`` and below 0, ``_TOP_DB`` and above 255."""
    share = (np.maximum(db, FLOOR_DB) - _BOTTOM_DB) * (255 / (_TOP_DB - _BOTTOM_DB))
    return np.clip(share, 0, 255).astype(np.uint8)
