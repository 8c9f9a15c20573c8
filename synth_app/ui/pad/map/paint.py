"""Painting of the timbre map: the layer of ground, notes and marks."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen

from synth_app.ui.drawing.canvas import paint_grid
from synth_app.ui.pad.map.content import KIND_ENTRIES, MapMark, ShownNotes
from synth_app.ui.pad.map.ground import MapGround
from synth_app.ui.pad.note_marks import paint_note
from synth_app.ui.theme.family_colors import family_look, shape_path
from synth_app.ui.theme.theme import px, qcolor

NOTE_RADIUS = 5.0  # design px
_FAINT, _FULL = 45, 230  # alpha of notes that the search leaves out, and of the others
_MARK_SIZE, _MARK_FADE = 0.72, 0.75  # of presets and own sounds against notes, so that notes stay in front
_FOUND_GROWTH = 1.35  # how much larger found notes are
_ZOOM_GROWTH, _MOST_GROWTH = 0.12, 1.7


@dataclass(frozen=True)
class MapLayer:
    """Everything on the map that stays while the cursor moves.

    Attributes:
        shown: notes and marks.
        pixels: float64 [rows, 2], where they are.
        to_pixel: maps a position in 0-1, y upwards, to a pixel.
        zoom: 1 shows everything.
    """

    shown: ShownNotes
    pixels: NDArray[np.float64]
    to_pixel: Callable[[tuple[float, float]], QPointF]
    zoom: float


def paint_map_layer(painter: QPainter, ground: MapGround, layer: MapLayer, rect: QRectF) -> None:
    """Paint ground, grid, notes, marks and names onto ``rect``."""
    ground.paint(painter, layer.to_pixel, rect)
    paint_grid(painter, rect)
    visible, shown = rect.adjusted(-8, -8, 8, 8), layer.shown
    radius = px(NOTE_RADIUS) * min(1.0 + _ZOOM_GROWTH * (layer.zoom - 1), _MOST_GROWTH)
    for row in sorted(range(len(layer.pixels)), key=lambda row: shown.mark(row) is None):  # notes lie on top
        x, y = layer.pixels[row]
        if not visible.contains(x, y):
            continue
        left_out = shown.found is not None and row not in shown.found
        size = radius * (_FOUND_GROWTH if shown.found is not None and not left_out else 1.0)
        alpha, mark = _FAINT if left_out else _FULL, shown.mark(row)
        if mark is None:
            paint_note(painter, shown.notes[row], QPointF(x, y), size, alpha)
        else:
            found = shown.found is not None and not left_out
            paint_mark(painter, mark, QPointF(x, y), size * _MARK_SIZE, alpha if found else round(alpha * _MARK_FADE))
    ground.paint_names(painter, layer.to_pixel, rect)
    ground.paint_scale(painter, rect)


def paint_mark(painter: QPainter, mark: MapMark, center: QPointF, radius: float, alpha: int) -> None:
    """Paint the mark of a preset or a sound; hollow if the map does not play it there."""
    look = family_look(KIND_ENTRIES[mark.kind])
    color = QColor(look.color)
    color.setAlpha(alpha)
    hollow = qcolor("well", alpha)
    painter.setPen(QPen(color if not mark.on else hollow, 1.2))
    painter.setBrush(hollow if not mark.on else color)
    painter.drawPath(shape_path(look.shape, center, radius))
