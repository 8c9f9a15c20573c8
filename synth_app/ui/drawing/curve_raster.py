"""Curves as pictures: how much of every pixel a line or an area covers, worked out by numpy instead of path strokes.

A stroked path of a few hundred points takes a painter milliseconds; a column of pixels is covered between the lowest
and the highest point that the curve has in it, which is a few array operations for all columns together.
"""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

Floats = NDArray[np.floating]
Sixteenths = NDArray[np.int16]
_GRAIN = 16  # to a pixel
_OPAQUE = 15  # levels of opacity
_MOST_PIXELS = 500_000  # of a picture; what is larger is stretched from this many
_MOST_ROWS = 1000  # that 16-bit sixteenths reach twice


class Raster:
    """The pixels of an area: shapes are added, then put down in one colour; where they overlap the denser one counts.

    Everything is counted in whole sixteenths of a pixel. Arrays and picture are kept from one refresh to the next:
    fetching new ones takes as long as filling them.

    Args:
        area: in the painter's coordinates.
        ratio: of device pixels to these.
    """

    def __init__(self, area: QRectF, ratio: float) -> None:
        self.area, self.ratio = area, ratio
        wanted = area.width() * area.height() * ratio * ratio
        enough = ratio * math.sqrt(_MOST_PIXELS / max(wanted, 1.0))
        self._scale = min(ratio, enough, _MOST_ROWS / max(area.height(), 1.0))
        self._width = max(1, round(area.width() * self._scale))
        self._height = max(1, round(area.height() * self._scale))
        self._below = _columns_below(self._height)
        self._edges = area.left() + np.arange(2 * self._width + 1) * (area.width() / (2 * self._width))
        self._covered = np.zeros((self._width, self._height), np.uint8)
        self._pixels = np.zeros((self._height, self._width), np.uint32)
        self._image = QImage(
            self._pixels.data, self._width, self._height, 4 * self._width, QImage.Format.Format_ARGB32_Premultiplied
        )

    def line(self, x: Floats, y: Floats, width: float, *, dash: int = 0) -> None:
        """Add a line, as a round pen draws it, through points in rising order of ``x``.

        Args:
            x, y: [n] in the painter's coordinates.
            width: of the line, likewise.
            dash: columns of a stroke and of the gap after it; 0 for none.
        """
        radius = max(width * self._scale, 1.0) / 2.0
        reach = int(2.0 * radius)  # half columns to each side that a round pen in the middle of a column touches
        at = self._heights(x, y)
        at = at[np.minimum(np.maximum(np.arange(-reach, len(at) + reach), 0), len(at) - 1)]
        top, bottom = self._ends(x, y, at[reach + 1 : len(at) - reach : 2], np.int16(round(_GRAIN * radius)))
        for step in range(-reach, reach + 1):
            up = np.int16(round(_GRAIN * math.sqrt(radius**2 - (step / 2.0) ** 2)))
            here = at[reach + 1 + step : len(at) - reach + step : 2]
            top, bottom = np.minimum(top, here - up), np.maximum(bottom, here + up)
        if dash:
            gap = (np.arange(self._width) // dash) % 2 == 1
            bottom[gap] = top[gap]
        self._add(top, bottom, 1.0)

    def below(self, x: Floats, y: Floats, opacity: float) -> None:
        """Add what lies below such a line."""
        top = self._heights(x, y)[1:-1:2]
        self._add(top, np.full_like(top, self._height * _GRAIN), opacity)

    def between(self, x: Floats, y: Floats, other: Floats, opacity: float) -> None:
        """Add what lies between two such lines over the same ``x``."""
        one, two = (self._heights(x, each)[1:-1:2] for each in (y, other))
        self._add(np.minimum(one, two), np.maximum(one, two), opacity)

    def paint(self, painter: QPainter, color: QColor) -> None:
        """Put the colour down where pixels are covered, thinner where they are in part, and begin anew."""
        # no index is out of range, and "wrap" looks that up twice as fast as "clip"
        np.take(_shades(color.rgba()), self._covered.T, out=self._pixels, mode="wrap")
        painter.drawImage(self.area, self._image)
        self._covered.fill(0)

    def _heights(self, x: Floats, y: Floats) -> Sixteenths:
        """A line's heights at all edges and middles of columns, from the area's top down."""
        at = (np.interp(self._edges, x, y) - self.area.top()) * (self._scale * _GRAIN)
        out: Sixteenths = np.rint(at).astype(np.int16)
        return out

    def _ends(self, x: Floats, y: Floats, middle: Sixteenths, up: np.int16) -> tuple[Sixteenths, Sixteenths]:
        """Where each column's own points begin and end; of fewer points than columns, its middle does for them."""
        if len(x) <= self._width:
            return middle, middle
        at = np.rint((y - self.area.top()) * (self._scale * _GRAIN)).astype(np.int16)
        starts = np.minimum(np.searchsorted(x, self._edges[:-1:2]), len(x) - 1)
        return np.minimum.reduceat(at, starts) - up, np.maximum.reduceat(at, starts) + up

    def _add(self, top: Sixteenths, bottom: Sixteenths, opacity: float) -> None:
        """Cover every column from ``top`` down to ``bottom``."""
        share = self._covered_below(top)
        if bottom.min() < self._height * _GRAIN:
            share -= self._covered_below(bottom)
        share *= np.uint8(round(_OPAQUE * opacity))
        np.maximum(self._covered, share, out=self._covered)

    def _covered_below(self, top: Sixteenths) -> NDArray[np.uint8]:
        """How much of every pixel lies below these heights, columns first."""
        top = np.minimum(np.maximum(top, 0), self._height * _GRAIN)
        out: NDArray[np.uint8] = self._below[top % _GRAIN, self._height - top // _GRAIN]
        return out


def _columns_below(height: int) -> NDArray[np.uint8]:
    """All columns of pixels covered from some place down: [sixteenths, whole pixels that are covered, height].

    Views of one long column for each sixteenth, which is empty above and covered below.
    """
    rows = np.arange(1, 2 * height + 1) * _GRAIN
    long = np.clip(rows - height * _GRAIN - np.arange(_GRAIN)[:, np.newaxis], 0, _GRAIN).astype(np.uint8)
    return np.lib.stride_tricks.sliding_window_view(long, height, axis=1)


@lru_cache(maxsize=64)
def _shades(rgba: int) -> NDArray[np.uint32]:
    """A colour at all opacities up to its own, as pixels with their alpha multiplied in."""
    color = QColor.fromRgba(rgba)
    alpha = np.linspace(0.0, color.alphaF(), _GRAIN * _OPAQUE + 1)
    parts = (np.rint(alpha * part).astype(np.uint32) for part in (255, color.red(), color.green(), color.blue()))
    a, r, g, b = parts
    pixels: NDArray[np.uint32] = (a << 24 | r << 16 | g << 8 | b).astype(np.uint32)
    return pixels


def raster_for(area: QRectF, ratio: float, last: Raster | None) -> Raster:
    """The last one if it fits still, else one that does."""
    if last is not None and (last.area, last.ratio) == (area, ratio):
        return last
    return Raster(area, ratio)
