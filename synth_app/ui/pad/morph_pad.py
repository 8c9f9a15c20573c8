"""The morph pad: four corners that hold notes, and a cursor that mixes them."""

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QColor,
    QContextMenuEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QRadialGradient,
)
from PySide6.QtWidgets import QMenu, QWidget

from synth_app.modelfile import BankNote
from synth_app.session.pad.note_mixing import corner_weights
from synth_app.session.state.pad_state import CORNERS
from synth_app.ui.base.accessible_value import PadAxis, ValueRange, tell_value_changed
from synth_app.ui.drawing.canvas import Canvas, paint_badge, paint_crosshair, paint_grid, paint_knob, paint_remark
from synth_app.ui.pad.modulation_range import ModulationBox, paint_modulation_box
from synth_app.ui.theme.theme import GRID, RADIUS, font, px, qcolor
from synth_app.ui.widgets.input_steps import ARROW_DIRECTIONS, FINE, KEY_STEP, key_step, moved_position, shift_held
from synth_app.ui.widgets.value_format import note_name

_TOKENS = ("slot_a", "slot_b", "slot_c", "slot_d")
_CORNER_POSITIONS = ((0.0, 1.0), (1.0, 1.0), (0.0, 0.0), (1.0, 0.0))
_CARD_SIZE = (168, 38)  # design px
_CENTER = (0.5, 0.5)
_ELSEWHERE = "The sound is not a mix of the corners"
_DRAG_START = 4  # px


