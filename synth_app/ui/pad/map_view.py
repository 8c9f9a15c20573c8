"""The map's geometry: the visible part of the unit square, to pixels and back."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF

MAX_ZOOM = 12.0


@dataclass(frozen=True)
class MapView:
    """A window onto the unit square, y upwards.

    Attributes:
        left, bottom: lower left corner of the visible part.
        zoom: 1 shows everything, up to ``MAX_ZOOM``.
    """

    left: float = 0.0
    bottom: float = 0.0
    zoom: float = 1.0

    @property
    def span(self) -> float:
        """Visible fraction of the square, along each axis."""
        return 1.0 / self.zoom

    def to_pixels(self, positions: NDArray[np.float64], area: QRectF) -> NDArray[np.float64]:
        """Return the pixels [n, 2] of positions [n, 2]."""
        fractions = (positions - (self.left, self.bottom)) * self.zoom
        scale = np.array([area.width(), -area.height()])
        out: NDArray[np.float64] = fractions * scale + (area.left(), area.bottom())
        return out

    def to_pixel(self, position: tuple[float, float], area: QRectF) -> QPointF:
        """Return the pixel of one position."""
        x, y = self.to_pixels(np.array([position]), area)[0]
        return QPointF(x, y)

    def to_position(self, point: QPointF, area: QRectF) -> tuple[float, float]:
        """Return the position of a pixel, clamped to the square."""
        x = self.left + (point.x() - area.left()) / area.width() * self.span
        y = self.bottom + (area.bottom() - point.y()) / area.height() * self.span
        return min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)

    def zoomed(self, factor: float, point: QPointF, area: QRectF) -> "MapView":
        """Return a zoomed view; what lies under ``point`` stays there, as far as the edges allow."""
        zoom = min(max(self.zoom * factor, 1.0), MAX_ZOOM)
        x, y = self.to_position(point, area)
        across = (point.x() - area.left()) / area.width()
        up = (area.bottom() - point.y()) / area.height()
        return MapView(x - across / zoom, y - up / zoom, zoom)._inside()

    def panned(self, delta: QPointF, area: QRectF) -> "MapView":
        """Return a view moved along with a drag of ``delta`` pixels."""
        left = self.left - delta.x() / area.width() * self.span
        return MapView(left, self.bottom + delta.y() / area.height() * self.span, self.zoom)._inside()

    def showing(self, position: tuple[float, float]) -> "MapView":
        """Return a view moved no more than needed to make a position visible."""
        x, y = position
        left = min(max(self.left, x - self.span), x)
        return MapView(left, min(max(self.bottom, y - self.span), y), self.zoom)._inside()

    def _inside(self) -> "MapView":
        limit = 1.0 - self.span
        return MapView(min(max(self.left, 0.0), limit), min(max(self.bottom, 0.0), limit), self.zoom)
