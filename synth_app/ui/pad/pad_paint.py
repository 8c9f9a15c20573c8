"""How the pad looks: a cached layer of grid, points and slots, and over it hover and cursor."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen, QPixmap, QRegion

from synth_app.ui.drawing.cached_background import picture_of
from synth_app.ui.pad.modulation_range import paint_reach
from synth_app.ui.pad.pad_map import PadMap
from synth_app.ui.theme.family_colors import family_look, shape_path
from synth_app.ui.theme.theme import GRID, RADIUS, font, px, qcolor
from synth_app.ui.widgets.value_format import note_name

if TYPE_CHECKING:
    from synth_app.ui.pad.pad import Pad, PadView

Pixels = NDArray[np.float64]
_GRID_LINES = 8
_POINT, _KNOB = 4.0, 7.0  # radius of a note and of the cursor


class PadPainter:
    """Paints a Pad; keeps the layer that doesn't change while dragging."""

    def __init__(self) -> None:
        self._layer: QPixmap | None = None
        self._cursor = QRegion()  # where it was painted

    def move_cursor(self, pad: "Pad", pad_map: PadMap | None) -> None:
        """Have the pad painted where the cursor was and where it is: a cross is a hundredth of its pixels."""
        if pad_map is None or pad.reach is not None:
            pad.update()
        else:
            pad.update(self._cursor | _cross(pad_map, pad.cursor_values))

    def forget(self) -> None:
        """Points or slots moved: draw the layer anew."""
        self._layer = None

    def paint(self, pad: "Pad", view: "PadView | None", pad_map: PadMap | None, pixels: Pixels) -> None:
        """Paint onto the widget."""
        painter = QPainter(pad)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if view is None or pad_map is None:
            painter.fillRect(pad.rect(), qcolor("panel"))
            _background(painter, QRectF(pad.rect()))
            painter.setPen(qcolor("muted"))
            painter.setFont(font("body"))
            painter.drawText(pad.rect(), Qt.AlignmentFlag.AlignCenter, "The model's notes appear here")
            return
        if self._layer is None or self._layer.devicePixelRatio() != pad.devicePixelRatioF():
            self._layer = _layer(pad, view, pixels)
        painter.drawPixmap(0, 0, self._layer)
        paint_reach(painter, pad.reach, pad_map.share(pad.cursor_values), pad_map.place)
        _cursor(painter, pad_map, pad.cursor_values, active=pad.moving)
        self._cursor = _cross(pad_map, pad.cursor_values)
        if pad.hovered is not None:
            _hover(painter, pad, view, pixels)
        if pad.focus_visible:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(qcolor("focus"), 2))
            painter.drawRoundedRect(QRectF(pad.rect()).adjusted(1, 1, -1, -1), px(RADIUS), px(RADIUS))


def _background(painter: QPainter, rect: QRectF) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(qcolor("well"))
    painter.drawRoundedRect(rect, px(RADIUS), px(RADIUS))


def _layer(pad: "Pad", view: "PadView", pixels: Pixels) -> QPixmap:
    layer = picture_of(pad.size(), pad.devicePixelRatioF(), "panel")
    painter = QPainter(layer)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    rect = QRectF(pad.rect())
    _background(painter, rect)
    painter.setPen(QPen(qcolor("line", 130), 1))
    for i in range(1, _GRID_LINES):
        x = round(rect.width() * i / _GRID_LINES) + 0.5
        y = round(rect.height() * i / _GRID_LINES) + 0.5
        painter.drawLine(QPointF(x, 0), QPointF(x, rect.height()))
        painter.drawLine(QPointF(0, y), QPointF(rect.width(), y))
    painter.setFont(font("caption"))
    painter.setPen(qcolor("muted"))
    inner = rect.adjusted(px(GRID), px(6), -px(GRID), -px(6))
    painter.drawText(inner, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignRight, f"{view.names[0]} →")
    painter.drawText(inner, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft, f"↑ {view.names[1]}")
    radius = px(_POINT) * (0.8 if len(pixels) > 200 else 1.0)
    for note, (x, y) in zip(view.notes, pixels, strict=True):
        if note.family in pad.hidden:
            continue
        look = family_look(note.family)
        fill = QColor(look.color)
        fill.setAlpha(205)
        painter.setPen(QPen(qcolor("well"), 1))
        painter.setBrush(fill)
        painter.drawPath(shape_path(look.shape, QPointF(x, y), radius))
    _slots(painter, pad, pixels)
    painter.end()
    return layer


