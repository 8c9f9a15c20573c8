"""Edits of a drawn LFO's points, and built-in shapes as points. No Qt."""

from dataclasses import replace

import numpy as np

from synth_app.patch.modulation_matrix import MAX_LFO_POINTS, Lfo, LfoShape, Point
from synth_app.session.edit.curve_points import with_points
from synth_app.session.edit.mod_curves import lfo_curve

_SAMPLES = 257
_TOLERANCE = 0.02
_CORNERS: dict[LfoShape, tuple[Point, ...]] = {
    "triangle": ((0.0, 0.0), (0.25, 1.0), (0.75, -1.0), (1.0, 0.0)),
    "saw up": ((0.0, -1.0), (1.0, 1.0)),
    "saw down": ((0.0, 1.0), (1.0, -1.0)),
    "square": ((0.0, 1.0), (0.5, 1.0), (0.5, -1.0), (1.0, -1.0)),
}


def shape_points(lfo: Lfo) -> tuple[Point, ...]:
    """Return one cycle of an LFO as points; random shapes as their example, curved ones within 2 %."""
    if lfo.shape == "drawn":
        return lfo.points
    if lfo.shape in _CORNERS:
        return _CORNERS[lfo.shape]
    turns = np.linspace(0.0, 1.0, _SAMPLES)
    turns[-1] = np.nextafter(1.0, 0.0)  # the end of this cycle, not the start of the next one
    curve = with_points(lfo_curve(replace(lfo, phase=0.0), turns), _TOLERANCE)
    return tuple((step / (_SAMPLES - 1), round(float(curve.values[step]), 6)) for step in curve.points)


def move(points: tuple[Point, ...], which: int, turns: float, level: float) -> tuple[Point, ...]:
    """Move a point between its neighbours; both ends keep their time."""
    last = len(points) - 1
    is_end = which in (0, last)
    at = points[which][0] if is_end else min(max(turns, points[which - 1][0]), points[which + 1][0])
    return (*points[:which], (at, min(max(level, -1.0), 1.0)), *points[which + 1 :])


def add(points: tuple[Point, ...], turns: float, level: float) -> tuple[Point, ...]:
    """Add a point; unchanged if there are 64."""
    if len(points) >= MAX_LFO_POINTS:
        return points
    turns = min(max(turns, 0.0), 1.0)
    at = next((i for i, point in enumerate(points) if point[0] > turns), len(points) - 1)
    return (*points[:at], (turns, min(max(level, -1.0), 1.0)), *points[at:])


def remove(points: tuple[Point, ...], which: int) -> tuple[Point, ...]:
    """Remove a point; the two ends stay."""
    return (*points[:which], *points[which + 1 :]) if 0 < which < len(points) - 1 else points
