"""Rasterize curves with numpy: compute how much of each pixel a line or an area covers.

A painter needs milliseconds to stroke a path of a few hundred points. Here a column of pixels is covered from the
lowest to the highest point of the curve in it, which takes a few array operations for all columns together.
"""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

Floats = NDArray[np.floating]
Sixteenths = NDArray[np.int16]
_SUBPIXELS = 16  # per pixel
_OPACITY_LEVELS = 15
_MAX_PIXELS = 500_000  # of a picture; larger areas are stretched from this many
_MAX_ROWS = 1000  # so that 16-bit sixteenths reach twice as far


class Raster:
    """The pixels of an area: add shapes, then paint all of them in one colour. Overlaps do not add up.

    Heights are whole sixteenths of a pixel. Arrays and picture are reused from one refresh to the next, because
    allocating them takes as long as filling them.

    Args:
        area: in the painter's coordinates.
        ratio: device pixels per pixel of these coordinates.
    """

    def __init__(self, area: QRectF, ratio: float) -> None:
        self.area, self.ratio = area, ratio
        wanted = area.width() * area.height() * ratio * ratio
        scale_limit = ratio * math.sqrt(_MAX_PIXELS / max(wanted, 1.0))
        self._scale = min(ratio, scale_limit, _MAX_ROWS / max(area.height(), 1.0))
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
        """Add a line through points in rising order of ``x``, as a round pen draws it.

        Args:
            x, y: [n] in the painter's coordinates.
            width: of the line, in the same coordinates.
            dash: columns of a stroke and of the gap after it; 0 for a solid line.
        """
        radius = max(width * self._scale, 1.0) / 2.0
        half_columns = int(2.0 * radius)  # half columns on each side that a pen in the middle of a column touches
        heights = self._heights(x, y)
        indices = np.arange(-half_columns, len(heights) + half_columns)
        heights = heights[np.minimum(np.maximum(indices, 0), len(heights) - 1)]  # extended at both ends
        centers = heights[half_columns + 1 : len(heights) - half_columns : 2]
        top, bottom = self._ends(x, y, centers, np.int16(round(_SUBPIXELS * radius)))
        for step in range(-half_columns, half_columns + 1):
            up = np.int16(round(_SUBPIXELS * math.sqrt(radius**2 - (step / 2.0) ** 2)))
            shifted = heights[half_columns + 1 + step : len(heights) - half_columns + step : 2]
            top, bottom = np.minimum(top, shifted - up), np.maximum(bottom, shifted + up)
        if dash:
            gap = (np.arange(self._width) // dash) % 2 == 1
            bottom[gap] = top[gap]
        self._add(top, bottom, 1.0)

    def below(self, x: Floats, y: Floats, opacity: float) -> None:
        """Add the area below a line; ``x`` and ``y`` as in ``line``, opacity 0-1."""
        top = self._heights(x, y)[1:-1:2]
        self._add(top, np.full_like(top, self._height * _SUBPIXELS), opacity)

    def between(self, x: Floats, y: Floats, other: Floats, opacity: float) -> None:
        """Add the area between two lines over the same ``x``, opacity 0-1."""
        one, two = (self._heights(x, each)[1:-1:2] for each in (y, other))
        self._add(np.minimum(one, two), np.maximum(one, two), opacity)

    def paint(self, painter: QPainter, color: QColor) -> None:
        """Paint the covered pixels in a colour, partly covered ones more transparent, and clear the raster."""
        # no index is out of range, and mode "wrap" is twice as fast as "clip"
        np.take(_shades(color.rgba()), self._covered.T, out=self._pixels, mode="wrap")
        painter.drawImage(self.area, self._image)
        self._covered.fill(0)

    def _heights(self, x: Floats, y: Floats) -> Sixteenths:
        """Return a line's heights at all edges and centres of columns, from the area's top down."""
        at = (np.interp(self._edges, x, y) - self.area.top()) * (self._scale * _SUBPIXELS)
        out: Sixteenths = np.rint(at).astype(np.int16)
        return out

    def _ends(self, x: Floats, y: Floats, centers: Sixteenths, up: np.int16) -> tuple[Sixteenths, Sixteenths]:
        """Return the top and bottom of each column's points; with fewer points than columns, of its centre."""
        if len(x) <= self._width:
            return centers, centers
        at = np.rint((y - self.area.top()) * (self._scale * _SUBPIXELS)).astype(np.int16)
        starts = np.minimum(np.searchsorted(x, self._edges[:-1:2]), len(x) - 1)
        return np.minimum.reduceat(at, starts) - up, np.maximum.reduceat(at, starts) + up

    def _add(self, top: Sixteenths, bottom: Sixteenths, opacity: float) -> None:
        """Cover every column from ``top`` down to ``bottom``, opacity 0-1."""
        covered = self._covered_below(top)
        if bottom.min() < self._height * _SUBPIXELS:
            covered -= self._covered_below(bottom)
        covered *= np.uint8(round(_OPACITY_LEVELS * opacity))
        np.maximum(self._covered, covered, out=self._covered)

    def _covered_below(self, top: Sixteenths) -> NDArray[np.uint8]:
        """Return how much of every pixel lies below these heights, columns first."""
        top = np.minimum(np.maximum(top, 0), self._height * _SUBPIXELS)
        out: NDArray[np.uint8] = self._below[top % _SUBPIXELS, self._height - top // _SUBPIXELS]
        return out


def _columns_below(height: int) -> NDArray[np.uint8]:
    """Return all columns covered from some height down: [sixteenths, number of covered pixels, height].

    They are views of one long column for each sixteenth, which is empty above and covered below.
    """
    rows = np.arange(1, 2 * height + 1) * _SUBPIXELS
    long = np.clip(rows - height * _SUBPIXELS - np.arange(_SUBPIXELS)[:, np.newaxis], 0, _SUBPIXELS).astype(np.uint8)
    return np.lib.stride_tricks.sliding_window_view(long, height, axis=1)


@lru_cache(maxsize=64)
def _shades(rgba: int) -> NDArray[np.uint32]:
    """Return a colour at all opacities up to its own, as premultiplied pixels. A pure function, so it is cached."""
    color = QColor.fromRgba(rgba)
    alpha = np.linspace(0.0, color.alphaF(), _SUBPIXELS * _OPACITY_LEVELS + 1)
    parts = (np.rint(alpha * part).astype(np.uint32) for part in (255, color.red(), color.green(), color.blue()))
    a, r, g, b = parts
    pixels: NDArray[np.uint32] = (a << 24 | r << 16 | g << 8 | b).astype(np.uint32)
    return pixels


def raster_for(area: QRectF, ratio: float, last: Raster | None) -> Raster:
    """Return the last raster if it has this area and ratio, else a new one."""
    if last is not None and (last.area, last.ratio) == (area, ratio):
        return last
    return Raster(area, ratio)
