"""The morph pad: four corners that hold sounds, a cursor that mixes them."""

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QRadialGradient
from PySide6.QtWidgets import QMenu, QWidget

from synth_app.modelfile import BankNote
from synth_app.session.pad.note_mixing import corner_weights
from synth_app.session.state.pad_state import CORNERS
from synth_app.ui.drawing.canvas import Canvas, paint_badge, paint_cursor, paint_grid
from synth_app.ui.pad.modulation_range import Reach, paint_reach
from synth_app.ui.theme.theme import GRID, RADIUS, font, px, qcolor
from synth_app.ui.widgets.control import FINE, KEY_STEP, PAGE_STEP
from synth_app.ui.widgets.value_format import note_name

_TOKENS = ("slot_a", "slot_b", "slot_c", "slot_d")
_PLACES = ((0.0, 1.0), (1.0, 1.0), (0.0, 0.0), (1.0, 0.0))
_CARD = (168, 38)
_STEPS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}


class MorphPad(Canvas):
    """Drag mixes; a click on a corner's card asks for another sound there. Keys 1 to 4 do the same."""

    moved = Signal(float, float)
    grabbed = Signal()
    let_go = Signal()
    corner_requested = Signal(int)
    corner_cleared = Signal(int)
    capture_requested = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Morph pad", parent)
        self.at = (0.5, 0.5)
        self.notes: tuple[BankNote | None, ...] = (None,) * 4
        self.reach: Reach | None = None  # how far modulation moves the cursor
        self.moving = False
        self.hovered: int | None = None
        self._press: QPointF | None = None
        self.setMouseTracking(True)
        self.setMinimumSize(px(200), px(160))

    def show_state(self, at: tuple[float, float], notes: tuple[BankNote | None, ...]) -> None:
        """Show cursor and corners without telling anyone."""
        if [n and n.name for n in notes] != [n and n.name for n in self.notes]:
            self.notes = notes
            self.forget_layer()
        if at != self.at:
            self.at = at
            self.update()
        shares = ", ".join(
            f"{corner} {round(100 * weight)} %" for corner, weight in zip(CORNERS, corner_weights(*at), strict=True)
        )
        self.setAccessibleDescription(shares)

    def area(self) -> QRectF:
        """Where the cursor moves."""
        edge = px(12)
        return QRectF(self.rect()).adjusted(edge, edge, -edge, -edge)

    def pixel(self, at: tuple[float, float]) -> QPointF:
        """Where a place lies."""
        area = self.area()
        return QPointF(area.left() + at[0] * area.width(), area.bottom() - at[1] * area.height())

    def card(self, corner: int) -> QRectF:
        """The corner's card."""
        area, (x, y) = self.area(), _PLACES[corner]
        width, height = min(px(_CARD[0]), (self.width() - px(3 * GRID)) / 2), px(_CARD[1])
        inset = px(GRID)
        left = self.rect().left() + inset if x == 0 else area.right() + px(12) - inset - width
        top = self.rect().top() + inset if y == 1 else area.bottom() + px(12) - inset - height
        return QRectF(left, top, width, height)

    def corner_at(self, point: QPointF) -> int | None:
        """Whose card is under a pixel."""
        return next((i for i in range(4) if self.card(i).contains(point)), None)

    # ---- events

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A card waits for the release; elsewhere the cursor jumps there."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self._press = event.position()
        if self.corner_at(event.position()) is None:
            self._begin()
            if not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self._go(self._place(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag; with Shift by a tenth."""
        at = event.position()
        if self._press is None:
            self._hover(at)
            return
        if not self.moving and (at - self._press).manhattanLength() >= px(4):
            self._begin()
        if self.moving:
            fine = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._go(self._place(self.pixel(self.at) + (at - self._press) * FINE if fine else at))
            self._press = at

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click on a card asks for another sound."""
        if event.button() != Qt.MouseButton.LeftButton or self._press is None:
            return
        corner = self.corner_at(event.position())
        if self.moving:
            self.moving = False
            self.let_go.emit()
        elif corner is not None:
            self.corner_requested.emit(corner)
        self._press = None
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Back to the middle."""
        if self.corner_at(event.position()) is None:
            self._go((0.5, 0.5))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The corner's menu, or the pad's."""
        self.menu(self.corner_at(QPointF(event.pos()))).popup(event.globalPos())

    def menu(self, corner: int | None) -> QMenu:
        """Actions on a corner, and on the pad."""
        menu = QMenu(self)
        for i in range(4) if corner is None else (corner,):
            name = CORNERS[i]
            menu.addAction(f"Choose a note for corner {name}…").triggered.connect(
                lambda _=False, i=i: self.corner_requested.emit(i)
            )
            menu.addAction(f"Put the present sound into corner {name}").triggered.connect(
                lambda _=False, i=i: self.capture_requested.emit(i)
            )
            if corner is not None:
                menu.addAction(f"Empty corner {name}").triggered.connect(
                    lambda _=False, i=i: self.corner_cleared.emit(i)
                )
        menu.addSeparator()
        menu.addAction("To the middle").triggered.connect(lambda: self._go((0.5, 0.5)))
        return self.extended(menu)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move (Shift fine, Ctrl coarse), 1-4 choose a corner's sound, Delete goes to the middle."""
        key, modifiers = event.key(), event.modifiers()
        if key in _STEPS:
            step = KEY_STEP * FINE if modifiers & Qt.KeyboardModifier.ShiftModifier else KEY_STEP
            step = PAGE_STEP if modifiers & Qt.KeyboardModifier.ControlModifier else step
            dx, dy = _STEPS[Qt.Key(key)]
            self._go((min(max(self.at[0] + dx * step, 0.0), 1.0), min(max(self.at[1] + dy * step, 0.0), 1.0)))
        elif Qt.Key.Key_1 <= key <= Qt.Key.Key_4:
            self.corner_requested.emit(key - Qt.Key.Key_1)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._go((0.5, 0.5))
        else:
            super().keyPressEvent(event)

    # ---- painting

    def draw_layer(self, painter: QPainter) -> None:
        """Each corner's colour fading into the pad, and the cards."""
        paint_grid(painter, QRectF(self.rect()))
        painter.setPen(Qt.PenStyle.NoPen)
        for i, token in enumerate(_TOKENS):
            if self.notes[i] is None:
                continue
            glow = QRadialGradient(self.pixel(_PLACES[i]), 0.8 * min(self.width(), self.height()))
            glow.setColorAt(0, qcolor(token, 70))
            clear = QColor(qcolor(token))
            clear.setAlpha(0)
            glow.setColorAt(1, clear)
            painter.setBrush(glow)
            painter.drawRoundedRect(QRectF(self.rect()), px(RADIUS), px(RADIUS))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Layer, cards, cursor."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.paint_layer(painter)
        weights = corner_weights(*self.at)
        paint_reach(painter, self.reach, self.at, self.pixel)
        paint_cursor(painter, self.pixel(self.at), QRectF(self.rect()), active=self.moving)
        for i in range(4):
            self._paint_card(painter, i, weights[i])
        self.paint_focus(painter)

    def _paint_card(self, painter: QPainter, corner: int, weight: float) -> None:
        card, note = self.card(corner), self.notes[corner]
        painter.setPen(qcolor("border" if corner == self.hovered else "line"))
        painter.setBrush(qcolor("hover" if corner == self.hovered else "raised", 235))
        painter.drawRoundedRect(card.adjusted(0.5, 0.5, -0.5, -0.5), px(RADIUS), px(RADIUS))
        paint_badge(painter, QRectF(card.left() + px(7), card.top() + px(9), px(20), px(20)), _TOKENS[corner],
                    CORNERS[corner])  # fmt: skip
        left = card.left() + px(34)
        width = card.right() - left - px(6)
        title = note.instrument if note else "Empty"
        detail = f"{note_name(note.pitch)} · {round(100 * weight)} %" if note else "Click to choose a note"
        for text, role, color, top in ((title, "strong", "text", 4.0), (detail, "caption", "muted", 19.0)):
            painter.setFont(font(role))
            painter.setPen(qcolor(color))
            shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(width))
            painter.drawText(QRectF(left, card.top() + px(top), width, px(15)), Qt.AlignmentFlag.AlignVCenter, shown)

    # ---- inside

    def _place(self, point: QPointF) -> tuple[float, float]:
        area = self.area()
        x, y = (point.x() - area.left()) / area.width(), (area.bottom() - point.y()) / area.height()
        return min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)

    def _begin(self) -> None:
        self.moving = True
        self.grabbed.emit()

    def _go(self, at: tuple[float, float]) -> None:
        if at != self.at:
            self.show_state(at, self.notes)
            self.moved.emit(*at)

    def _hover(self, point: QPointF) -> None:
        found = self.corner_at(point)
        if found != self.hovered:
            self.hovered = found
            self.setCursor(Qt.CursorShape.PointingHandCursor if found is not None else Qt.CursorShape.CrossCursor)
            self.update()
