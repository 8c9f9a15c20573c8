"""The range in which modulation moves the pad's cursor: the box that the cursor stays in."""

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPen

from synth_app.patch.modulation_matrix import Modulation
from synth_app.patch.target import PAD_NAMES
from synth_app.session.edit.mod_curves import modulation_range
from synth_app.ui.theme.theme import px, qcolor

ModulationBox = tuple[float, float, float, float]  # left, right, down and up of the cursor, as fractions of the pad
_MIN_SIDE = 3.0  # design px, so that a range along one axis can be seen


def pad_modulation_box(modulation: Modulation) -> ModulationBox | None:
    """Return how far modulation moves the cursor; None if nothing is connected to the pad."""
    across, up = (modulation_range(modulation, target) for target in PAD_NAMES)
    if across is None and up is None:
        return None
    return (*(across or (0.0, 0.0)), *(up or (0.0, 0.0)))


def modulation_box_rect(
    box: ModulationBox, cursor: tuple[float, float], to_pixel: Callable[[tuple[float, float]], QPointF]
) -> QRectF:
    """Return the box around a cursor in pixels, clamped to the pad.

    Args:
        box: how far the cursor moves.
        cursor: its position in 0-1, y upwards.
        to_pixel: maps such a position to a pixel.
    """
    left, right, down, up = box
    low = to_pixel((_clamp(cursor[0] + left), _clamp(cursor[1] + down)))
    high = to_pixel((_clamp(cursor[0] + right), _clamp(cursor[1] + up)))
    rect = QRectF(QPointF(low.x(), high.y()), QPointF(high.x(), low.y()))
    wider, taller = (max(0.5 * (px(_MIN_SIDE) - length), 0.0) for length in (rect.width(), rect.height()))
    return rect.adjusted(-wider, -taller, wider, taller)


def paint_modulation_box(
    painter: QPainter,
    box: ModulationBox | None,
    cursor: tuple[float, float],
    to_pixel: Callable[[tuple[float, float]], QPointF],
) -> None:
    """Paint the box around a cursor, if there is one."""
    if box is not None:
        painter.setPen(QPen(qcolor("modulated"), px(1.5)))
        painter.setBrush(qcolor("modulated", 40))
        painter.drawRoundedRect(modulation_box_rect(box, cursor, to_pixel), px(3), px(3))


def _clamp(value: float) -> float:
    return min(max(value, 0.0), 1.0)
