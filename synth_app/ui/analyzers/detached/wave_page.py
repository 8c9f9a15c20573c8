"""The waveform of both channels over the last seconds."""

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray

from synth_app.patch import ENGINE_RATE
from synth_app.ui.analyzers.detached.analyzer_page import AnalyzerSources, Table
from synth_app.ui.analyzers.detached.time_page import TimePage
from synth_app.ui.analyzers.spectral import Array
from synth_app.ui.graphs.axis import GraphAxis, seconds_tick
from synth_app.ui.theme.theme import qcolor

_COLUMNS = 1000  # of the picture; each shows the least and the greatest sample
_CHANNELS = (("left", "accent"), ("right", "modulated"))


class WavePage(TimePage):
    """Draws as many samples as are in view: all of them close up, their extremes from afar."""

    def __init__(self, sources: AnalyzerSources) -> None:
        super().__init__("Waveform", sources, GraphAxis("left", "Level"), (-1.0, 1.0))
        self.curves = [pg.PlotCurveItem(pen=pg.mkPen(qcolor(token, 200))) for _, token in _CHANNELS]
        self.show_legend(*((token, channel) for channel, token in _CHANNELS))
        for curve in self.curves:
            self.editor.addItem(curve, ignoreBounds=True)
        self.editor.box.sigXRangeChanged.connect(lambda *_: self.draw())
        self.show_state()

    def draw(self) -> None:
        """Draw the samples in view."""
        (left, right), _ = self.editor.visible_range()
        samples = self.capture.samples
        first, last = max(self.frame_at(left) - 1, 0), min(self.frame_at(right) + 1, len(samples))
        for channel, curve in enumerate(self.curves):
            at, levels = extremes(samples[first:last, channel], _COLUMNS)
            curve.setData((at + first - len(samples)) / ENGINE_RATE, levels)

    def level_at(self, x: float) -> float:
        """Return 0: cursors stand on the middle line."""
        return 0.0

    def mark_text(self, which: int, x: float) -> str:
        """Return the time, and the samples there."""
        samples = self.capture.samples
        left, right = samples[min(self.frame_at(x), len(samples) - 1)].tolist()
        return f"{seconds_tick(x)}   L {left:+.3f}   R {right:+.3f}".replace("-", "−")

    def table(self, low: float, high: float) -> Table:
        """Return time and samples."""
        first, last = self.frame_at(low), self.frame_at(high)
        samples = self.capture.samples
        times_s = (np.arange(first, last) - len(samples)) / ENGINE_RATE
        return Table(("time_s", "left", "right"), np.column_stack([times_s, samples[first:last]]))


def extremes(samples: Array, columns: int) -> tuple[NDArray[np.intp], Array]:
    """Return (index, level) of samples [n]: all of them, or the least and greatest of ``columns`` even parts."""
    n = len(samples)
    if n <= 2 * columns:
        return np.arange(n), samples
    size = n // columns
    parts = samples[: size * columns].reshape(columns, size)
    at = np.repeat(np.arange(columns) * size + size // 2, 2)
    return at, np.stack([parts.min(axis=1), parts.max(axis=1)], axis=1).ravel()
