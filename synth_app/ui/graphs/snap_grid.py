"""The grid that points snap to: even steps of both axes. No Qt."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class SnapGrid:
    """Steps of a grid, in the units of the axes.

    Attributes:
        x_step: distance of the lines across; 0 for none.
        y_step: distance of the lines up; 0 for none.
    """

    x_step: float = 0.0
    y_step: float = 0.0

    def nearest(self, x: float, y: float) -> tuple[float, float]:
        """Return the nearest crossing of the grid."""
        return _nearest(x, self.x_step), _nearest(y, self.y_step)

    def next_x(self, x: float, direction: int) -> float:
        """Return the next line to the right (1) or to the left (-1)."""
        return _next(x, self.x_step, direction)

    def next_y(self, y: float, direction: int) -> float:
        """Return the next line above (1) or below (-1)."""
        return _next(y, self.y_step, direction)


def _nearest(value: float, step: float) -> float:
    return round(value / step) * step if step > 0 else value


def _next(value: float, step: float, direction: int) -> float:
    if step <= 0:
        return value
    steps = value / step
    on_line = abs(steps - round(steps)) < 1e-6
    if on_line:
        return (round(steps) + direction) * step
    return (math.ceil(steps) if direction > 0 else math.floor(steps)) * step
