"""Loudness over the last seconds: momentary and short-term."""

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray

from synth_app.patch import ENGINE_RATE
from synth_app.ui.analyzers.capture import CAPTURED_S, Capture
from synth_app.ui.analyzers.detached.analyzer_page import AnalyzerSources, Table
from synth_app.ui.analyzers.detached.time_page import TimePage
from synth_app.ui.analyzers.signal_measures import SILENT_LUFS, Loudness
from synth_app.ui.graphs.axis import GraphAxis, seconds_tick
from synth_app.ui.theme.theme import px, qcolor

_POINTS = int(CAPTURED_S * ENGINE_RATE) // Loudness.STEP
_LOWEST_LUFS, _HIGHEST_LUFS = -60.0, 0.0


class LoudnessTrack:
    """Loudness each 100 ms of the output.

    Attributes:
        lufs: float64 [points, 2], momentary and short-term, oldest first.
        end: index of the output at which the last point ends.
    """

    def __init__(self) -> None:
        self._loudness = Loudness()
        self.lufs: NDArray[np.float64] = np.full((_POINTS, 2), SILENT_LUFS)
        self.end = 0

    def follow(self, capture: Capture) -> None:
        """Compute the points that the captured sound has got, or all after it was held or released."""
        samples, end = capture.samples, capture.end
        last = end - end % Loudness.STEP
        new = (last - self.end) // Loudness.STEP
        if not 0 <= new <= _POINTS:
            self._loudness, new = Loudness(), _POINTS
        rows = []
        for back in range(new - 1, -1, -1):
            stop = len(samples) - (end - last) - back * Loudness.STEP
            if stop >= Loudness.BLOCK:
                self._loudness.add(samples[stop - Loudness.BLOCK : stop])
            rows.append((self._loudness.momentary, self._loudness.short_term))
        if rows:
            self.lufs = np.concatenate([self.lufs[len(rows) :], np.array(rows)])
        self.end = last


class LoudnessPage(TimePage):
    """The same measures as the main window's view."""

    def __init__(self, sources: AnalyzerSources) -> None:
        super().__init__("Loudness", sources, GraphAxis("left", "LUFS"), (_LOWEST_LUFS, _HIGHEST_LUFS))
        self.track = LoudnessTrack()
        self.momentary = pg.PlotCurveItem(pen=pg.mkPen(qcolor("measured"), width=px(1.5)), antialias=True)
        self.short_term = pg.PlotCurveItem(pen=pg.mkPen(qcolor("accent"), width=px(2)), antialias=True)
        self.show_legend(("measured", "momentary (0.4 s)"), ("accent", "short-term (3 s)"))
        for curve in (self.momentary, self.short_term):
            self.editor.addItem(curve, ignoreBounds=True)
        self.show_state()

    def draw(self) -> None:
        """Draw both curves."""
        self.track.follow(self.capture)
        times_s = self._times_s()
        self.momentary.setData(times_s, self.track.lufs[:, 0])
        self.short_term.setData(times_s, self.track.lufs[:, 1])

    def level_at(self, x: float) -> float:
        """Return the short-term loudness."""
        return self._at(x)[1]

    def mark_text(self, which: int, x: float) -> str:
        """Return the time and both values."""
        momentary, short_term = self._at(x)
        text = f"{seconds_tick(x)}   momentary {momentary:.1f}   short-term {short_term:.1f} LUFS"
        return text.replace("-", "−").replace("short−term", "short-term")

    def table(self, low: float, high: float) -> Table:
        """Return time and both values."""
        times_s = self._times_s()
        inside = (times_s >= low) & (times_s <= high)
        head = ("time_s", "momentary_lufs", "short_term_lufs")
        return Table(head, np.column_stack([times_s[inside], self.track.lufs[inside]]))

    def _times_s(self) -> NDArray[np.float64]:
        ends = self.track.end - self.capture.end - Loudness.STEP * np.arange(_POINTS - 1, -1, -1)
        return ends / ENGINE_RATE

    def _at(self, x: float) -> tuple[float, float]:
        nearest = int(np.abs(self._times_s() - x).argmin())
        momentary, short_term = self.track.lufs[nearest].tolist()
        return momentary, short_term