def _slots(painter: QPainter, pad: "Pad", pixels: Pixels) -> None:
    if len(pad.slots) < 2 or max(pad.slots.values()) >= len(pixels):
        return
    a, b = (QPointF(*pixels[pad.slots[slot]]) for slot in ("a", "b"))
    painter.setPen(QPen(qcolor("text", 110), px(1), Qt.PenStyle.DashLine))
    painter.drawLine(a, b)
    for center, token, text in ((a, "slot_a", "A"), (b, "slot_b", "B")):
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(qcolor(token), px(2)))
        painter.drawEllipse(center, px(8), px(8))
        badge = QRectF(center.x() + px(7), center.y() - px(20), px(15), px(15))
        badge.translate(min(0.0, pad.width() - badge.right() - 2), max(0.0, 2 - badge.top()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(qcolor(token))
        painter.drawRoundedRect(badge, px(4), px(4))
        painter.setPen(qcolor("well"))
        painter.setFont(font("strong"))
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, text)


def _place(pad_map: PadMap, values: tuple[float, float]) -> QPointF:
    """Where the cursor is painted: on the pad, whatever the values are."""
    at, area = pad_map.to_pixel(*values), pad_map.area
    return QPointF(min(max(at.x(), area.left()), area.right()), min(max(at.y(), area.top()), area.bottom()))


def _cross(pad_map: PadMap, values: tuple[float, float]) -> QRegion:
    """Every pixel that a cursor there touches."""
    at, area = _place(pad_map, values).toPoint(), pad_map.area.toAlignedRect()
    knob = QRect(at, at).adjusted(-px(_KNOB) - 3, -px(_KNOB) - 3, px(_KNOB) + 3, px(_KNOB) + 3)
    across, up = QRect(area.left(), at.y() - 1, area.width(), 3), QRect(at.x() - 1, area.top(), 3, area.height())
    return QRegion(knob) | across | up


def _cursor(painter: QPainter, pad_map: PadMap, values: tuple[float, float], *, active: bool) -> None:
    at, area = _place(pad_map, values), pad_map.area
    line = qcolor("accent", 150 if active else 80)
    painter.fillRect(QRectF(round(at.x()), area.top(), 1, area.height()), line)
    painter.fillRect(QRectF(area.left(), round(at.y()), area.width(), 1), line)
    painter.setPen(QPen(qcolor("well"), px(1.5)))
    painter.setBrush(qcolor("accent"))
    painter.drawEllipse(at, px(_KNOB), px(_KNOB))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(qcolor("well"))
    painter.drawEllipse(at, px(2.5), px(2.5))


def _hover(painter: QPainter, pad: "Pad", view: "PadView", pixels: Pixels) -> None:
    if pad.hovered is None:
        return
    note, at = view.notes[pad.hovered], QPointF(*pixels[pad.hovered])
    look = family_look(note.family)
    painter.setPen(QPen(qcolor("text"), px(1.5)))
    painter.setBrush(QColor(look.color))
    painter.drawPath(shape_path(look.shape, at, px(_POINT + 2)))
    text = f"{note.instrument}  {note_name(note.pitch)}"
    painter.setFont(font("strong"))
    metrics = QFontMetrics(font("strong"))
    box = QRectF(0, 0, metrics.horizontalAdvance(text) + px(2 * GRID), px(24))
    x = min(max(at.x() - box.width() / 2, 2), pad.width() - box.width() - 2)
    y = at.y() - box.height() - px(12)
    box.moveTopLeft(QPointF(x, y if y > 2 else at.y() + px(12)))
    painter.setPen(QPen(qcolor("border"), 1))
    painter.setBrush(qcolor("raised"))
    painter.drawRoundedRect(box, px(RADIUS), px(RADIUS))
    painter.setPen(qcolor("text"))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
