"""The 2D pad: bank notes as points over two latent dimensions, and a cursor to drag through them."""

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QAccessible, QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QRegion
from PySide6.QtWidgets import QMenu, QWidget

from synth_app.session import Slot
from synth_app.ui.base.accessible_value import PadAxis, ValueRange, tell_value_changed
from synth_app.ui.drawing.canvas import paint_cursor, paint_remark
from synth_app.ui.pad.modulation_range import paint_modulation_box
from synth_app.ui.pad.note_canvas import NoteCanvas, hit_radius
from synth_app.ui.pad.note_marks import paint_hovered_note
from synth_app.ui.pad.pad_map import PadMap, PadView, nearest
from synth_app.ui.pad.pad_paint import NOTE_RADIUS, PadLayer, cursor_point, cursor_region, paint_pad_layer
from synth_app.ui.theme.theme import px
from synth_app.ui.widgets.input_steps import ARROW_DIRECTIONS, FINE, KEY_STEP, key_step, shift_held

_DRAG_START = 4  # px
_EDGE = 10  # px
_OFF_SCREEN = -1e6
_ROUNDING = 1e-6  # of the width: a cursor on the edge is not beyond it
_STEPS_PER_PIXEL = 4.0  # a cursor that moves by less than a quarter of a screen pixel is not painted again


