"""The pad's content and geometry: its notes, values of two dimensions to pixels and back."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF

from synth_app.modelfile import BankNote


@dataclass(frozen=True)
class PadView:
    """The notes and the two dimensions that the pad shows.

    Attributes:
        notes: the bank.
        points: float64 [notes, 2], each note's centre on the two dimensions.
        x_range, y_range: (low, high) of the two dimensions.
        names: of the two dimensions, horizontal first.
    """

    notes: tuple[BankNote, ...]
    points: NDArray[np.float64]
    x_range: tuple[float, float]
    y_range: tuple[float, float]
    names: tuple[str, str]


@dataclass(frozen=True)
class PadMap:
    """A linear map of a rectangle of values onto a rectangle of pixels; y grows upwards.

    Attributes:
        area: pixels, width and height over 0.
        x_range, y_range: (low, high) of the two dimensions, low < high.
    """

    area: QRectF
    x_range: tuple[float, float]
    y_range: tuple[float, float]

    def to_pixel(self, x: float, y: float) -> QPointF:
        """Return the pixel of a pair of values."""
        (x0, x1), (y0, y1) = self.x_range, self.y_range
        return QPointF(
            self.area.left() + (x - x0) / (x1 - x0) * self.area.width(),
            self.area.bottom() - (y - y0) / (y1 - y0) * self.area.height(),
        )

    def to_values(self, point: QPointF) -> tuple[float, float]:
        """Return the values at a pixel, clamped to the ranges."""
        (x0, x1), (y0, y1) = self.x_range, self.y_range
        u = min(max((point.x() - self.area.left()) / self.area.width(), 0.0), 1.0)
        v = min(max((self.area.bottom() - point.y()) / self.area.height(), 0.0), 1.0)
        return x0 + u * (x1 - x0), y0 + v * (y1 - y0)

    def to_fractions(self, values: tuple[float, float]) -> tuple[float, float]:
        """Return a pair of values as fractions of the ranges, clamped to 0-1."""
        ranges = (self.x_range, self.y_range)
        fractions = ((v - low) / (high - low) for v, (low, high) in zip(values, ranges, strict=True))
        across, up = (min(max(fraction, 0.0), 1.0) for fraction in fractions)
        return across, up

    def fractions_to_pixel(self, fractions: tuple[float, float]) -> QPointF:
        """Return the pixel at fractions of the ranges."""
        (x0, x1), (y0, y1) = self.x_range, self.y_range
        return self.to_pixel(x0 + fractions[0] * (x1 - x0), y0 + fractions[1] * (y1 - y0))

    def pixels(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the pixels [n, 2] of values [n, 2]."""
        low = np.array([self.x_range[0], self.y_range[0]])
        span = np.array([self.x_range[1], self.y_range[1]]) - low
        fractions = (points - low) / span
        left_bottom = np.array([self.area.left(), self.area.bottom()])
        out: NDArray[np.float64] = left_bottom + fractions * np.array([self.area.width(), -self.area.height()])
        return out


def nearest(pixels: NDArray[np.float64], point: QPointF, within: float) -> int | None:
    """Return the index of the pixel [n, 2] nearest to ``point``; None if all are farther than ``within`` px."""
    if not len(pixels):
        return None
    distances = np.hypot(pixels[:, 0] - point.x(), pixels[:, 1] - point.y())
    best = int(distances.argmin())
    return best if distances[best] <= within else None
