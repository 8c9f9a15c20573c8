"""An LFO's cycle as a curve with points; the first change of a built-in shape makes it a drawn one."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRect, Qt

from synth_app.params import ParamSpec
from synth_app.patch.modulation_matrix import Lfo, Point
from synth_app.session.edit import lfo_points
from synth_app.session.edit.mod_curves import lfo_curve
from synth_app.ui.graphs.axis import GraphAxis, seconds_tick
from synth_app.ui.graphs.point_editor import Handle, PointEditor
from synth_app.ui.graphs.snap_grid import SnapGrid
from synth_app.ui.modulation.mod_specs import GROUP
from synth_app.ui.theme.theme import px, qcolor
from synth_app.ui.widgets.value_entry import open_entry
from synth_app.ui.widgets.value_format import format_value

_CYCLES, _POINTS = 2, 1025
_X_STEP, _Y_STEP = 1 / 16, 0.25
_TICKS = {0.0: "0", 0.25: "¼", 0.5: "½", 0.75: "¾", 1.0: "1", 1.5: "1½", 2.0: "2"}
_BOTTOM = -1.0
LEVEL = ParamSpec("lfo_level", "Level", "", -1.0, 1.0, 0.0, "linear", 0, GROUP, "Level of a point of the cycle.")


class LfoGraph(PointEditor):
    """Two cycles of an LFO without its fade; the points of the first are edited, and the start of a note's cycle.

    Args:
        change: called with the changed fields of the LFO.
    """

    def __init__(self, change: Callable[..., Any]) -> None:
        axis = GraphAxis("bottom", "Cycles", lambda value: _TICKS[value], lambda _low, _high: tuple(_TICKS))
        super().__init__("Shape of the LFO", axis, GraphAxis("left", "Level"), token="modulated")
        self._change = change
        self._lfo = Lfo()
        self._points: tuple[Point, ...] = ()
        self._before: tuple[Point, ...] = ()
        self.grid = SnapGrid(_X_STEP, _Y_STEP)
        self._again = pg.PlotCurveItem(pen=pg.mkPen(qcolor("border"), width=px(1.5), style=Qt.PenStyle.DashLine))
        self._start_line = pg.InfiniteLine(angle=90, pen=pg.mkPen(qcolor("border"), style=Qt.PenStyle.DashLine))
        for item in (self._again, self._start_line):
            self.addItem(item, ignoreBounds=True)
        self.set_extent((0.0, float(_CYCLES)), (-1.0, 1.0))
        self.drag_started.connect(self._keep)
        self.moved.connect(self._moved)
        self.added.connect(lambda x, y: self._write(lfo_points.add(self._points, x % 1.0, y)))
        self.removed.connect(lambda which: self._write(lfo_points.remove(self._points, which)))
        self.reset.connect(self._reset)
        self.value_requested.connect(self._enter_level)

    def show_lfo(self, lfo: Lfo, rate_hz: float) -> None:
        """Show an LFO that runs at a rate."""
        self.bottom.setLabel(f"Cycles of {seconds_tick(1.0 / rate_hz)}")
        self._lfo, self._points = lfo, lfo_points.shape_points(lfo)
        turns = np.linspace(0.0, _CYCLES, _POINTS)
        levels = lfo_curve(Lfo(lfo.shape, points=lfo.points), turns)
        first = turns < 1.0
        last = len(self._points) - 1
        handles = [
            Handle(x, y, f"{x:.3g}   {format_value(LEVEL, y)}", moves_x=0 < i < last, removable=0 < i < last)
            for i, (x, y) in enumerate(self._points)
        ]
        again = (turns >= 1.0) & (turns < _CYCLES)
        self._again.setData(turns[again], levels[again])
        self._start_line.setPos(lfo.phase)
        start = Handle(lfo.phase, _BOTTOM, f"Cycle starts at {lfo.phase:.2f}", moves_y=False)
        self.show_curve(np.append(turns[first], 1.0), np.append(levels[first], self._points[-1][1]), (*handles, start))

    def _is_start(self, which: int) -> bool:
        return which == len(self._points)

    def _keep(self) -> None:
        self._before = self._points

    def _moved(self, which: int, x: float, y: float) -> None:
        if self._is_start(which):
            self._change(phase=min(max(x, 0.0), 1.0))
        else:
            self._write(lfo_points.move(self._before, which, x, y))

    def _reset(self, which: int) -> None:
        if self._is_start(which):
            self._change(phase=0.0)
        else:
            self._write(lfo_points.move(self._points, which, self._points[which][0], 0.0))

    def _enter_level(self, which: int) -> None:
        if self._is_start(which):
            return
        x, y = self._points[which]
        at = self.position_of(x, y)
        box = QRect(round(at.x()) - px(40), round(at.y()) - px(13), px(80), px(26))
        open_entry(self, LEVEL, y, box, lambda level: self._write(lfo_points.move(self._points, which, x, level)))

    def _write(self, points: tuple[Point, ...]) -> None:
        if points != self._points:
            self._change(shape="drawn", points=points)