class MorphPad(Canvas):
    """A drag mixes the corners; a click on a corner's card, or keys 1 to 4, request another note for it.

    Signals:
        moved: cursor position in 0-1, y upwards.
        drag_started, drag_ended: the user takes or releases the cursor.
        corner_requested: choose a note for this corner, 0-3.
        corner_cleared: empty this corner.
        capture_requested: put the current sound into this corner.
    """

    moved = Signal(float, float)
    drag_started = Signal()
    drag_ended = Signal()
    corner_requested = Signal(int)
    corner_cleared = Signal(int)
    capture_requested = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Morph pad", parent)
        self.at, self.on = _CENTER, False
        self.notes: tuple[BankNote | None, ...] = (None,) * 4
        self.modulation_box: ModulationBox | None = None
        self.modulation_at: tuple[float, float] | None = None  # what modulation moves around, if not the cursor
        self.dragging = False
        self.hovered: int | None = None
        self._press: QPointF | None = None
        self.setMouseTracking(True)
        self.axes = (PadAxis(self, 0), PadAxis(self, 1))
        self.setMinimumSize(px(200), px(160))

    def show_state(self, at: tuple[float, float], notes: tuple[BankNote | None, ...], *, on: bool = True) -> None:
        """Show another cursor position and other corners; emits nothing.

        Args:
            at: of the cursor, 0-1, y upwards.
            notes: in the corners.
            on: whether the pad plays the present sound there; otherwise the cursor is hollow, at the nearest place.
        """
        if [n and n.name for n in notes] != [n and n.name for n in self.notes]:
            self.notes = notes
            self.invalidate_layer()
        if (at, on) != (self.at, self.on):
            self.at, self.on = at, on
            for axis, value in zip((self, *self.axes), (at[0], *at), strict=True):
                tell_value_changed(axis, value)
            self.update()
        self.setAccessibleDescription(self.describe())

    def describe(self) -> str:
        """Return the cursor's position in words."""
        parts = zip(CORNERS, corner_weights(*self.at), strict=True)
        weights = ", ".join(f"corner {corner} {round(100 * weight)} %" for corner, weight in parts)
        return weights if self.on else f"{_ELSEWHERE}. Nearest: {weights}"

    def area(self) -> QRectF:
        """Return the rectangle in which the cursor moves."""
        edge = px(12)
        return QRectF(self.rect()).adjusted(edge, edge, -edge, -edge)

    def pixel(self, at: tuple[float, float]) -> QPointF:
        """Return the pixel of a position."""
        area = self.area()
        return QPointF(area.left() + at[0] * area.width(), area.bottom() - at[1] * area.height())

    def card(self, corner: int) -> QRectF:
        """Return the rectangle of a corner's card."""
        area, (x, y) = self.area(), _CORNER_POSITIONS[corner]
        width, height = min(px(_CARD_SIZE[0]), (self.width() - px(3 * GRID)) / 2), px(_CARD_SIZE[1])
        inset = px(GRID)
        left = self.rect().left() + inset if x == 0 else area.right() + px(12) - inset - width
        top = self.rect().top() + inset if y == 1 else area.bottom() + px(12) - inset - height
        return QRectF(left, top, width, height)

    def corner_at(self, point: QPointF) -> int | None:
        """Return the corner whose card is under a pixel."""
        return next((i for i in range(4) if self.card(i).contains(point)), None)

    # ---- for screen readers

    accessible_role = QAccessible.Role.Slider

    def accessible_range(self) -> ValueRange:
        """Return the horizontal value; ``PadAxis`` below the pad gives both."""
        return self.axis_range(0)

    def set_accessible_value(self, value: float) -> None:
        """Change the horizontal value."""
        self.set_axis_value(0, value)

    def axis_range(self, axis: int) -> ValueRange:
        """Return the cursor's position on one axis, 0-1."""
        return ValueRange(self.at[axis], 0.0, 1.0, KEY_STEP)

    def set_axis_value(self, axis: int, value: float) -> None:
        """Move the cursor along one axis."""
        x, y = self.at
        value = min(max(value, 0.0), 1.0)
        self._move_cursor((value, y) if axis == 0 else (x, value))

    # ---- events

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """On a card, wait for the release; elsewhere move the cursor there at once."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self._press = event.position()
        if self.corner_at(event.position()) is None:
            self._start_drag()
            if not shift_held(event):
                self._move_cursor(self._position(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the cursor, with Shift by a tenth, or hover."""
        at = event.position()
        if self._press is None:
            self._hover(at)
            return
        if not self.dragging and (at - self._press).manhattanLength() >= px(_DRAG_START):
            self._start_drag()
        if self.dragging:
            target = self.pixel(self.at) + (at - self._press) * FINE if shift_held(event) else at
            self._move_cursor(self._position(target))
            self._press = at

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the drag; a click on a card requests another note."""
        if event.button() != Qt.MouseButton.LeftButton or self._press is None:
            return
        corner, dragged = self.corner_at(event.position()), self.dragging
        self.cancel_press()
        if not dragged and corner is not None:
            self.corner_requested.emit(corner)

    def cancel_press(self) -> None:
        """End the drag; also called if the mouse button was released over another window."""
        dragged, self.dragging, self._press = self.dragging, False, None
        if dragged:
            self.drag_ended.emit()
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Move the cursor to the middle."""
        if self.corner_at(event.position()) is None:
            self._move_cursor(_CENTER)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Open the menu of the corner under the mouse, or of the pad."""
        self.menu(self.corner_at(QPointF(event.pos()))).popup(event.globalPos())

    def menu(self, corner: int | None) -> QMenu:
        """Return the actions on a corner and on the pad."""
        menu = QMenu(self)
        for i in range(4) if corner is None else (corner,):
            name = CORNERS[i]
            menu.addAction(f"Choose a note for corner {name}…").triggered.connect(
                lambda _=False, i=i: self.corner_requested.emit(i)
            )
            menu.addAction(f"Put the current sound into corner {name}").triggered.connect(
                lambda _=False, i=i: self.capture_requested.emit(i)
            )
            if corner is not None:
                menu.addAction(f"Empty corner {name}").triggered.connect(
                    lambda _=False, i=i: self.corner_cleared.emit(i)
                )
        menu.addSeparator()
        menu.addAction("Move to the middle").triggered.connect(lambda: self._move_cursor(_CENTER))
        return self.extended(menu)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move (Shift fine, Ctrl coarse), 1-4 request a corner's note, Delete moves to the middle."""
        key = event.key()
        if key in ARROW_DIRECTIONS:
            self._move_cursor(moved_position(self.at, key, key_step(event)))
        elif Qt.Key.Key_1 <= key <= Qt.Key.Key_4:
            self.corner_requested.emit(key - Qt.Key.Key_1)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._move_cursor(_CENTER)
        else:
            super().keyPressEvent(event)

    # ---- painting

    def draw_layer(self, painter: QPainter) -> None:
        """Draw the grid, and the colour of each corner that holds a note."""
        paint_grid(painter, QRectF(self.rect()))
        painter.setPen(Qt.PenStyle.NoPen)
        for i, token in enumerate(_TOKENS):
            if self.notes[i] is None:
                continue
            glow = QRadialGradient(self.pixel(_CORNER_POSITIONS[i]), 0.8 * min(self.width(), self.height()))
            glow.setColorAt(0, qcolor(token, 70))
            clear = QColor(qcolor(token))
            clear.setAlpha(0)
            glow.setColorAt(1, clear)
            painter.setBrush(glow)
            painter.drawRoundedRect(QRectF(self.rect()), px(RADIUS), px(RADIUS))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the layer, the modulation box, the cursor and the cards."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.paint_layer(painter)
        weights = corner_weights(*self.at)
        paint_modulation_box(painter, self.modulation_box, self.modulation_at or self.at, self.pixel)
        paint_crosshair(painter, self.pixel(self.at), QRectF(self.rect()), active=self.dragging)
        for i in range(4):
            self._paint_card(painter, i, weights[i] if self.on else None)
        paint_knob(painter, self.pixel(self.at), hollow=not self.on)
        if not self.on and any(self.notes):
            paint_remark(painter, self._free_rect(), _ELSEWHERE, self.pixel(self.at))
        self.paint_focus(painter)

    def _free_rect(self) -> QRectF:
        """Return the rectangle above the lower cards."""
        return QRectF(self.rect()).adjusted(0, 0, 0, self.card(2).top() - self.height())

    def _paint_card(self, painter: QPainter, corner: int, weight: float | None) -> None:
        card, note = self.card(corner), self.notes[corner]
        painter.setPen(qcolor("border" if corner == self.hovered else "line"))
        painter.setBrush(qcolor("hover" if corner == self.hovered else "raised", 235))
        painter.drawRoundedRect(card.adjusted(0.5, 0.5, -0.5, -0.5), px(RADIUS), px(RADIUS))
        badge = QRectF(card.left() + px(7), card.top() + px(9), px(20), px(20))
        paint_badge(painter, badge, _TOKENS[corner], CORNERS[corner])
        left = card.left() + px(34)
        width = card.right() - left - px(6)
        title = note.instrument if note else "Empty"
        share = "" if weight is None else f" · {round(100 * weight)} %"
        detail = f"{note_name(note.pitch)}{share}" if note else "Click to choose a note"
        for text, role, color, top in ((title, "strong", "text", 4.0), (detail, "caption", "muted", 19.0)):
            painter.setFont(font(role))
            painter.setPen(qcolor(color))
            shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(width))
            painter.drawText(QRectF(left, card.top() + px(top), width, px(15)), Qt.AlignmentFlag.AlignVCenter, shown)

    # ---- internal

    def _position(self, point: QPointF) -> tuple[float, float]:
        area = self.area()
        x, y = (point.x() - area.left()) / area.width(), (area.bottom() - point.y()) / area.height()
        return min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)

    def _start_drag(self) -> None:
        self.dragging = True
        self.drag_started.emit()

    def _move_cursor(self, at: tuple[float, float]) -> None:
        if at != self.at or not self.on:
            self.show_state(at, self.notes)
            self.moved.emit(*at)

    def _hover(self, point: QPointF) -> None:
        found = self.corner_at(point)
        if found != self.hovered:
            self.hovered = found
            self.setCursor(Qt.CursorShape.PointingHandCursor if found is not None else Qt.CursorShape.CrossCursor)
            self.update()
