"""An axis in the window's type and colours, with texts of the caller's own."""

from collections.abc import Callable, Sequence
from typing import Any

import pyqtgraph as pg
from PySide6.QtGui import QPen

from synth_app.ui.theme.theme import font, px, qcolor

TickText = Callable[[float], str]
TickPlaces = Callable[[float, float], Sequence[float]]
_GRID_ALPHA = 170  # of 255


class GraphAxis(pg.AxisItem):
    """One axis.

    Args:
        side: "left" or "bottom".
        name: of the quantity, with its unit.
        text: returns the label of a value; None for plain numbers.
        places: returns where labels are, between two values; None for round numbers.
    """

    def __init__(self, side: str, name: str, text: TickText | None = None, places: TickPlaces | None = None) -> None:
        super().__init__(side)
        self._text, self._places = text, places
        self.enableAutoSIPrefix(False)
        self.setLabel(name)
        self.setStyle(tickLength=-px(4), tickTextOffset=px(4))
        self.restyle()

    def restyle(self) -> None:
        """Take colours and type from the theme."""
        self.setPen(QPen(qcolor("line")))
        self.setTextPen(QPen(qcolor("muted")))
        self.setTickFont(font("caption"))
        self.label.setFont(font("caption"))
        self.label.setDefaultTextColor(qcolor("muted"))
        self.setGrid(_GRID_ALPHA)

    def set_text(self, name: str, text: TickText | None, places: TickPlaces | None = None) -> None:
        """Change name, labels and their places."""
        self._text, self._places = text, places
        self.setLabel(name)
        self.label.setFont(font("caption"))
        self.picture = None
        self.update()

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[Any, Any]]:
        """Return the places of the ticks, as pyqtgraph asks for them."""
        if self._places is None:
            found: list[tuple[Any, Any]] = super().tickValues(minVal, maxVal, size)
            return found[:2]
        return [(1.0, [value for value in self._places(minVal, maxVal) if minVal <= value <= maxVal])]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """Return the labels of the ticks, as pyqtgraph asks for them."""
        if self._text is not None:
            return [self._text(value) for value in values]
        plain: list[str] = super().tickStrings(values, scale, spacing)
        return [text.replace("-", "−") for text in plain]


def seconds_tick(value: float) -> str:
    """Return a time for an axis: ``250 ms``, ``1.5 s``."""
    if abs(value) < 1e-9:
        return "0"
    text = f"{value:.4g} s" if abs(value) >= 1 else f"{1000 * value:.4g} ms"
    return text.replace("-", "−")
