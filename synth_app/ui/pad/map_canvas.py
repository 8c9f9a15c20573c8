"""The map of timbre: a model's notes in two dimensions, a cursor that sounds anywhere between them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QMenu, QWidget

from synth_app.modelfile import BankNote
from synth_app.ui.drawing.canvas import Canvas, paint_badge, paint_cursor, paint_grid
from synth_app.ui.pad.map_view import MapView
from synth_app.ui.pad.modulation_range import Reach, paint_reach
from synth_app.ui.pad.pad_map import nearest
from synth_app.ui.theme.family_colors import family_look, shape_path
from synth_app.ui.theme.theme import GRID, RADIUS, font, px, qcolor
from synth_app.ui.widgets.control import FINE, KEY_STEP, PAGE_STEP
from synth_app.ui.widgets.value_format import note_name

_HIT, _DRAG_START, _EDGE, _POINT = 10, 4, 12, 4.5
_ZOOM_STEP = 1.25
_FAINT, _FULL = 45, 215  # opacity of notes that the search leaves out, and of the others


@dataclass(frozen=True)
class MapNotes:
    """What the map shows.

    Attributes:
        notes: those on the map, with their places float64 [n, 2] in 0-1 and bank indices.
        found: of those, which a search found; None while nothing is searched.
    """

    notes: tuple[BankNote, ...]
    places: NDArray[np.float64]
    indices: tuple[int, ...]
    found: frozenset[int] | None = None


class MapCanvas(Canvas):
    """Drag moves the cursor, right-drag the map, the wheel zooms; a click hears, a double-click loads."""

    moved = Signal(float, float)
    grabbed = Signal(int)  # the cursor begins to move; bank index of the nearest note
    let_go = Signal()
    heard = Signal(int)  # bank index
    loaded = Signal(str, int)  # slot, bank index

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Timbre map", parent)
        self.shown = MapNotes((), np.zeros((0, 2)), ())
        self.view = MapView()
        self.cursor_at: tuple[float, float] | None = None
        self.slots: dict[str, int] = {}  # slot -> bank index
        self.reach: Reach | None = None  # how far modulation moves the cursor
        self.hovered: int | None = None  # row of ``shown``
        self.moving = False
        self._press: QPointF | None = None
        self._pan: QPointF | None = None
        self._panned = False
        self._pixels: NDArray[np.float64] = np.zeros((0, 2))
        self.setMouseTracking(True)
        self.setMinimumSize(px(200), px(160))

    # ---- what is shown

    def show_notes(self, shown: MapNotes) -> None:
        """Show other notes, or others found."""
        self.shown, self.hovered = shown, None
        self._remap()

    def show_cursor(self, at: tuple[float, float] | None, slots: dict[str, int]) -> None:
        """Move cursor and slot marks without telling anyone."""
        if (at, slots) != (self.cursor_at, self.slots):
            self.cursor_at, self.slots = at, slots
            self.setAccessibleDescription(self.describe())
            self.update()

    def show_view(self, view: MapView) -> None:
        """Show another part of the map."""
        if view != self.view:
            self.view = view
            self._remap()

    def describe(self) -> str:
        """The cursor in words."""
        if self.cursor_at is None or not len(self.shown.notes):
            return f"{len(self.shown.notes)} notes, no cursor yet"
        row = self._nearest_row(self.cursor_at)
        return f"near {_title(self.shown.notes[row])}"

    def area(self) -> QRectF:
        """Where the unit square lies at zoom 1."""
        edge = px(_EDGE)
        return QRectF(self.rect()).adjusted(edge, edge, -edge, -edge)

    def pixel_of(self, index: int) -> QPointF:
        """Where a bank note's mark is."""
        return QPointF(*self._pixels[self.shown.indices.index(index)])

    def row_at(self, point: QPointF) -> int | None:
        """Row of the note under a pixel."""
        return nearest(self._pixels, point, px(_HIT))

    # ---- events

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Left takes the cursor, the other buttons the map."""
        if event.button() == Qt.MouseButton.LeftButton and self.shown.notes:
            self._press = event.position()
        elif event.button() in (Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton):
            self._pan, self._panned = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag cursor or map, or hover."""
        at = event.position()
        if self._pan is not None:
            self._panned = self._panned or (at - self._pan).manhattanLength() >= px(_DRAG_START)
            if self._panned:
                self.show_view(self.view.panned(at - self._pan, self.area()))
                self._pan = at
        elif self._press is None:
            self._hover(at)
        elif self.moving or (at - self._press).manhattanLength() >= px(_DRAG_START):
            if not self.moving:
                self._grab(at)
            fine = event.modifiers() & Qt.KeyboardModifier.ShiftModifier and self.cursor_at is not None
            step = self._cursor_pixel() + (at - self._press) * FINE if fine else at
            self._press = at
            self._go(self.view.to_place(step, self.area()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click hears the note under it, or the place."""
        if event.button() != Qt.MouseButton.LeftButton:
            self._end_pan(event)
            return
        if self._press is not None and not self.moving:
            row = self.row_at(event.position())
            if row is None:
                self._go(self.view.to_place(event.position(), self.area()))
                self.heard.emit(self.shown.indices[self._nearest_row(self.cursor_at)])
            else:
                self.hear(row)
        elif self.moving:
            self.let_go.emit()
        self._press, self.moving = None, False
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Load the note: slot A, with Shift slot B; beside notes show all of the map."""
        row = self.row_at(event.position())
        if row is None:
            self.show_view(MapView())
        else:
            shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            self.loaded.emit("b" if shift else "a", self.shown.indices[row])

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom around the mouse."""
        notches = (event.angleDelta().y() or event.angleDelta().x()) / 120
        self.show_view(self.view.zoomed(_ZOOM_STEP**notches, event.position(), self.area()))
        event.accept()

    def menu(self, row: int | None) -> QMenu:
        """Actions on a note, and on the map."""
        menu = QMenu(self)
        if row is not None:
            index = self.shown.indices[row]
            menu.addAction("Hear").triggered.connect(lambda: self.hear(row))
            menu.addAction("Load into slot A").triggered.connect(lambda: self.loaded.emit("a", index))
            menu.addAction("Load into slot B").triggered.connect(lambda: self.loaded.emit("b", index))
            menu.addSeparator()
        menu.addAction("Show all").triggered.connect(lambda: self.show_view(MapView()))
        return self.extended(menu)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move (Shift fine, Ctrl coarse), + - 0 zoom, Space hears, Enter loads the nearest note."""
        steps = {
            Qt.Key.Key_Left: (-1, 0),
            Qt.Key.Key_Right: (1, 0),
            Qt.Key.Key_Up: (0, 1),
            Qt.Key.Key_Down: (0, -1),
        }
        zooms = {Qt.Key.Key_Plus: _ZOOM_STEP, Qt.Key.Key_Equal: _ZOOM_STEP, Qt.Key.Key_Minus: 1 / _ZOOM_STEP}
        key, at = event.key(), self.cursor_at or (0.5, 0.5)
        if not self.shown.notes:
            super().keyPressEvent(event)
        elif key in steps:
            dx, dy = steps[Qt.Key(key)]
            step = self._key_step(event.modifiers()) * self.view.span
            self._go((min(max(at[0] + dx * step, 0.0), 1.0), min(max(at[1] + dy * step, 0.0), 1.0)))
            self.show_view(self.view.showing(self.cursor_at or at))
        elif key in zooms:
            self.show_view(self.view.zoomed(zooms[Qt.Key(key)], self._cursor_pixel(), self.area()))
        elif key == Qt.Key.Key_0:
            self.show_view(MapView())
        elif key == Qt.Key.Key_Space:
            self.hear(self._nearest_row(at))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            self.loaded.emit("b" if shift else "a", self.shown.indices[self._nearest_row(at)])
        else:
            super().keyPressEvent(event)

    def leaveEvent(self, event: object) -> None:
        """Nothing is hovered any more."""
        if self.hovered is not None:
            self.hovered = None
            self.update()

    def hear(self, row: int) -> None:
        """Move the cursor onto a note and sound it."""
        x, y = self.shown.places[row]
        self.show_view(self.view.showing((float(x), float(y))))
        self._go((float(x), float(y)))
        self.heard.emit(self.shown.indices[row])

    # ---- painting

    def draw_layer(self, painter: QPainter) -> None:
        """Grid and notes."""
        paint_grid(painter, QRectF(self.rect()))
        outer = QRectF(self.rect()).adjusted(-8, -8, 8, 8)
        radius = px(_POINT) * min(1.0 + 0.12 * (self.view.zoom - 1), 1.7)
        for row, (note, (x, y)) in enumerate(zip(self.shown.notes, self._pixels, strict=True)):
            if not outer.contains(x, y):
                continue
            look = family_look(note.family)
            left_out = self.shown.found is not None and row not in self.shown.found
            fill = QColor(look.color)
            fill.setAlpha(_FAINT if left_out else _FULL)
            painter.setPen(QPen(qcolor("well"), 1))
            painter.setBrush(fill)
            bigger = 1.35 if self.shown.found is not None and not left_out else 1.0
            painter.drawPath(shape_path(look.shape, QPointF(x, y), radius * bigger))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Layer, slots, cursor, hover."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self.shown.notes:
            self.paint_empty(painter, "No note to show. Choose another pitch, or show a family in the legend.")
            self.paint_focus(painter)
            return
        self.paint_layer(painter)
        for slot, token in (("a", "slot_a"), ("b", "slot_b")):
            if self.slots.get(slot) in self.shown.indices:
                self._paint_slot(painter, self.pixel_of(self.slots[slot]), token, slot.upper())
        if self.cursor_at is not None:
            paint_reach(painter, self.reach, self.cursor_at, lambda at: self.view.to_pixel(at, self.area()))
            paint_cursor(painter, self._cursor_pixel(), QRectF(self.rect()), active=self.moving)
        if self.hovered is not None:
            self._paint_hover(painter, self.hovered)
        self.paint_focus(painter)

    def _paint_slot(self, painter: QPainter, at: QPointF, token: str, text: str) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(qcolor(token), px(2)))
        painter.drawEllipse(at, px(8), px(8))
        badge = QRectF(at.x() + px(7), at.y() - px(20), px(15), px(15))
        badge.translate(min(0.0, self.width() - badge.right() - 2), max(0.0, 2 - badge.top()))
        paint_badge(painter, badge, token, text)

    def _paint_hover(self, painter: QPainter, row: int) -> None:
        note, at = self.shown.notes[row], QPointF(*self._pixels[row])
        look = family_look(note.family)
        painter.setPen(QPen(qcolor("text"), px(1.5)))
        painter.setBrush(QColor(look.color))
        painter.drawPath(shape_path(look.shape, at, px(_POINT + 2)))
        painter.setFont(font("strong"))
        box = QRectF(0, 0, QFontMetrics(font("strong")).horizontalAdvance(_title(note)) + px(2 * GRID), px(24))
        x = min(max(at.x() - box.width() / 2, 2), self.width() - box.width() - 2)
        y = at.y() - box.height() - px(12)
        box.moveTopLeft(QPointF(x, y if y > 2 else at.y() + px(12)))
        painter.setPen(QPen(qcolor("border"), 1))
        painter.setBrush(qcolor("raised"))
        painter.drawRoundedRect(box, px(RADIUS), px(RADIUS))
        painter.setPen(qcolor("text"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, _title(note))

    # ---- inside

    def _key_step(self, modifiers: Qt.KeyboardModifier) -> float:
        if modifiers & Qt.KeyboardModifier.ShiftModifier:
            return KEY_STEP * FINE
        return PAGE_STEP if modifiers & Qt.KeyboardModifier.ControlModifier else KEY_STEP

    def _nearest_row(self, at: tuple[float, float] | None) -> int:
        places = self.shown.places
        x, y = at or (0.5, 0.5)
        return int(np.hypot(places[:, 0] - x, places[:, 1] - y).argmin())

    def _cursor_pixel(self) -> QPointF:
        return self.view.to_pixel(self.cursor_at or (0.5, 0.5), self.area())

    def _grab(self, at: QPointF) -> None:
        self.moving, self.hovered = True, None
        self.grabbed.emit(self.shown.indices[self._nearest_row(self.view.to_place(at, self.area()))])

    def _go(self, place: tuple[float, float]) -> None:
        if place != self.cursor_at:
            self.show_cursor(place, self.slots)
            self.moved.emit(*place)

    def _hover(self, point: QPointF) -> None:
        found = self.row_at(point)
        if found != self.hovered:
            self.hovered = found
            self.setCursor(Qt.CursorShape.PointingHandCursor if found is not None else Qt.CursorShape.CrossCursor)
            self.update()

    def _end_pan(self, event: QMouseEvent) -> None:
        if self._pan is not None and not self._panned and event.button() == Qt.MouseButton.RightButton:
            self.menu(self.row_at(event.position())).popup(event.globalPosition().toPoint())
        self._pan = None

    def _remap(self) -> None:
        self._pixels = self.view.to_pixels(self.shown.places, self.area())
        self.forget_layer()

    def resizeEvent(self, event: object) -> None:
        """Marks move with the size."""
        self._remap()


def _title(note: BankNote) -> str:
    return f"{note.instrument}  {note_name(note.pitch)}"
