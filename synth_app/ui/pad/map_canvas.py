"""The timbre map: a model's notes in two dimensions, and a cursor that plays any position between them."""

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QAccessible, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QMenu, QWidget

from synth_app.session.state.state import SLOTS
from synth_app.ui.base.accessible_value import PadAxis, ValueRange, tell_value_changed
from synth_app.ui.drawing.canvas import paint_cursor, paint_remark
from synth_app.ui.pad.map.content import KIND_ENTRIES, ShownNotes, set_apart
from synth_app.ui.pad.map.ground import MapGround
from synth_app.ui.pad.map.paint import NOTE_RADIUS, MapLayer, paint_map_layer
from synth_app.ui.pad.map_view import MapView
from synth_app.ui.pad.modulation_range import paint_modulation_box
from synth_app.ui.pad.note_canvas import NoteCanvas, hit_radius
from synth_app.ui.pad.note_marks import note_title, paint_hovered, paint_slot_marks
from synth_app.ui.pad.pad_map import nearest
from synth_app.ui.theme.family_colors import family_look
from synth_app.ui.theme.theme import px
from synth_app.ui.widgets.input_steps import ARROW_DIRECTIONS, FINE, KEY_STEP, key_step, moved_position, shift_held

_DRAG_START, _EDGE = 4, 12  # design px
_ZOOM_STEP = 1.25
_ZOOM_KEYS: dict[int, float] = {
    Qt.Key.Key_Plus: _ZOOM_STEP,
    Qt.Key.Key_Equal: _ZOOM_STEP,
    Qt.Key.Key_Minus: 1 / _ZOOM_STEP,
}
_CENTER = (0.5, 0.5)


