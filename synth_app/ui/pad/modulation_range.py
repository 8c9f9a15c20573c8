"""How far modulation moves the pad's cursor: the box that it stays in."""

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPen

from synth_app.patch.modulation_matrix import PAD_TARGETS, Modulation
from synth_app.session.state.mod_shapes import modulation_range
from synth_app.ui.theme.theme import px, qcolor

Reach = tuple[float, float, float, float]  # to the left, right, down and up of the cursor, as shares of the pad
_LEAST = 3.0  # so that a way along one axis is seen


def pad_reach(modulation: Modulation) -> Reach | None:
    """How far modulation moves the cursor; None where nothing is connected to the pad."""
    across, up = (modulation_range(modulation, target) for target in PAD_TARGETS)
    if across is None and up is None:
        return None
    return (*(across or (0.0, 0.0)), *(up or (0.0, 0.0)))


def reach_box(reach: Reach, at: tuple[float, float], to_pixel: Callable[[tuple[float, float]], QPointF]) -> QRectF:
    """The box around a cursor ``at``, in shares of the pad; ``to_pixel`` tells where a place is drawn."""
    left, right, down, up = reach
    low = to_pixel((_share(at[0] + left), _share(at[1] + down)))
    high = to_pixel((_share(at[0] + right), _share(at[1] + up)))
    box = QRectF(QPointF(low.x(), high.y()), QPointF(high.x(), low.y()))
    wider, taller = (max(0.5 * (px(_LEAST) - length), 0.0) for length in (box.width(), box.height()))
    return box.adjusted(-wider, -taller, wider, taller)


def paint_reach(
    painter: QPainter, reach: Reach | None, at: tuple[float, float], to_pixel: Callable[[tuple[float, float]], QPointF]
) -> None:
    """Paint that box, if there is one."""
    if reach is not None:
        painter.setPen(QPen(qcolor("modulated"), px(1.5)))
        painter.setBrush(qcolor("modulated", 40))
        painter.drawRoundedRect(reach_box(reach, at, to_pixel), px(3), px(3))


def _share(value: float) -> float:
    return min(max(value, 0.0), 1.0)
