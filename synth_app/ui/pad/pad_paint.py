"""Painting of the pad: the layer of grid, notes and slots, and the pixels that its cursor covers."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QRegion

from synth_app.session import Slot
from synth_app.ui.drawing.canvas import CURSOR_RADIUS, paint_grid
from synth_app.ui.pad.note_marks import paint_note, paint_slot_marks
from synth_app.ui.pad.pad_map import PadMap, PadView
from synth_app.ui.theme.theme import GRID, font, px, qcolor

NOTE_RADIUS = 4.0  # design px
_MANY_NOTES = 200  # more notes than this get smaller marks
_NOTE_ALPHA = 205


@dataclass(frozen=True)
class PadLayer:
    """Everything on the pad that stays while the cursor moves.

    Attributes:
        view: the notes and the two dimensions.
        pixels: float64 [notes, 2], where each note's mark is.
        slots: pixel of the note in each slot.
        hidden: families whose notes are left out.
    """

    view: PadView
    pixels: NDArray[np.float64]
    slots: Mapping[Slot, QPointF]
    hidden: frozenset[str]


def paint_pad_layer(painter: QPainter, layer: PadLayer, rect: QRectF) -> None:
    """Paint grid, names of the dimensions, notes and slots onto ``rect``."""
    paint_grid(painter, rect)
    painter.setFont(font("caption"))
    painter.setPen(qcolor("muted"))
    inner, names = rect.adjusted(px(GRID), px(6), -px(GRID), -px(6)), layer.view.names
    painter.drawText(inner, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignRight, f"{names[0]} →")
    painter.drawText(inner, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft, f"↑ {names[1]}")
    radius = px(NOTE_RADIUS) * (0.8 if len(layer.pixels) > _MANY_NOTES else 1.0)
    for note, (x, y) in zip(layer.view.notes, layer.pixels, strict=True):
        if note.family not in layer.hidden:
            paint_note(painter, note, QPointF(x, y), radius, _NOTE_ALPHA)
    _paint_slots(painter, layer, rect.width())


def _paint_slots(painter: QPainter, layer: PadLayer, width: float) -> None:
    """Paint the line between the slots' notes, and a mark on each."""
    if len(layer.slots) < 2:
        return
    a, b = layer.slots["a"], layer.slots["b"]
    painter.setPen(QPen(qcolor("text", 110), px(1), Qt.PenStyle.DashLine))
    painter.drawLine(a, b)
    paint_slot_marks(painter, layer.slots, width)


def cursor_point(pad_map: PadMap, values: tuple[float, float]) -> QPointF:
    """Return where the cursor is painted: always on the pad, also when the values are outside of the ranges."""
    point, area = pad_map.to_pixel(*values), pad_map.area
    return QPointF(min(max(point.x(), area.left()), area.right()), min(max(point.y(), area.top()), area.bottom()))


def cursor_region(pad_map: PadMap, values: tuple[float, float]) -> QRegion:
    """Return every pixel that the cursor touches. It is about a hundredth of the pad."""
    at, area = cursor_point(pad_map, values).toPoint(), pad_map.area.toAlignedRect()
    margin = px(CURSOR_RADIUS) + 3
    knob = QRect(at, at).adjusted(-margin, -margin, margin, margin)
    across, up = QRect(area.left(), at.y() - 1, area.width(), 3), QRect(at.x() - 1, area.top(), 3, area.height())
    return QRegion(knob) | across | up
