"""The pictures of an edited curve: its line and area, its points, and the values of the chosen one."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtGui import QPen

from synth_app.ui.graphs.graph_view import GraphView
from synth_app.ui.theme.theme import font, px, qcolor

Floats = NDArray[np.floating]
_SIZE, _HOVERED_SIZE = 10, 14  # design px
_FILL_ALPHA = 40


class _Place(Protocol):
    """A point as far as its picture needs it."""

    @property
    def x(self) -> float: ...

    @property
    def y(self) -> float: ...

    @property
    def text(self) -> str: ...


class PointItems:
    """Items of one graph.

    Args:
        view: the graph.
        token: colour of the curve.
    """

    def __init__(self, view: GraphView, token: str) -> None:
        self._view, self._token = view, token
        self._x: Floats = np.zeros(0)
        self._y: Floats = np.zeros(0)
        color, fill = qcolor(token), qcolor(token, _FILL_ALPHA)
        self._curve = pg.PlotCurveItem(pen=QPen(color, 0), brush=fill, fillLevel=0.0, antialias=True)
        pen = pg.mkPen(color, width=px(2))
        self._curve.setPen(pen)
        self._dots = pg.ScatterPlotItem(pxMode=True, antialias=True)
        self._dots.setZValue(10)
        self._label = pg.TextItem(
            color=qcolor("text"), fill=pg.mkBrush(qcolor("raised")), border=pg.mkPen(qcolor("border"))
        )
        self._label.setFont(font("strong"))
        self._label.setZValue(20)
        self._label.hide()
        for item in (self._curve, self._dots, self._label):
            view.addItem(item, ignoreBounds=True)

    def show_curve(self, x: Floats, y: Floats, base: float | None) -> None:
        """Show another curve, filled to ``base``; None without a filled area."""
        self._x, self._y = x, y
        self._curve.setFillLevel(base)
        self._curve.setData(x, y)

    def level_at(self, x: float) -> float:
        """Return the level of the curve."""
        return float(np.interp(x, self._x, self._y)) if len(self._x) else 0.0

    def show_handles(self, handles: Sequence[_Place], chosen: int, hovered: int, *, dragged: bool) -> None:
        """Show the points; the chosen one is filled, and its values are written beside it."""
        active = {chosen, hovered}
        sizes = [px(_HOVERED_SIZE if i in active else _SIZE) for i in range(len(handles))]
        edge = pg.mkPen(qcolor(self._token), width=px(2))
        brushes = [
            pg.mkBrush(qcolor("text") if i == chosen and dragged else qcolor(self._token if i in active else "well"))
            for i in range(len(handles))
        ]
        self._dots.setData(
            x=[each.x for each in handles], y=[each.y for each in handles], size=sizes, pen=edge, brush=brushes
        )
        shown = hovered if hovered >= 0 and not dragged else chosen
        self._label.setVisible(shown >= 0)
        if shown >= 0:
            self._place_label(handles[shown])

    def _place_label(self, handle: _Place) -> None:
        """Put the label beside the point, on the side with more room."""
        (left, right), (low, high) = self._view.visible_range()
        self._label.setText(handle.text)
        across = 1.0 if handle.x > 0.5 * (left + right) else 0.0
        up = 0.0 if handle.y > 0.5 * (low + high) else 1.0
        self._label.setAnchor((across + (0.08 if across else -0.08), up + (-0.5 if up == 0.0 else 0.5)))
        self._label.setPos(handle.x, handle.y)
