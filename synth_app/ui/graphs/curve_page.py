"""The base of pages that edit a dense curve over time by its points: latent paths and automation."""

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRect, Qt

from synth_app.params import ParamSpec
from synth_app.session.edit import curve_points
from synth_app.session.edit.curve_points import Floats, PointCurve
from synth_app.ui.graphs.axis import GraphAxis, seconds_tick
from synth_app.ui.graphs.edited_curve import EditedCurve
from synth_app.ui.graphs.graph_page import GraphPage
from synth_app.ui.graphs.point_editor import Handle, PointEditor
from synth_app.ui.graphs.snap_grid import SnapGrid
from synth_app.ui.graphs.time_grid import TimeGrid
from synth_app.ui.theme.theme import px, qcolor
from synth_app.ui.widgets.value_entry import open_entry

_TOLERANCE = 0.025  # of the height, of the points that are found in a curve
_ON_CURVE = 0.004  # of the height: a point added so near to the curve does not change it
_Y_LINES = 20  # of the grid, from bottom to top
_HINT = (
    "Drag points (Shift finely, Ctrl to the grid). Double-click adds or resets one. Wheel zooms, with Ctrl the height."
)


@dataclass(frozen=True)
class ShownCurve:
    """A curve as it is shown.

    Attributes:
        values: float64 [n], as the session holds them.
        rate_hz: values per second.
        rest: what is added to a value to get its level on the axis.
        low, high: ends of the axis.
        spec: formats and parses a level; on a parameter's normalized axis ``normalized`` is set.
        normalized: whether levels are normalized values of ``spec``.
        filled: whether the area between the curve and ``rest`` is filled.
    """

    values: Floats
    rate_hz: float
    rest: float
    low: float
    high: float
    spec: ParamSpec
    normalized: bool = False
    filled: bool = True

    def value_of(self, level: float) -> float:
        """Return the value in the unit of ``spec`` at a level of the axis."""
        return self.spec.from_normalized(level) if self.normalized else level

    def level_of(self, value: float) -> float:
        """Return the level on the axis of a value in the unit of ``spec``."""
        return self.spec.to_normalized(value) if self.normalized else value

    @property
    def seconds(self) -> float:
        """Time of the last value."""
        return (len(self.values) - 1) / self.rate_hz


