"""Drawing of bank notes on the pad and on the map: mark, slot and label."""

from collections.abc import Mapping

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen

from synth_app.modelfile import BankNote
from synth_app.session import Slot
from synth_app.ui.drawing.canvas import paint_badge
from synth_app.ui.theme.family_colors import FamilyLook, family_look, shape_path
from synth_app.ui.theme.theme import GRID, RADIUS, font, px, qcolor
from synth_app.ui.widgets.value_format import note_name

_RING, _RING_WIDTH, _BADGE = 8, 2, 15  # design px: radius of a slot's ring, its line, its letter's square
_HOVER_GROWTH = 2  # px that a hovered mark's radius grows by


def note_title(note: BankNote) -> str:
    """Return one line for a note, e.g. ``Grand Piano  C4``."""
    return f"{note.instrument}  {note_name(note.pitch)}"


def paint_note(painter: QPainter, note: BankNote, center: QPointF, radius: float, alpha: int) -> None:
    """Paint a note's mark: the shape and colour of its family."""
    look = family_look(note.family)
    fill = QColor(look.color)
    fill.setAlpha(alpha)
    painter.setPen(QPen(qcolor("well"), 1))
    painter.setBrush(fill)
    painter.drawPath(shape_path(look.shape, center, radius))


def paint_slot_marks(painter: QPainter, centers: Mapping[Slot, QPointF], width: float) -> None:
    """Paint a ring around each note that a slot holds, and the slots' letters inside the canvas.

    Args:
        painter: of the canvas.
        centers: of the notes' marks, by slot.
        width: of the canvas in px.
    """
    painter.setBrush(Qt.BrushStyle.NoBrush)
    rings: list[QPointF] = []
    for slot, center in sorted(centers.items()):
        hidden = any((center - ring).manhattanLength() < px(_RING_WIDTH) for ring in rings)
        radius = px(_RING + _RING_WIDTH) if hidden else px(_RING)  # around the ring of the other slot
        painter.setPen(QPen(qcolor(f"slot_{slot}"), px(_RING_WIDTH)))
        painter.drawEllipse(center, radius, radius)
        rings.append(center)
    for slot, badge in slot_badges(centers, width).items():
        paint_badge(painter, badge, f"slot_{slot}", slot.upper())


def slot_badges(centers: Mapping[Slot, QPointF], width: float) -> dict[Slot, QRectF]:
    """Return the rectangles of the slots' letters: at the upper right of each note, side by side if they collide."""
    side, badges = px(_BADGE), dict[Slot, QRectF]()
    for slot, center in centers.items():
        badge = QRectF(center.x() + px(7), center.y() - px(20), side, side)
        badges[slot] = badge.translated(min(0.0, width - badge.right() - 2), max(0.0, 2 - badge.top()))
    if len(badges) == 2 and badges["a"].intersects(badges["b"]):
        left, right = sorted(badges, key=lambda slot: (centers[slot].x(), slot))
        step = side + 1.0
        badges[left].moveLeft(min(badges[left].left(), width - 2 - side - step))
        badges[right].moveTopLeft(badges[left].topLeft() + QPointF(step, 0.0))
    return badges


def paint_hovered_note(painter: QPainter, note: BankNote, center: QPointF, radius: float, width: float) -> None:
    """Paint a hovered note larger, with its title in a box inside the canvas. See ``paint_hovered``."""
    paint_hovered(painter, family_look(note.family), note_title(note), center, radius, width)


def paint_hovered(
    painter: QPainter, look: FamilyLook, title: str, center: QPointF, radius: float, width: float
) -> None:
    """Paint a hovered mark larger, with its title in a box inside the canvas.

    Args:
        painter: of the canvas.
        look: of the mark. title: of what it stands for.
        center: of the mark.
        radius: of the mark in design px.
        width: of the canvas in px.
    """
    painter.setPen(QPen(qcolor("text"), px(1.5)))
    painter.setBrush(QColor(look.color))
    painter.drawPath(shape_path(look.shape, center, px(radius + _HOVER_GROWTH)))
    painter.setFont(font("strong"))
    box = QRectF(0, 0, QFontMetrics(font("strong")).horizontalAdvance(title) + px(2 * GRID), px(24))
    x = min(max(center.x() - box.width() / 2, 2), width - box.width() - 2)
    y = center.y() - box.height() - px(12)
    box.moveTopLeft(QPointF(x, y if y > 2 else center.y() + px(12)))
    painter.setPen(QPen(qcolor("border"), 1))
    painter.setBrush(qcolor("raised"))
    painter.drawRoundedRect(box, px(RADIUS), px(RADIUS))
    painter.setPen(qcolor("text"))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, title)
