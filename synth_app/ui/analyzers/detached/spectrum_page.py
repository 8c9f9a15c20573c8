"""The spectrum of the newest output, the frame that the model decodes, and a kept spectrum to compare with."""

import math

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt

from synth_app.session import ModelChanged, PatchChanged
from synth_app.ui.analyzers.detached.analyzer_page import AnalyzerPage, AnalyzerSources, Table
from synth_app.ui.analyzers.detached.marks import Marks
from synth_app.ui.analyzers.frequency_axis import frequency_ticks
from synth_app.ui.analyzers.signal_measures import pitch_text
from synth_app.ui.analyzers.spectral import FLOOR_DB, Array, SpectrumAnalyzer
from synth_app.ui.analyzers.spectrum_view import SlotLevels, decoded_frame
from synth_app.ui.graphs.axis import GraphAxis
from synth_app.ui.theme.theme import px, qcolor

_N_FFT, _PADDING = 8192, 4  # tones between two bins lose at most 0.1 dB
_TOP_DB = 6.0
_FILL_ALPHA = 50
_CURVES = (("measured", "output"), ("accent", "decoded frame"))  # always there
_MARKS = Marks(math.log10(220.0), math.log10(440.0), math.log10(100.0), math.log10(5000.0))


class SpectrumPage(AnalyzerPage):
    """Places are the decimal logarithms of frequencies in Hz."""

    def __init__(self, sources: AnalyzerSources) -> None:
        ticks, low, high = frequency_ticks("log")
        texts = dict(ticks)
        bottom = GraphAxis("bottom", "Hz", lambda at: texts[at], lambda _low, _high: tuple(texts))
        super().__init__("Spectrum", sources, (bottom, GraphAxis("left", "dB")), _MARKS)
        self._store, self._levels = sources.subscriptions.store, SlotLevels()
        self._analyzer = SpectrumAnalyzer(_N_FFT, _PADDING)
        self._hz = self._analyzer.frequencies_hz[1:]
        self.output_db: Array = np.full(len(self._hz), FLOOR_DB, np.float32)
        self.kept_db: Array | None = None
        self.output = pg.PlotCurveItem(
            pen=pg.mkPen(qcolor("measured")), brush=pg.mkBrush(qcolor("measured", _FILL_ALPHA)), fillLevel=FLOOR_DB
        )
        self.decoded = pg.PlotCurveItem(pen=pg.mkPen(qcolor("accent"), width=px(1.5)), antialias=True)
        self.kept = pg.PlotCurveItem(pen=pg.mkPen(qcolor("warning"), style=Qt.PenStyle.DotLine))
        for curve in (self.output, self.kept, self.decoded):
            self.editor.addItem(curve, ignoreBounds=True)
        self.show_legend(*_CURVES)
        self.keep = self.add_switch("Keep", "Keep the present spectrum beside the new ones, to compare them")
        self.keep.toggled.connect(self._set_kept)
        self.editor.set_extent((low, high), (FLOOR_DB, _TOP_DB))
        sources.subscriptions.on(ModelChanged, lambda _: self._draw_decoded())
        sources.subscriptions.on(PatchChanged, lambda _: self._draw_decoded())
        self._draw_decoded()
        self.show_state()

    def draw(self) -> None:
        """Draw the spectrum of the newest output."""
        mono = self.capture.samples[-_N_FFT:].mean(axis=1, dtype=np.float32)
        self.output_db = self._analyzer(mono)[1:]
        self.output.setData(np.log10(self._hz), self.output_db)

    def level_at(self, x: float) -> float:
        """Return the level of the output."""
        return float(np.interp(10.0**x, self._hz, self.output_db))

    def mark_text(self, which: int, x: float) -> str:
        """Return the frequency, its pitch and the level."""
        hz = 10.0**x
        return f"{hz:.1f} Hz  {pitch_text(hz)}   {self.level_at(x):.1f} dB".replace("-", "−")

    def distance_text(self) -> str:
        """Describe interval and level difference of the cursors, and the region."""
        marks, parts = self.marks, []
        if marks.cursors:
            ratio = 10.0 ** (marks.b - marks.a)
            level = self.level_at(marks.b) - self.level_at(marks.a)
            gap_hz = 10**marks.b - 10**marks.a
            parts.append(f"B − A  {gap_hz:+.1f} Hz   {12 * math.log2(ratio):+.2f} st   {level:+.1f} dB")
        if marks.region:
            parts.append(f"region  {10**marks.start:.0f} to {10**marks.end:.0f} Hz")
        return "     ".join(parts).replace("-", "−")

    def table(self, low: float, high: float) -> Table:
        """Return frequency, output, and the decoded and the kept spectrum where there are any."""
        inside = (self._hz >= 10.0**low) & (self._hz <= 10.0**high)
        head = ["frequency_hz", "output_db"]
        columns: list[NDArray[np.floating]] = [self._hz, self.output_db]
        found = decoded_frame(self._store, self._levels)
        if found is not None:
            head.append("decoded_db")
            columns.append(np.interp(self._hz, found[0], found[1], right=FLOOR_DB))
        if self.kept_db is not None:
            head.append("kept_db")
            columns.append(self.kept_db)
        rows: NDArray[np.floating] = np.column_stack(columns)[inside]
        return Table(tuple(head), rows)

    def _draw_decoded(self) -> None:
        found = decoded_frame(self._store, self._levels)
        if found is None:
            self.decoded.setData([], [])
        else:
            self.decoded.setData(np.log10(found[0][1:]), found[1][1:])

    def _set_kept(self, on: bool) -> None:
        self.kept_db = self.output_db.copy() if on else None
        self.show_legend(*_CURVES, *([("warning", "kept")] if on else []))
        self.kept.setData(*((np.log10(self._hz), self.kept_db) if self.kept_db is not None else ([], [])))
