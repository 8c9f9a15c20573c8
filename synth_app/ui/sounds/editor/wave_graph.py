"""The waveform of a recording with its marks, the notes found in it, and what is heard now."""

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal

from synth_app.patch import ENGINE_RATE
from synth_app.session.sounds.sound_edits import Slice, used_part
from synth_app.session.sounds.user_sound import Recording
from synth_app.ui.analyzers.detached.wave_page import extremes
from synth_app.ui.graphs.axis import GraphAxis, seconds_tick
from synth_app.ui.graphs.point_editor import Handle, PointEditor
from synth_app.ui.graphs.snap_grid import SnapGrid
from synth_app.ui.sounds.editor.marks import END, FADE_IN, FADE_OUT, LOOP_END, LOOP_START, START, RecordingMarks
from synth_app.ui.theme.theme import px, qcolor

_COLUMNS = 1200
_GRID_S = 0.01
_HEIGHTS = {START: 1.0, END: 1.0, FADE_IN: 0.72, FADE_OUT: 0.72, LOOP_START: -0.9, LOOP_END: -0.9}


class WaveGraph(PointEditor):
    """Reports what the user does to the marks; its owner changes the recording.

    Signals:
        mark_moved: a mark and its new place in seconds.
        mark_reset: a mark.
    """

    mark_moved = Signal(str, float)
    mark_reset = Signal(str)

    def __init__(self) -> None:
        bottom, left = GraphAxis("bottom", "Time", seconds_tick), GraphAxis("left", "Level")
        super().__init__("Waveform", bottom, left, grows=False, token="accent")
        self.grid = SnapGrid(_GRID_S)
        self._samples: NDArray[np.float32] = np.zeros(0, np.float32)
        self._marks: list[str] = []
        self._gain = 1.0
        self._wave = pg.PlotCurveItem(pen=pg.mkPen(qcolor("measured", 220)))
        self._used = pg.LinearRegionItem(movable=False, brush=pg.mkBrush(qcolor("accent", 26)), pen=pg.mkPen(None))
        self._loop = pg.LinearRegionItem(movable=False, brush=pg.mkBrush(qcolor("slot_b", 46)), pen=pg.mkPen(None))
        self._fades = pg.PlotCurveItem(pen=pg.mkPen(qcolor("accent"), width=px(1.5)))
        self._heard = pg.InfiniteLine(angle=90, pen=pg.mkPen(qcolor("text"), width=px(1.5)), movable=False)
        self._slices: list[pg.InfiniteLine] = []
        for z, item in ((-10, self._used), (-9, self._loop), (-5, self._wave), (1, self._fades), (8, self._heard)):
            item.setZValue(z)
            self.addItem(item, ignoreBounds=True)
        self._heard.hide()
        self.box.sigXRangeChanged.connect(lambda *_: self._draw())
        self.moved.connect(lambda which, x, _: self.mark_moved.emit(self._marks[which], x))
        self.reset.connect(lambda which: self.mark_reset.emit(self._marks[which]))

    def show_samples(self, samples: NDArray[np.float32]) -> None:
        """Show another recording, float32 [n] at the engine's rate."""
        self._samples = samples
        self.shows_all = True
        self.set_extent((0.0, max(len(samples) / ENGINE_RATE, 0.1)), (-1.0, 1.0))
        self._draw()

    def show_marks(self, recording: Recording, found_loop_s: tuple[float, float] | None) -> None:
        """Show the marks and the level of a recording."""
        marks = RecordingMarks(recording, found_loop_s)
        places = marks.places()
        self._marks = list(places)
        handles = [Handle(x, _HEIGHTS[mark], marks.text(mark), moves_y=False) for mark, x in places.items()]
        self.show_curve(np.zeros(0), np.zeros(0), handles)
        start_s, end_s = used_part(recording)
        self._used.setRegion((start_s, end_s))
        loop_s = marks.loop_s
        self._loop.setVisible(loop_s is not None)
        if loop_s is not None:
            self._loop.setRegion(loop_s)
        self._fades.setData([start_s, places[FADE_IN], places[FADE_OUT], end_s], [0.0, 0.72, 0.72, 0.0])
        gain = 10.0 ** (recording.gain_db / 20.0)
        if gain != self._gain:
            self._gain = gain
            self._draw()

    def show_slices(self, slices: Sequence[Slice]) -> None:
        """Show where notes begin."""
        for line in self._slices:
            self.removeItem(line)
        pen = pg.mkPen(qcolor("slot_c"), width=px(1.5), style=Qt.PenStyle.DashLine)
        self._slices = [pg.InfiniteLine(each.region.start_s, 90, pen, movable=False) for each in slices]
        for line in self._slices:
            self.addItem(line, ignoreBounds=True)

    def show_heard(self, at_s: float | None) -> None:
        """Show what is heard now; None for nothing."""
        self._heard.setVisible(at_s is not None)
        if at_s is not None:
            self._heard.setPos(at_s)

    def _draw(self) -> None:
        (left, right), _ = self.visible_range()
        n = len(self._samples)
        first, last = max(int(left * ENGINE_RATE) - 1, 0), min(int(right * ENGINE_RATE) + 2, n)
        if last <= first:
            self._wave.setData([], [])
            return
        at, levels = extremes(self._samples[first:last], _COLUMNS)
        self._wave.setData((at + first) / ENGINE_RATE, np.clip(levels * self._gain, -1.0, 1.0))
