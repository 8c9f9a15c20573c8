"""A graph whose curve the user edits by its points: drag, add, remove, reset, by mouse and by keyboard."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QMenu

from synth_app.ui.graphs.axis import GraphAxis
from synth_app.ui.graphs.graph_view import GraphView
from synth_app.ui.graphs.point_items import PointItems
from synth_app.ui.graphs.snap_grid import SnapGrid
from synth_app.ui.theme.theme import px
from synth_app.ui.widgets.input_steps import ARROW_DIRECTIONS, FINE

Floats = NDArray[np.floating]
_HIT_RADIUS = 11  # design px
_KEY_STEPS = 100  # arrow presses from edge to edge of the view
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2)
_HINT = (
    "Drag a point; Shift moves it finely, Ctrl snaps it to the grid. Double-click adds a point, or resets one. "
    "Keys: Tab chooses a point, arrows move it, Enter types its value, Insert adds, Delete removes, Backspace resets, "
    "+ − zoom, 0 shows all"
)
_HINT_FIXED = (
    "Drag a point; Shift moves it finely, Ctrl snaps it to the grid, double-click resets it. "
    "Keys: Tab chooses a point, arrows move it, Backspace resets, + − zoom, 0 shows all"
)


@dataclass(frozen=True)
class Handle:
    """A point that the user can move.

    Attributes:
        x, y: where it is, in the units of the axes.
        text: what it stands for, with its values.
        moves_x, moves_y: the directions in which it moves.
        removable: whether it can be removed.
    """

    x: float
    y: float
    text: str
    moves_x: bool = True
    moves_y: bool = True
    removable: bool = False


class PointEditor(GraphView):
    """Shows a curve with handles and reports what the user does to them; its owner changes the curve.

    Signals:
        drag_started, drag_ended: around the moves of one drag. ``moved`` counts from the start of the drag.
        moved: (handle, x, y), already snapped, not limited.
        added: (x, y).
        removed, reset, value_requested: the handle.
        stroked: [(x, y), (x, y)], a step of a stroke, while ``draws`` is on.
        selected: the handle, -1 for none.

    Args:
        name: accessible name.
        bottom, left: axes.
        grows: whether points can be added.
        token: colour of the curve.

    Attributes:
        handles: that are shown.
        grid: that handles snap to; with ``snaps`` always, else while Ctrl is held.
        draws: whether the mouse draws the curve freely instead of moving handles.
    """

    drag_started = Signal()
    drag_ended = Signal()
    moved = Signal(int, float, float)
    added = Signal(float, float)
    removed = Signal(int)
    reset = Signal(int)
    value_requested = Signal(int)
    stroked = Signal(object)
    selected = Signal(int)

    def __init__(
        self, name: str, bottom: GraphAxis, left: GraphAxis, *, grows: bool = True, token: str = "accent"
    ) -> None:
        super().__init__(name, bottom, left, _HINT if grows else _HINT_FIXED)
        self._grows = grows
        self.handles: tuple[Handle, ...] = ()
        self.grid, self.snaps, self.draws = SnapGrid(), False, False
        self.selection = self._hovered = -1
        self._items = PointItems(self, token)
        self._drag_from: QPointF | None = None  # the mouse in the units of the axes, at the last move
        self._at = QPointF()  # of the dragged handle, before it is snapped
        self._start = QPointF()  # of the dragged handle, before the drag
        self._stroke_at: QPointF | None = None  # end of the stroke so far
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    # ---- for the owner

    def show_curve(self, x: Floats, y: Floats, handles: Sequence[Handle], base: float | None = 0.0) -> None:
        """Show a curve and its handles; emits nothing.

        Args:
            x, y: the curve.
            handles: from left to right.
            base: level to which the area at the curve is filled; None without an area.
        """
        self.handles = tuple(handles)
        self.selection = min(self.selection, len(self.handles) - 1)
        self._items.show_curve(x, y, base)
        self._show_handles()

    def select(self, which: int) -> None:
        """Choose a handle for the keyboard; -1 for none."""
        if which != self.selection:
            self.selection = which
            self._show_handles()
            self.selected.emit(which)

    def select_near(self, x: float, y: float) -> None:
        """Choose the handle nearest to a place."""
        at = self.position_of(x, y)
        gaps = [_gap(self.position_of(each.x, each.y), at) for each in self.handles]
        self.select(int(np.argmin(gaps)) if gaps else -1)

    @property
    def dragging(self) -> bool:
        """Whether the user drags a handle."""
        return self._drag_from is not None

    def handle_at(self, position: QPointF | QPoint) -> int:
        """Return the handle under a position in the viewport, the nearest one of several; -1 for none."""
        at = QPointF(position)
        gaps = [_gap(self.position_of(each.x, each.y), at) for each in self.handles]
        near = [i for i, gap in enumerate(gaps) if gap <= px(_HIT_RADIUS)]
        if self.selection in near and gaps[self.selection] <= min(gaps) + 1.0:
            return self.selection  # of handles at one place the chosen one
        return min(near, key=lambda i: (gaps[i], -i), default=-1)

    def origin_x(self, which: int) -> float:
        """Return where the grid across begins for a handle; subclasses measure durations from another point."""
        return 0.0

    # ---- mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Start to drag the handle under the mouse; elsewhere pan."""
        left = event.button() == Qt.MouseButton.LeftButton
        if left and self.draws:
            self._stroke_at = self.value_at(event.position())
            self.drag_started.emit()
            return
        which = self.handle_at(event.position()) if left else -1
        if which < 0:
            if event.button() != Qt.MouseButton.RightButton:
                super().mousePressEvent(event)
            return
        self.select(which)
        handle = self.handles[which]
        self._start = self._at = QPointF(handle.x, handle.y)
        self._drag_from = self.value_at(event.position())
        self.drag_started.emit()
        self._show_handles()
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the handle, or show which one is under the mouse."""
        if self._stroke_at is not None:
            before, self._stroke_at = self._stroke_at, self.value_at(event.position())
            self.stroked.emit([before.toTuple(), self._stroke_at.toTuple()])
            return
        if self._drag_from is None:
            super().mouseMoveEvent(event)
            if not event.buttons():
                self._hover(-1 if self.draws else self.handle_at(event.position()))
            return
        mouse = self.value_at(event.position())
        step = mouse - self._drag_from
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            step *= FINE
        self._drag_from, self._at = mouse, self._at + step
        self._move(self._at.x(), self._at.y(), snapped=self.snaps != _ctrl(event))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the drag."""
        pressed = self._stroke_at is not None or self._drag_from is not None
        if pressed and event.button() == Qt.MouseButton.LeftButton:
            self.cancel_press()
            event.accept()
        elif event.button() != Qt.MouseButton.RightButton:
            super().mouseReleaseEvent(event)

    def cancel_press(self) -> None:
        """End the drag or the stroke, because the mouse button was released over another window."""
        if self._stroke_at is not None:
            self._stroke_at = None
            self.drag_ended.emit()
        elif self._drag_from is not None:
            self._end_drag()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Reset the handle there, or add one."""
        if event.button() != Qt.MouseButton.LeftButton or self.draws:
            return
        which = self.handle_at(event.position())
        if which >= 0:
            self.reset.emit(which)
        elif self._grows and self.box.sceneBoundingRect().contains(self.mapToScene(event.position().toPoint())):
            value = self.value_at(event.position())
            self._add(value.x(), value.y(), snapped=self.snaps != _ctrl(event))
        event.accept()

    # ---- keyboard

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Let Tab choose the next handle, until there is none."""
        which = self.selection + (1 if forward else -1)
        if self.hasFocus() and 0 <= which < len(self.handles):
            self.select(which)
            return True
        return bool(super().focusNextPrevChild(forward))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Choose the first handle when Tab arrives, the last one backwards."""
        super().focusInEvent(event)
        if event.reason() == Qt.FocusReason.TabFocusReason:
            self.select(0 if self.handles else -1)
        elif event.reason() == Qt.FocusReason.BacktabFocusReason:
            self.select(len(self.handles) - 1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move, add, remove or reset by keys."""
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape and self.dragging:
            self.moved.emit(self.selection, self._start.x(), self._start.y())
            self._end_drag()
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End) and self.handles:
            self.select(0 if key == Qt.Key.Key_Home else len(self.handles) - 1)
        elif key == Qt.Key.Key_Insert and self._grows:
            self.add_after_selection()
        elif not 0 <= self.selection < len(self.handles):
            super().keyPressEvent(event)
        elif key in ARROW_DIRECTIONS:
            self._nudge(*ARROW_DIRECTIONS[key], event.modifiers())
        elif key in _ENTER:
            self.value_requested.emit(self.selection)
        elif key == Qt.Key.Key_Delete and self._grows:
            self._remove(self.selection)
        elif key in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
            self.reset.emit(self.selection)
        else:
            super().keyPressEvent(event)

    def add_after_selection(self) -> None:
        """Add a point on the curve, half-way from the chosen one to the next."""
        first = min(max(self.selection, 0), len(self.handles) - 2)
        x = 0.5 * (self.handles[first].x + self.handles[first + 1].x)
        self._add(x, self._items.level_at(x), snapped=False)

    def menu(self, position: QPointF) -> QMenu:
        """Return the context menu: of the handle there, or of the place."""
        which = self.handle_at(position)
        menu = super().menu(position)
        first = menu.actions()[0]
        entries = []
        if which >= 0:
            self.select(which)
            if self._grows:
                entries.append(("Enter value…\tEnter", lambda: self.value_requested.emit(which)))
            entries.append(("Reset point\tBackspace", lambda: self.reset.emit(which)))
            if self.handles[which].removable:
                entries.append(("Remove point\tDelete", lambda: self._remove(which)))
        elif self._grows:
            value = self.value_at(position)
            entries.append(("Add point here\tInsert", lambda: self._add(value.x(), value.y(), snapped=self.snaps)))
        for text, act in entries:
            action = menu.addAction(text)
            action.triggered.connect(lambda _=False, act=act: act())
            menu.insertAction(first, action)
        menu.insertSeparator(first)
        return menu

    # ---- internal

    def _move(self, x: float, y: float, *, snapped: bool) -> None:
        if snapped:
            origin = self.origin_x(self.selection)
            x, y = self.grid.nearest(x - origin, y)
            x += origin
        handle = self.handles[self.selection]
        self.moved.emit(
            self.selection, x if handle.moves_x else self._start.x(), y if handle.moves_y else self._start.y()
        )

    def _nudge(self, right: int, up: int, modifiers: Qt.KeyboardModifier) -> None:
        """Move the chosen handle by a key: a step of the view, with Shift a tenth, with Ctrl to the next grid line."""
        handle, ((left, end), (low, high)) = self.handles[self.selection], self.visible_range()
        fine = FINE if modifiers & Qt.KeyboardModifier.ShiftModifier else 1.0
        x = handle.x + right * fine * (end - left) / _KEY_STEPS
        y = handle.y + up * fine * (high - low) / _KEY_STEPS
        if bool(modifiers & Qt.KeyboardModifier.ControlModifier) != self.snaps:
            origin = self.origin_x(self.selection)
            x = origin + self.grid.next_x(handle.x - origin, right) if right and self.grid.x_step else x
            y = self.grid.next_y(handle.y, up) if up and self.grid.y_step else y
        self.drag_started.emit()
        self.moved.emit(self.selection, x if handle.moves_x else handle.x, y if handle.moves_y else handle.y)
        self.drag_ended.emit()

    def _add(self, x: float, y: float, *, snapped: bool) -> None:
        if snapped:
            x, y = self.grid.nearest(x, y)
        self.added.emit(x, y)
        self.select_near(x, y)

    def _remove(self, which: int) -> None:
        if self.handles[which].removable:
            self.removed.emit(which)
            self._show_handles()

    def _end_drag(self) -> None:
        self._drag_from = None
        self.drag_ended.emit()
        self._show_handles()

    def _hover(self, which: int) -> None:
        if which != self._hovered:
            self._hovered = which
            self._show_handles()
        rest = Qt.CursorShape.CrossCursor if self.draws else Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(_cursor(self.handles[which]) if which >= 0 else rest)

    def _show_handles(self) -> None:
        self._hovered = min(self._hovered, len(self.handles) - 1)
        self._items.show_handles(self.handles, self.selection, self._hovered, dragged=self.dragging)
        shown = self.selection if self.selection >= 0 else self._hovered
        text = self.handles[shown].text if shown >= 0 else ""
        self.setAccessibleDescription(
            f"Point {shown + 1} of {len(self.handles)}: {text}" if text else f"{len(self.handles)} points"
        )


def _ctrl(event: QMouseEvent) -> bool:
    return bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)


def _gap(a: QPointF, b: QPointF) -> float:
    return float(np.hypot(a.x() - b.x(), a.y() - b.y()))


def _cursor(handle: Handle) -> Qt.CursorShape:
    if handle.moves_x and handle.moves_y:
        return Qt.CursorShape.SizeAllCursor
    return Qt.CursorShape.SizeHorCursor if handle.moves_x else Qt.CursorShape.SizeVerCursor
