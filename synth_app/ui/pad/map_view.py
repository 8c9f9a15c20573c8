"""The map's geometry: which part of the unit square is in sight, to pixels and back."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF

MOST_ZOOM = 12.0


@dataclass(frozen=True)
class MapView:
    """A window onto the unit square, y upwards.

    Attributes:
        left, bottom: corner of what is in sight.
        zoom: 1 shows everything, up to ``MOST_ZOOM``.
    """

    left: float = 0.0
    bottom: float = 0.0
    zoom: float = 1.0

    @property
    def span(self) -> float:
        """Share of the square in sight, along each axis."""
        return 1.0 / self.zoom

    def to_pixels(self, places: NDArray[np.float64], area: QRectF) -> NDArray[np.float64]:
        """Pixels [n, 2] of places [n, 2]."""
        shares = (places - (self.left, self.bottom)) * self.zoom
        scale = np.array([area.width(), -area.height()])
        out: NDArray[np.float64] = shares * scale + (area.left(), area.bottom())
        return out

    def to_pixel(self, place: tuple[float, float], area: QRectF) -> QPointF:
        """Pixel of one place."""
        x, y = self.to_pixels(np.array([place]), area)[0]
        return QPointF(x, y)

    def to_place(self, point: QPointF, area: QRectF) -> tuple[float, float]:
        """Place of a pixel, clamped to the square."""
        x = self.left + (point.x() - area.left()) / area.width() * self.span
        y = self.bottom + (area.bottom() - point.y()) / area.height() * self.span
        return min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)

    def zoomed(self, factor: float, point: QPointF, area: QRectF) -> "MapView":
        """Zoomed so that what lies under ``point`` stays there, as far as the edges allow."""
        zoom = min(max(self.zoom * factor, 1.0), MOST_ZOOM)
        x, y = self.to_place(point, area)
        across = (point.x() - area.left()) / area.width()
        up = (area.bottom() - point.y()) / area.height()
        return MapView(x - across / zoom, y - up / zoom, zoom)._inside()

    def panned(self, delta: QPointF, area: QRectF) -> "MapView":
        """Moved along with a hand that moves by ``delta`` pixels."""
        left = self.left - delta.x() / area.width() * self.span
        return MapView(left, self.bottom + delta.y() / area.height() * self.span, self.zoom)._inside()

    def showing(self, place: tuple[float, float]) -> "MapView":
        """Moved no more than needed to have a place in sight."""
        x, y = place
        left = min(max(self.left, x - self.span), x)
        return MapView(left, min(max(self.bottom, y - self.span), y), self.zoom)._inside()

    def _inside(self) -> "MapView":
        room = 1.0 - self.span
        return MapView(min(max(self.left, 0.0), room), min(max(self.bottom, 0.0), room), self.zoom)