class MapCanvas(NoteCanvas):
    """A drag moves the cursor, a right drag the map, the wheel zooms; a click plays, a double-click loads.

    Signals:
        moved: cursor position in 0-1.
        drag_started: bank index of the note nearest to the cursor.
        drag_ended: the mouse was released.
        audition_requested: bank index.
        load_requested: slot and bank index.
        mark_requested: a preset or sound to play, a ``MapMark``.
        pointed: the mouse hovers over a position in 0-1, with the row there, -1 beside all.
        pointed_away: the mouse hovers no more, or presses.
    """

    moved = Signal(float, float)
    drag_started = Signal(int)
    drag_ended = Signal()
    audition_requested = Signal(int)
    load_requested = Signal(str, int)
    mark_requested = Signal(object)
    pointed = Signal(float, float, int)
    pointed_away = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Timbre map", parent)
        self.shown = ShownNotes((), np.zeros((0, 2)), ())
        self.view = MapView()
        self.cursor_at: tuple[float, float] | None = None
        self.remark = ""  # where the sound is, if not exactly at the cursor
        self.modulation_at: tuple[float, float] | None = None  # what modulation moves around, if not the cursor
        self.ground = MapGround()
        self.slots: dict[str, int] = {}  # slot -> bank index
        self._pan: QPointF | None = None
        self._panned = False
        self.axes = (PadAxis(self, 0), PadAxis(self, 1))
        self.setMinimumSize(px(200), px(160))

    # ---- what is shown

    def show_notes(self, shown: ShownNotes) -> None:
        """Show other notes, or another search result."""
        self.shown, self.hovered = shown, None
        self._update_pixels()

    def show_cursor(self, at: tuple[float, float] | None, slots: dict[str, int], remark: str = "") -> None:
        """Move the cursor and the slots' marks; emits nothing. With a remark the cursor is hollow."""
        if (at, slots, remark) != (self.cursor_at, self.slots, self.remark):
            self.cursor_at, self.slots, self.remark = at, slots, remark
            self.setAccessibleDescription(self.describe())
            for axis, value in zip((self, *self.axes), ((at or _CENTER)[0], *(at or _CENTER)), strict=True):
                tell_value_changed(axis, value)
            self.update()

    def show_view(self, view: MapView) -> None:
        """Show another part of the map."""
        if view != self.view:
            self.view = view
            self._update_pixels()

    def describe(self) -> str:
        """Return the cursor's position in words."""
        if self.cursor_at is None or not len(self.shown.notes):
            return f"{len(self.shown.notes)} notes, no cursor yet"
        if self.remark:
            return self.remark
        return f"near {note_title(self.shown.notes[self._nearest_row(self.cursor_at)])}"

    def area(self) -> QRectF:
        """Return the rectangle of the unit square at zoom 1."""
        edge = px(_EDGE)
        return QRectF(self.rect()).adjusted(edge, edge, -edge, -edge)

    def pixel_of(self, index: int) -> QPointF:
        """Return the pixel of a bank note's mark."""
        return QPointF(*self._pixels[self.shown.indices.index(index)])

    def row_at(self, point: QPointF) -> int | None:
        """Return the row of the note or mark under a pixel, the nearest of several."""
        return nearest(self._pixels, point, hit_radius())

    def audition(self, row: int) -> None:
        """Move the cursor onto a note and request to hear it, or request a preset or sound."""
        x, y = self.shown.places[row]
        self.show_view(self.view.showing((float(x), float(y))))
        mark = self.shown.mark(row)
        if mark is not None:
            self.mark_requested.emit(mark)
            return
        self._move_cursor((float(x), float(y)))
        self.audition_requested.emit(self.shown.indices[row])

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
        return ValueRange((self.cursor_at or _CENTER)[axis], 0.0, 1.0, KEY_STEP)

    def set_axis_value(self, axis: int, value: float) -> None:
        """Move the cursor along one axis."""
        x, y = self.cursor_at or _CENTER
        value = min(max(value, 0.0), 1.0)
        self._move_cursor((value, y) if axis == 0 else (x, value))

    # ---- events

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The left button moves the cursor, the other buttons move the map."""
        self.pointed_away.emit()
        if event.button() == Qt.MouseButton.LeftButton and self.shown.notes:
            self._press = event.position()
        elif event.button() in (Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton):
            self._pan, self._panned = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the cursor or the map, or hover."""
        at = event.position()
        if self._pan is not None:
            self._panned = self._panned or (at - self._pan).manhattanLength() >= px(_DRAG_START)
            if self._panned:
                self.show_view(self.view.panned(at - self._pan, self.area()))
                self._pan = at
        elif self._press is None:
            self._hover(at)
            self.pointed.emit(*self.view.to_position(at, self.area()), -1 if self.hovered is None else self.hovered)
        elif self.dragging or (at - self._press).manhattanLength() >= px(_DRAG_START):
            if not self.dragging:
                self._start_drag(at)
            fine = shift_held(event) and self.cursor_at is not None
            target = self._cursor_pixel() + (at - self._press) * FINE if fine else at
            self._press = at
            self._move_cursor(self.view.to_position(target, self.area()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click plays the note under it, or the clicked position."""
        if event.button() != Qt.MouseButton.LeftButton:
            self._finish_pan(event)
            return
        if self._press is not None and not self.dragging:
            row = self.row_at(event.position())
            if row is None:
                self._move_cursor(self.view.to_position(event.position(), self.area()))
                self.audition_requested.emit(self.shown.indices[self._nearest_row(self.cursor_at or _CENTER)])
            else:
                self.audition(row)
        self.cancel_press()

    def leaveEvent(self, event: QEvent) -> None:
        """Hover nothing any more."""
        super().leaveEvent(event)
        self.pointed_away.emit()

    def cancel_press(self) -> None:
        """End the drag; also called if the mouse button was released over another window."""
        dragged, self.dragging, self._press, self._pan = self.dragging, False, None, None
        if dragged:
            self.drag_ended.emit()
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Load the note: slot A, with Shift slot B; beside notes show the whole map."""
        row = self.row_at(event.position())
        if row is None:
            self.show_view(MapView())
        elif self.shown.mark(row) is None:
            self._request_load(row, event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom around the mouse."""
        notches = (event.angleDelta().y() or event.angleDelta().x()) / 120
        self.show_view(self.view.zoomed(_ZOOM_STEP**notches, event.position(), self.area()))
        event.accept()

    def menu(self, row: int | None) -> QMenu:
        """Return the actions on a note and on the map."""
        menu = QMenu(self)
        mark = None if row is None else self.shown.mark(row)
        if mark is not None:
            menu.addAction(f"Play {mark.title}").triggered.connect(lambda: self.mark_requested.emit(mark))
            menu.addSeparator()
        elif row is not None:
            index = self.shown.indices[row]
            menu.addAction("Play").triggered.connect(lambda: self.audition(row))
            menu.addAction("Load into slot A").triggered.connect(lambda: self.load_requested.emit("a", index))
            menu.addAction("Load into slot B").triggered.connect(lambda: self.load_requested.emit("b", index))
            menu.addSeparator()
        menu.addAction("Show all").triggered.connect(lambda: self.show_view(MapView()))
        return self.extended(menu)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move (Shift fine, Ctrl coarse), + - 0 zoom, Space plays, Enter loads the nearest note."""
        key, at = event.key(), self.cursor_at or _CENTER
        if not self.shown.notes:
            super().keyPressEvent(event)
        elif key in ARROW_DIRECTIONS:
            self._move_cursor(moved_position(at, key, key_step(event) * self.view.span))
            self.show_view(self.view.showing(self.cursor_at or at))
        elif key in _ZOOM_KEYS:
            self.show_view(self.view.zoomed(_ZOOM_KEYS[key], self._cursor_pixel(), self.area()))
        elif key == Qt.Key.Key_0:
            self.show_view(MapView())
        elif key == Qt.Key.Key_Space:
            self.audition(self._nearest_row(at))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._request_load(self._nearest_row(at), event)
        else:
            super().keyPressEvent(event)

    # ---- painting

    def draw_layer(self, painter: QPainter) -> None:
        """Draw ground, grid, notes and marks."""
        layer = MapLayer(self.shown, self._pixels, self._to_pixel, self.view.zoom)
        paint_map_layer(painter, self.ground, layer, QRectF(self.rect()))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the layer, the slots' marks, the cursor and the hovered note."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self.shown.notes:
            self.paint_empty(painter, "No notes to show. Choose another pitch, or show a family in the legend.")
            self.paint_focus(painter)
            return
        self.paint_layer(painter)
        held = {slot: self.pixel_of(self.slots[slot]) for slot in SLOTS if self.slots.get(slot) in self.shown.indices}
        paint_slot_marks(painter, held, self.width())
        if self.cursor_at is not None:
            paint_modulation_box(painter, self.modulation_box, self.modulation_at or self.cursor_at, self._to_pixel)
            hollow, whole = bool(self.remark), QRectF(self.rect())
            paint_cursor(painter, self._cursor_pixel(), whole, active=self.dragging, hollow=hollow)
            if hollow:
                paint_remark(painter, whole, self.remark, self._cursor_pixel())
        if self.hovered is not None:
            self._paint_hovered(painter, self.hovered)
        self.paint_focus(painter)

    def _paint_hovered(self, painter: QPainter, row: int) -> None:
        mark, center = self.shown.mark(row), QPointF(*self._pixels[row])
        look = family_look(self.shown.notes[row].family if mark is None else KIND_ENTRIES[mark.kind])
        paint_hovered(painter, look, self.shown.title(row), center, NOTE_RADIUS, self.width())

    # ---- internal

    def _nearest_row(self, at: tuple[float, float]) -> int:
        positions = self.shown.positions
        return int(np.hypot(positions[:, 0] - at[0], positions[:, 1] - at[1]).argmin())

    def _to_pixel(self, at: tuple[float, float]) -> QPointF:
        return self.view.to_pixel(at, self.area())

    def _cursor_pixel(self) -> QPointF:
        return self._to_pixel(self.cursor_at or _CENTER)

    def _start_drag(self, at: QPointF) -> None:
        self.dragging, self.hovered = True, None
        self.drag_started.emit(self.shown.indices[self._nearest_row(self.view.to_position(at, self.area()))])

    def _move_cursor(self, position: tuple[float, float]) -> None:
        if position != self.cursor_at or self.remark:
            self.show_cursor(position, self.slots)
            self.moved.emit(*position)

    def _request_load(self, row: int, event: QMouseEvent | QKeyEvent) -> None:
        self.load_requested.emit("b" if shift_held(event) else "a", self.shown.indices[row])

    def _hover(self, point: QPointF) -> None:
        found = self.row_at(point)
        if found != self.hovered:
            self.hovered = found
            self.setCursor(Qt.CursorShape.PointingHandCursor if found is not None else Qt.CursorShape.CrossCursor)
            self.update()

    def _finish_pan(self, event: QMouseEvent) -> None:
        if self._pan is not None and not self._panned and event.button() == Qt.MouseButton.RightButton:
            self.menu(self.row_at(event.position())).popup(event.globalPosition().toPoint())
        self._pan = None

    def _update_pixels(self) -> None:
        """Compute where the notes are at this size and view."""
        self._pixels = set_apart(self.view.to_pixels(self.shown.places, self.area()), len(self.shown.notes))
        self.invalidate_layer()
