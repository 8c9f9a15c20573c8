"""The 2D pad: bank notes as points over two dimensions, a cursor to drag through them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from synth_app.modelfile import BankNote
from synth_app.session import Slot
from synth_app.ui.pad.modulation_range import Reach
from synth_app.ui.pad.pad_map import PadMap, nearest
from synth_app.ui.pad.pad_paint import PadPainter
from synth_app.ui.theme.theme import px
from synth_app.ui.widgets.control import FINE, KEY_STEP, PAGE_STEP

_HIT, _DRAG_START = 9, 4
_EDGE = 10
_OUT_OF_SIGHT = -1e6


@dataclass(frozen=True)
class PadView:
    """What the pad shows: everything it needs to paint.

    Attributes:
        notes: the bank.
        points: float64 [notes, 2], each note's centre on the two dimensions.
        x_range, y_range: ends of the two dimensions.
        names: of the two dimensions.
    """

    notes: tuple[BankNote, ...]
    points: NDArray[np.float64]
    x_range: tuple[float, float]
    y_range: tuple[float, float]
    names: tuple[str, str]


class Pad(QWidget):
    """Drag moves the cursor; a click on a point asks for its note."""

    moved = Signal(float, float)
    note_chosen = Signal(str, int)  # slot, bank index
    reset_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view: PadView | None = None
        self.cursor_values = (0.0, 0.0)
        self._seen: tuple[int, int, str] | None = None  # where the cursor was painted, and what it was said to be
        self.slots: dict[Slot, int] = {}
        self.hidden: frozenset[str] = frozenset()
        self.reach: Reach | None = None  # how far modulation moves the cursor
        self.hovered: int | None = None
        self.focus_visible = False
        self.menu_extras: list[Callable[[QMenu], None]] = []  # add what others offer on the pad
        self._press: QPointF | None = None
        self._pressed_note: int | None = None
        self.moving = False
        self._painter = PadPainter()
        self._pixels: NDArray[np.float64] = np.zeros((0, 2))
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(px(200), px(200))
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Latent pad")
        self.setToolTip("")

    def sizeHint(self) -> QSize:
        """About square."""
        return QSize(px(360), px(330))

    def set_view(self, view: PadView | None) -> None:
        """Show other notes or dimensions."""
        self.view = view
        self.hovered = None
        self._remap()

    def set_cursor_values(self, x: float, y: float) -> None:
        """Move the cursor without telling anyone."""
        if (x, y) == self.cursor_values:
            return
        self.cursor_values = (x, y)
        pad_map, fine = self.map(), 4.0 * self.devicePixelRatioF()
        at = pad_map.to_pixel(x, y) if pad_map else QPointF()
        seen = round(fine * at.x()), round(fine * at.y()), self.describe()
        if seen != self._seen:  # else it moved by less than a quarter of the screen's pixels
            self._seen = seen
            self.setAccessibleDescription(seen[-1])
            self._painter.move_cursor(self, pad_map)

    def set_slots(self, slot_a: int, slot_b: int) -> None:
        """Mark the notes in the slots."""
        slots: dict[Slot, int] = {"a": slot_a, "b": slot_b}
        if slots != self.slots:
            self.slots = slots
            self._painter.forget()
            self.update()

    def describe(self) -> str:
        """The cursor in words."""
        if self.view is None:
            return "empty"
        names = self.view.names
        return f"{names[0]} {self.cursor_values[0]:.2f}, {names[1]} {self.cursor_values[1]:.2f}"

    def map(self) -> PadMap | None:
        """The present geometry."""
        if self.view is None:
            return None
        edge = px(_EDGE)
        return PadMap(QRectF(self.rect()).adjusted(edge, edge, -edge, -edge), self.view.x_range, self.view.y_range)

    def hide_families(self, families: frozenset[str]) -> None:
        """Leave the notes of these families out."""
        if families != self.hidden:
            self.hidden = families
            self.hovered = None
            self._remap()

    def note_pixel(self, index: int) -> QPointF:
        """Where a note's point lies."""
        return QPointF(*self._pixels[index])

    def note_at(self, point: QPointF) -> int | None:
        """The note under a pixel."""
        return nearest(self._pixels, point, px(_HIT))

    # ---- events

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """On a point wait whether it becomes a click; elsewhere the cursor jumps there."""
        if event.button() != Qt.MouseButton.LeftButton or self.view is None:
            return
        self._press = event.position()
        self._pressed_note = self.note_at(event.position())
        if self._pressed_note is None and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.moving = True
            self._go(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag: the cursor follows; with Shift it moves by a tenth."""
        if self._press is None:
            self._hover(event.position())
            return
        step = event.position() - self._press
        if not self.moving and step.manhattanLength() < px(_DRAG_START):
            return
        self.moving = True
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            pad_map = self.map()
            if pad_map is not None:
                self._go(pad_map.to_pixel(*self.cursor_values) + step * FINE)
        else:
            self._go(event.position())
        self._press = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click on a point chooses its note: slot A, with Shift slot B."""
        if event.button() != Qt.MouseButton.LeftButton or self._press is None:
            return
        if not self.moving and self._pressed_note is not None:
            shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            self.note_chosen.emit("b" if shift else "a", self._pressed_note)
        self._press, self._pressed_note, self.moving = None, None, False
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Reset both dimensions, unless a point was hit: that stays a click."""
        if self.note_at(event.position()) is None:
            self.reset_requested.emit()
        else:
            self.mousePressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The menu of the point under the mouse, or of the pad."""
        self.menu(self.note_at(QPointF(event.pos()))).exec(event.globalPos())

    def menu(self, note: int | None) -> QMenu:
        """Actions on a note, and on the pad."""
        menu = QMenu(self)
        if note is not None:
            menu.addAction("Hear, and load into slot A").triggered.connect(lambda: self.note_chosen.emit("a", note))
            menu.addAction("Hear, and load into slot B").triggered.connect(lambda: self.note_chosen.emit("b", note))
            menu.addSeparator()
        menu.addAction("Reset both dimensions").triggered.connect(self.reset_requested.emit)
        for extend in self.menu_extras:
            extend(menu)
        return menu

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move, Shift fine, Ctrl coarse; Enter takes the nearest note, Delete resets."""
        directions = {
            Qt.Key.Key_Left: (-1, 0),
            Qt.Key.Key_Right: (1, 0),
            Qt.Key.Key_Up: (0, 1),
            Qt.Key.Key_Down: (0, -1),
        }
        key, pad_map = event.key(), self.map()
        if pad_map is None:
            super().keyPressEvent(event)
        elif key in directions:
            dx, dy = directions[Qt.Key(key)]
            step = self._key_step(event.modifiers())
            area, at = pad_map.area, pad_map.to_pixel(*self.cursor_values)
            self._go(QPointF(at.x() + dx * step * area.width(), at.y() - dy * step * area.height()))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            near = nearest(self._pixels, pad_map.to_pixel(*self.cursor_values), float("inf"))
            if near is not None:
                self.note_chosen.emit("b" if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else "a", near)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.reset_requested.emit()
        else:
            super().keyPressEvent(event)

    def leaveEvent(self, event: object) -> None:
        """Nothing is hovered any more."""
        if self.hovered is not None:
            self.hovered = None
            self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the ring where the keyboard brought the focus."""
        self.focus_visible = event.reason() != Qt.FocusReason.MouseFocusReason
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide the ring."""
        self.focus_visible = False
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Points move with the size."""
        self._remap()

    def paintEvent(self, event: QPaintEvent) -> None:
        """See PadPainter."""
        self._painter.paint(self, self.view, self.map(), self._pixels)

    # ---- inside

    def _key_step(self, modifiers: Qt.KeyboardModifier) -> float:
        if modifiers & Qt.KeyboardModifier.ShiftModifier:
            return KEY_STEP * FINE
        return PAGE_STEP if modifiers & Qt.KeyboardModifier.ControlModifier else KEY_STEP

    def _go(self, point: QPointF) -> None:
        pad_map = self.map()
        if pad_map is None:
            return
        x, y = pad_map.to_values(point)
        if (x, y) != self.cursor_values:
            self.set_cursor_values(x, y)
            self.moved.emit(x, y)

    def _hover(self, point: QPointF) -> None:
        found = self.note_at(point)
        if found != self.hovered:
            self.hovered = found
            self.setCursor(Qt.CursorShape.PointingHandCursor if found is not None else Qt.CursorShape.CrossCursor)
            self.update()

    def _remap(self) -> None:
        pad_map = self.map()
        empty = np.zeros((0, 2))
        self._pixels = pad_map.pixels(self.view.points) if pad_map is not None and self.view else empty
        if self.view is not None and self.hidden:
            away = [note.family in self.hidden for note in self.view.notes]
            self._pixels = np.where(np.array(away)[:, None], _OUT_OF_SIGHT, self._pixels)
        self._painter.forget()
        self.update()
