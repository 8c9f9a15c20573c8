"""Edits of a dense curve by a few points: find, move, add and remove points, draw. No Qt.

A curve has a value at every even step of time. A point is a step of the curve by which the user moves it. Moving it
shifts the values between its two neighbours and stretches their time, so that the detail of a recording is kept.
"""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
MAX_POINTS = 64  # of one curve
_FOUND_POINTS = 24  # at most, in a curve that was recorded or drawn


@dataclass(frozen=True)
class PointCurve:
    """A curve and the points by which it is edited.

    Attributes:
        values: float64 [n], n at least 2.
        points: rising steps, the first and the last one included.
    """

    values: Floats
    points: tuple[int, ...]

    def level(self, which: int) -> float:
        """Return the value at a point, counted from 0."""
        return float(self.values[self.points[which]])


def with_points(values: Floats, tolerance: float) -> PointCurve:
    """Return the curve with the fewest points whose straight lines stay within ``tolerance`` of it.

    Points are added where the curve is farthest from its lines (Douglas and Peucker 1973), at most 24.
    """
    values = np.asarray(values, np.float64)
    points = {0, len(values) - 1}
    waiting = [_farthest(values, 0, len(values) - 1)]
    while waiting and len(points) < _FOUND_POINTS:
        distance, first, middle, last = heapq.heappop(waiting)
        if -distance <= tolerance:
            break
        points.add(middle)
        for start, end in ((first, middle), (middle, last)):
            if end - start > 1:
                heapq.heappush(waiting, _farthest(values, start, end))
    return PointCurve(values, tuple(sorted(points)))


def move_point(curve: PointCurve, which: int, step: int, value: float) -> PointCurve:
    """Move a point to another step and value. It stays between its neighbours; both ends keep their step."""
    points, last = curve.points, len(curve.points) - 1
    at = points[which]
    before, after = points[max(which - 1, 0)], points[min(which + 1, last)]
    target = at if which in (0, last) else min(max(step, before + 1), after - 1)
    values = curve.values.copy()
    values[before : target + 1] = _stretched(curve.values[before : at + 1], target - before + 1)
    values[target : after + 1] = _stretched(curve.values[at : after + 1], after - target + 1)
    by = value - values[target]
    values[before : target + 1] += by * _ramp(target - before)
    values[target + 1 : after + 1] += by * _ramp(after - target)[::-1][1:]
    return PointCurve(values, (*points[:which], target, *points[which + 1 :]))


def add_point(curve: PointCurve, step: int, value: float | None = None) -> PointCurve:
    """Add a point at a step, on the curve or at ``value``; unchanged if there is one or the curve is full."""
    step = min(max(step, 0), len(curve.values) - 1)
    if step in curve.points or len(curve.points) >= MAX_POINTS:
        return curve
    points = tuple(sorted((*curve.points, step)))
    added = PointCurve(curve.values, points)
    return added if value is None else move_point(added, points.index(step), step, value)


def remove_point(curve: PointCurve, which: int) -> PointCurve:
    """Remove a point and make the curve straight between its neighbours; the two ends cannot be removed."""
    if not 0 < which < len(curve.points) - 1:
        return curve
    return PointCurve(straightened(curve, which).values, (*curve.points[:which], *curve.points[which + 1 :]))


def straightened(curve: PointCurve, which: int) -> PointCurve:
    """Put a point on the straight line between its neighbours; an end gets its neighbour's value."""
    last = len(curve.points) - 1
    first, end = curve.points[max(which - 1, 0)], curve.points[min(which + 1, last)]
    left, right = (
        float(curve.values[step]) for step in (end if which == 0 else first, first if which == last else end)
    )
    values = curve.values.copy()
    values[first : end + 1] = np.linspace(left, right, end - first + 1)
    return PointCurve(values, curve.points)


def drawn(values: Floats, stroke: Sequence[tuple[int, float]]) -> Floats:
    """Return the values with a stroke of (step, value) points drawn over them, joined by straight lines."""
    steps, levels = zip(*sorted(stroke), strict=True)
    span = np.arange(max(steps[0], 0), min(steps[-1], len(values) - 1) + 1)
    out = np.array(values, np.float64)
    out[span] = np.interp(span, steps, levels)
    return out


def _farthest(values: Floats, first: int, last: int) -> tuple[float, int, int, int]:
    """Return minus the greatest distance from the line, its two ends and the step there, in the order of a heap."""
    line = np.linspace(values[first], values[last], last - first + 1)
    distance = np.abs(values[first : last + 1] - line)
    middle = int(distance.argmax())
    return -float(distance[middle]), first, first + middle, last


def _stretched(values: Floats, length: int) -> Floats:
    """Return the values at ``length`` even steps."""
    if len(values) == length:
        return values
    return np.interp(np.linspace(0.0, len(values) - 1.0, length), np.arange(len(values)), values)


def _ramp(steps: int) -> Floats:
    """Return values from 0 to 1, float64 [steps + 1]; 1 alone for no step."""
    return np.linspace(0.0, 1.0, steps + 1) if steps else np.ones(1)