class CurvePage(GraphPage):
    """Edits one curve. Subclasses read it from the session and write it back.

    Args:
        name: accessible name of the graph.
        text: formats a level for its spec.
    """

    def __init__(self, name: str, text: Callable[[ParamSpec, float], str]) -> None:
        super().__init__()
        self._text = text
        self.shown: ShownCurve | None = None
        self.edited = EditedCurve()
        self.editor = PointEditor(name, GraphAxis("bottom", "Time", seconds_tick), GraphAxis("left", "Value"))
        self.ghost = pg.PlotCurveItem(pen=pg.mkPen(qcolor("muted"), width=px(1.25), style=Qt.PenStyle.DotLine))
        self.editor.addItem(self.ghost, ignoreBounds=True)
        self.time_grid = TimeGrid()
        self.time_grid.changed.connect(self.show_state)
        self.editor.drag_started.connect(self.edited.begin)
        self.editor.moved.connect(self._moved)
        self.editor.added.connect(self._added)
        self.editor.removed.connect(self._removed)
        self.editor.reset.connect(self._reset)
        self.editor.stroked.connect(self._stroked)
        self.editor.value_requested.connect(self._enter_value)

    def add_graph(self) -> None:
        """Add the tools that all curves have, and the graph."""
        self.draw = self.add_switch("Draw", "Draw the curve freely with the mouse")
        self.draw.toggled.connect(lambda on: setattr(self.editor, "draws", on))
        self.tools.addWidget(self.time_grid.combo)
        self.snap = self.add_snap(self.editor)
        self.fit = self.add_fit(self.editor)
        self.box.addWidget(self.editor, 1)
        self.add_hint(_HINT)

    # ---- for subclasses

    @abstractmethod
    def read(self) -> ShownCurve | None:
        """Return the curve of the session; None if there is nothing to edit."""

    @abstractmethod
    def write(self, values: Floats) -> None:
        """Give a changed curve to the session."""

    @abstractmethod
    def tempo_bpm(self) -> float:
        """Return the tempo of the time grid."""

    def reset_level(self, which: int) -> float | None:
        """Return the value that a double-click sets a point to; None for the line between its neighbours."""
        return None

    def extra_handles(self) -> tuple[Handle, ...]:
        """Return further handles, after the curve's points."""
        return ()

    def extra_moved(self, which: int, x: float) -> None:
        """Move a further handle, counted from 0, to a time."""

    # ---- showing

    def show_state(self) -> None:
        """Show the session's curve."""
        self.shown = shown = self.read()
        self.editor.setEnabled(shown is not None)
        if shown is None:
            self.editor.show_curve(np.zeros(0), np.zeros(0), ())
            return
        curve = self.edited.show(shown.values, _TOLERANCE * (shown.high - shown.low))
        levels = shown.values + shown.rest
        times_s = np.arange(len(levels)) / shown.rate_hz
        if not self.editor.dragging:
            low, high = min(shown.low, float(levels.min())), max(shown.high, float(levels.max()))
            self.editor.set_extent((0.0, shown.seconds), (low, high))
        self.time_grid.label_axis(self.editor.bottom, self.tempo_bpm())
        self.editor.grid = SnapGrid(self.time_grid.step_s(self.tempo_bpm()), (shown.high - shown.low) / _Y_LINES)
        base = shown.rest if shown.filled else None
        self.editor.show_curve(times_s, levels, (*self._point_handles(shown, curve), *self.extra_handles()), base)

    def _point_handles(self, shown: ShownCurve, curve: PointCurve) -> list[Handle]:
        last = len(curve.points) - 1
        handles = []
        for i, step in enumerate(curve.points):
            level, at_s = curve.level(i) + shown.rest, step / shown.rate_hz
            text = f"{seconds_tick(at_s)}   {self._text(shown.spec, shown.value_of(level))}"
            inner = 0 < i < last
            handles.append(Handle(at_s, level, text, moves_x=inner, removable=inner))
        return handles

    # ---- editing

    def _moved(self, which: int, x: float, y: float) -> None:
        shown = self.shown
        if shown is None:
            return
        points = len(self.edited.before.points)
        if which >= points:
            self.extra_moved(which - points, x)
            return
        level = min(max(y, self._low(shown)), self._high(shown))
        self._write(curve_points.move_point(self.edited.before, which, round(x * shown.rate_hz), level - shown.rest))

    def _added(self, x: float, y: float) -> None:
        shown = self.shown
        if shown is not None:
            step = round(x * shown.rate_hz)
            value = min(max(y, self._low(shown)), self._high(shown)) - shown.rest
            present = float(np.interp(x * shown.rate_hz, np.arange(len(shown.values)), shown.values))
            on_curve = abs(value - present) < _ON_CURVE * (shown.high - shown.low)
            self._write(curve_points.add_point(self.edited.curve, step, None if on_curve else value))

    def _removed(self, which: int) -> None:
        self._write(curve_points.remove_point(self.edited.curve, which))

    def _reset(self, which: int) -> None:
        curve = self.edited.curve
        if which >= len(curve.points):
            return
        level = self.reset_level(which)
        if level is None:
            self._write(curve_points.straightened(curve, which))
        else:
            self._write(curve_points.move_point(curve, which, curve.points[which], level))

    def _stroked(self, stroke: list[tuple[float, float]]) -> None:
        shown = self.shown
        if shown is None:
            return
        low, high = self._low(shown), self._high(shown)
        steps = {round(x * shown.rate_hz): min(max(y, low), high) - shown.rest for x, y in stroke}
        self.write(curve_points.drawn(shown.values, list(steps.items())))

    def _enter_value(self, which: int) -> None:
        shown, curve = self.shown, self.edited.curve
        if shown is None or which >= len(curve.points):
            return
        handle = self.editor.handles[which]
        at = self.editor.position_of(handle.x, handle.y)
        box = QRect(round(at.x()) - px(44), round(at.y()) - px(13), px(88), px(26))

        def entered(value: float) -> None:
            level = shown.level_of(value) - shown.rest
            self._write(curve_points.move_point(self.edited.curve, which, self.edited.curve.points[which], level))

        open_entry(self.editor, shown.spec, shown.value_of(handle.y), box, entered)

    def _write(self, curve: PointCurve) -> None:
        values = self.edited.expect(curve)
        if self.shown is not None and np.array_equal(values, self.shown.values):
            self.show_state()  # with the new points: the session has nothing to change
        else:
            self.write(values)

    def _low(self, shown: ShownCurve) -> float:
        return min(shown.low, float(shown.values.min()) + shown.rest)

    def _high(self, shown: ShownCurve) -> float:
        return max(shown.high, float(shown.values.max()) + shown.rest)