class Pad(NoteCanvas):
    """A drag moves the cursor; a click on a note requests it.

    Signals:
        moved: values of the horizontal and the vertical dimension.
        note_requested: slot and bank index.
        reset_requested: set both dimensions to the note in the slots.
    """

    moved = Signal(float, float)
    note_requested = Signal(str, int)
    reset_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Latent pad", parent)
        self.view: PadView | None = None
        self.cursor_values = (0.0, 0.0)
        self.slots: dict[Slot, tuple[float, float]] = {}  # values of both dimensions
        self.hidden: frozenset[str] = frozenset()
        self._shown_cursor: tuple[int, int, str] | None = None  # pixel position and description, last painted
        self._painted_region = QRegion()  # of the cursor, last painted
        self._was_beyond = False
        self._pressed_note: int | None = None
        self.axes = (PadAxis(self, 0), PadAxis(self, 1))
        self.setMinimumSize(px(200), px(200))

    def set_view(self, view: PadView | None) -> None:
        """Show other notes or dimensions; None shows an empty pad."""
        self.view = view
        self.hovered = None
        self._update_pixels()

    def set_cursor_values(self, x: float, y: float) -> None:
        """Move the cursor; emits nothing."""
        if (x, y) == self.cursor_values:
            return
        self.cursor_values = (x, y)
        pad_map, fine = self.map(), _STEPS_PER_PIXEL * self.devicePixelRatioF()
        at = pad_map.to_pixel(x, y) if pad_map else QPointF()
        shown = round(fine * at.x()), round(fine * at.y()), self.describe()
        if shown != self._shown_cursor:
            self._shown_cursor = shown
            self.setAccessibleDescription(shown[-1])
            for axis, value in zip((self, *self.axes), (x, x, y), strict=True):
                tell_value_changed(axis, value)
            beyond, self._was_beyond = self._was_beyond, self.beyond
            if pad_map is None or self.modulation_box is not None or beyond != self._was_beyond:
                self.update()
            else:
                self.update(self._painted_region | cursor_region(pad_map, self.cursor_values))

    def set_slots(self, slots: dict[Slot, tuple[float, float]]) -> None:
        """Mark the notes in the slots, by their values of both dimensions."""
        if slots != self.slots:
            self.slots = slots
            self.invalidate_layer()

    def describe(self) -> str:
        """Return the cursor's values in words."""
        if self.view is None:
            return "empty"
        names = self.view.names
        beyond = "; beyond the edge of the pad" if self.beyond else ""
        return f"{names[0]} {self.cursor_values[0]:.2f}, {names[1]} {self.cursor_values[1]:.2f}{beyond}"

    @property
    def beyond(self) -> bool:
        """Whether the sound lies outside of the pad: the cursor is then at the nearest point."""
        if self.view is None:
            return False
        ranges = (self.view.x_range, self.view.y_range)
        return any(
            not -_ROUNDING <= (v - low) / (high - low) <= 1.0 + _ROUNDING
            for v, (low, high) in zip(self.cursor_values, ranges, strict=True)
        )

    def map(self) -> PadMap | None:
        """Return the current geometry; None without a view."""
        if self.view is None:
            return None
        edge = px(_EDGE)
        return PadMap(QRectF(self.rect()).adjusted(edge, edge, -edge, -edge), self.view.x_range, self.view.y_range)

    def hide_families(self, families: frozenset[str]) -> None:
        """Leave out the notes of these families."""
        if families != self.hidden:
            self.hidden = families
            self.hovered = None
            self._update_pixels()

    def note_pixel(self, index: int) -> QPointF:
        """Return the pixel of a note."""
        return QPointF(*self._pixels[index])

    def note_at(self, point: QPointF) -> int | None:
        """Return the bank index of the note under a pixel."""
        return nearest(self._pixels, point, hit_radius())

    # ---- for screen readers

    accessible_role = QAccessible.Role.Slider

    def accessible_range(self) -> ValueRange:
        """Return the horizontal value; ``PadAxis`` below the pad gives both."""
        return self.axis_range(0)

    def set_accessible_value(self, value: float) -> None:
        """Change the horizontal value."""
        self.set_axis_value(0, value)

    def axis_range(self, axis: int) -> ValueRange:
        """Return the value of one dimension; 0 of 0 to 1 on an empty pad."""
        if self.view is None:
            return ValueRange(0.0, 0.0, 1.0, KEY_STEP)
        low, high = (self.view.x_range, self.view.y_range)[axis]
        return ValueRange(self.cursor_values[axis], low, high, KEY_STEP * (high - low))

    def set_axis_value(self, axis: int, value: float) -> None:
        """Move the cursor to a value of one dimension."""
        if self.view is not None:
            limits = self.axis_range(axis)
            values = list(self.cursor_values)
            values[axis] = min(max(value, limits.minimum), limits.maximum)
            self._set_values(values[0], values[1])

    # ---- events

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """On a note, wait for a click; beside notes, move the cursor there at once."""
        if event.button() != Qt.MouseButton.LeftButton or self.view is None:
            return
        self._press = event.position()
        self._pressed_note = self.note_at(event.position())
        if self._pressed_note is None and not shift_held(event):
            self.dragging = True
            self._move_cursor(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag: the cursor follows the mouse; with Shift it moves by a tenth."""
        if self._press is None:
            self._hover(event.position())
            return
        step = event.position() - self._press
        if not self.dragging and step.manhattanLength() < px(_DRAG_START):
            return
        self.dragging = True
        pad_map = self.map()
        if not shift_held(event):
            self._move_cursor(event.position())
        elif pad_map is not None:
            self._move_cursor(pad_map.to_pixel(*self.cursor_values) + step * FINE)
        self._press = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click on a note requests it: slot A, with Shift slot B."""
        if event.button() != Qt.MouseButton.LeftButton or self._press is None:
            return
        if not self.dragging and self._pressed_note is not None:
            self.note_requested.emit("b" if shift_held(event) else "a", self._pressed_note)
        self.cancel_press()

    def cancel_press(self) -> None:
        """End the drag, because the mouse button was released over another window."""
        self._press, self._pressed_note, self.dragging = None, None, False
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Reset both dimensions; on a note a double-click stays a click."""
        if self.note_at(event.position()) is None:
            self.reset_requested.emit()
        else:
            self.mousePressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Open the menu of the note under the mouse, or of the pad."""
        self.menu(self.note_at(QPointF(event.pos()))).exec(event.globalPos())

    def menu(self, note: int | None) -> QMenu:
        """Return the actions on a note, by bank index, and on the pad."""
        menu = QMenu(self)
        if note is not None:
            for slot in ("a", "b"):
                action = menu.addAction(f"Play, and load into slot {slot.upper()}")
                action.triggered.connect(lambda _=False, slot=slot: self.note_requested.emit(slot, note))
            menu.addSeparator()
        menu.addAction("Reset both dimensions").triggered.connect(self.reset_requested.emit)
        return self.extended(menu)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move (Shift fine, Ctrl coarse), Enter requests the nearest note, Delete resets."""
        key, pad_map = event.key(), self.map()
        if pad_map is None:
            super().keyPressEvent(event)
        elif key in ARROW_DIRECTIONS:
            (dx, dy), step = ARROW_DIRECTIONS[key], key_step(event)
            area, at = pad_map.area, pad_map.to_pixel(*self.cursor_values)
            self._move_cursor(QPointF(at.x() + dx * step * area.width(), at.y() - dy * step * area.height()))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            near = nearest(self._pixels, pad_map.to_pixel(*self.cursor_values), float("inf"))
            if near is not None:
                self.note_requested.emit("b" if shift_held(event) else "a", near)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.reset_requested.emit()
        else:
            super().keyPressEvent(event)

    # ---- painting

    def draw_layer(self, painter: QPainter) -> None:
        """Draw grid, notes and slots."""
        pad_map = self.map()
        if self.view is not None and pad_map is not None:
            slots = {slot: cursor_point(pad_map, values) for slot, values in self.slots.items()}
            layer = PadLayer(self.view, self._pixels, slots, self.hidden)
            paint_pad_layer(painter, layer, QRectF(self.rect()))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the layer, the modulation box, the cursor and the hovered note."""
        painter, pad_map = QPainter(self), self.map()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.view is None or pad_map is None:
            self.paint_empty(painter, "The model's notes appear here")
            return
        self.paint_layer(painter)
        at = pad_map.to_fractions(self.cursor_values)
        paint_modulation_box(painter, self.modulation_box, at, pad_map.fractions_to_pixel)
        at_pixel = cursor_point(pad_map, self.cursor_values)
        paint_cursor(painter, at_pixel, pad_map.area, active=self.dragging, hollow=self.beyond)
        self._painted_region = cursor_region(pad_map, self.cursor_values)
        if self.beyond:
            paint_remark(painter, QRectF(self.rect()), "The sound lies beyond the edge of the pad", at_pixel)
        if self.hovered is not None:
            note, center = self.view.notes[self.hovered], self.note_pixel(self.hovered)
            paint_hovered_note(painter, note, center, NOTE_RADIUS, self.width())
        self.paint_focus(painter)

    # ---- internal

    def _move_cursor(self, point: QPointF) -> None:
        pad_map = self.map()
        if pad_map is None:
            return
        self._set_values(*pad_map.to_values(point))

    def _set_values(self, x: float, y: float) -> None:
        if (x, y) != self.cursor_values:
            self.set_cursor_values(x, y)
            self.moved.emit(x, y)

    def _hover(self, point: QPointF) -> None:
        found = self.note_at(point)
        if found != self.hovered:
            self.hovered = found
            self.setCursor(Qt.CursorShape.PointingHandCursor if found is not None else Qt.CursorShape.CrossCursor)
            self.update()

    def _update_pixels(self) -> None:
        """Compute where the notes are at this size; hidden ones lie far outside of the screen."""
        pad_map = self.map()
        self._pixels = pad_map.pixels(self.view.points) if pad_map is not None and self.view else np.zeros((0, 2))
        if self.view is not None and self.hidden:
            hidden = [note.family in self.hidden for note in self.view.notes]
            self._pixels = np.where(np.array(hidden)[:, None], _OFF_SCREEN, self._pixels)
        self.invalidate_layer()
