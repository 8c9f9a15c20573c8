"""The curves of a recorded gesture, one of them chosen, with its two ends as handles and the place where it plays."""

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from synth_app.patch import AUTOMATION_RATE_HZ, Automation, AutomationCurve
from synth_app.ui.drawing.canvas import Canvas, paint_grid
from synth_app.ui.theme.theme import font, px, qcolor

_GRIP = 8
_KEY_S = 0.1


class AutomationCanvas(Canvas):
    """``trimmed`` gives the new ends in seconds; ``amount`` 1 for more and -1 for less; ``cleared``: take it out."""

    trimmed = Signal(float, float)
    amount = Signal(int)
    cleared = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Gesture", parent)
        self.moves: Automation | None = None
        self.target: str | None = None
        self.sentence = ""
        self._place_s: float | None = None
        self._ends: list[float] = [0.0, 0.0]  # as they are dragged, seconds
        self._held: int | None = None
        self.setMinimumSize(px(160), px(72))
        self.setToolTip(
            "What was moved, over time. Drag the ends to trim. "
            "Keys: left and right trim the end, with Shift the beginning; up and down more, less; Delete takes it out"
        )

    def show_moves(self, moves: Automation | None, target: str | None, sentence: str) -> None:
        """Show another gesture with one curve chosen, all for None; the sentence where there is none."""
        self.moves, self.target, self.sentence = moves, target, sentence
        self._ends = [0.0, moves.seconds if moves else 0.0]
        self._held = None
        told = f"{moves.seconds:.1f} s, {len(moves.curves)} controls" if moves else sentence
        self.setAccessibleDescription(told)
        self.forget_layer()

    def show_place(self, place_s: float | None) -> None:
        """Where it plays now, None while it does not."""
        if place_s != self._place_s:
            self._place_s = place_s
            self.update()

    def area(self) -> QRectF:
        """Where the curves are."""
        return QRectF(self.rect()).adjusted(px(8), px(6), -px(8), -px(6))

    def pixel_x(self, at_s: float) -> float:
        """Where a time lies."""
        area, seconds = self.area(), self.moves.seconds if self.moves else 1.0
        return area.left() + at_s / seconds * area.width()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the nearer end."""
        if event.button() == Qt.MouseButton.LeftButton and self.moves is not None:
            gaps = [abs(self.pixel_x(end) - event.position().x()) for end in self._ends]
            near = int(np.argmin(gaps))
            self._held = near if gaps[near] <= px(_GRIP) else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag it."""
        if self._held is not None and self.moves is not None:
            area = self.area()
            share = (event.position().x() - area.left()) / area.width()
            self._ends[self._held] = min(max(share, 0.0), 1.0) * self.moves.seconds
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Trim."""
        held, self._held = self._held, None
        if held is not None and self.moves is not None:
            start, end = sorted(self._ends)
            if (start, end) != (0.0, self.moves.seconds):
                self.trimmed.emit(start, end)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Everything that the mouse and the buttons do."""
        key, sides = event.key(), {Qt.Key.Key_Left: -_KEY_S, Qt.Key.Key_Right: _KEY_S}
        if self.moves is None:
            super().keyPressEvent(event)
        elif key in sides:
            step, first = sides[Qt.Key(key)], bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            start, end = (max(step, 0.0), self.moves.seconds) if first else (0.0, self.moves.seconds + min(step, 0.0))
            self.trimmed.emit(start, end)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.amount.emit(1 if key == Qt.Key.Key_Up else -1)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.cleared.emit()
        else:
            super().keyPressEvent(event)

    def draw_layer(self, painter: QPainter) -> None:
        """Grid, the middle, all curves; the chosen one last."""
        paint_grid(painter, QRectF(self.rect()))
        moves = self.moves
        if moves is None:
            return
        area = self.area()
        painter.fillRect(QRectF(area.left(), area.center().y(), area.width(), 1), qcolor("line"))
        chosen = [curve for curve in moves.curves if curve.target == self.target]
        for curve in moves.curves:
            if self.target is None:
                self._draw(painter, curve, QPen(qcolor("accent", 210), px(1.25)))
            elif curve not in chosen:
                self._draw(painter, curve, QPen(qcolor("muted", 110), 1))
        for curve in chosen:
            self._draw(painter, curve, QPen(qcolor("accent"), px(1.75)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The layer, the ends, the place."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.moves is None:
            self.paint_empty(painter, self.sentence)
        else:
            self.paint_layer(painter)
            self._paint_ends(painter)
        self.paint_focus(painter)

    def _paint_ends(self, painter: QPainter) -> None:
        area = self.area()
        left, right = sorted(self.pixel_x(end) for end in self._ends)
        shade = qcolor("well", 190)
        painter.fillRect(QRectF(area.left(), area.top(), left - area.left(), area.height()), shade)
        painter.fillRect(QRectF(right, area.top(), area.right() - right, area.height()), shade)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(qcolor("text"))
        for x in (left, right):
            painter.drawRect(QRectF(x - 0.75, area.top(), 1.5, area.height()))
            painter.drawEllipse(QPointF(x, area.bottom() - px(4)), px(4), px(4))
        box = QRectF(right - px(40), area.top(), px(34), px(14))
        painter.fillRect(box, qcolor("well", 200))
        painter.setPen(qcolor("muted"))
        painter.setFont(font("caption"))
        seconds = abs(self._ends[1] - self._ends[0])
        painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{seconds:.1f} s")
        if self._place_s is not None:
            painter.fillRect(QRectF(round(self.pixel_x(self._place_s)), area.top(), 1.5, area.height()), qcolor("text"))

    def _draw(self, painter: QPainter, curve: AutomationCurve, pen: QPen) -> None:
        """A curve, its own reach filling the height: what moves far and what moves little are both read."""
        area, values = self.area(), curve.array()
        reach = float(np.abs(values).max()) or 1.0
        if curve.dimension is None:
            reach = max(reach, 0.25)  # a quarter of a control's travel, so that a small move looks small
        x = area.left() + np.arange(len(values)) / (len(values) - 1) * area.width()
        y = area.center().y() - values / reach * (area.height() / 2 - px(3))
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF([QPointF(float(a), float(b)) for a, b in zip(x, y, strict=True)]))


def seconds_text(seconds: float) -> str:
    """A length as a clock shows it, to the value of the curves' rate."""
    return f"{int(seconds) // 60}:{seconds % 60:04.1f}" if seconds >= 1.0 / AUTOMATION_RATE_HZ else "0:00.0"
