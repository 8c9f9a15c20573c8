"""The gestures every value control shares: drag, fine drag, wheel, keys, reset, typed entry, menu, bubble."""

import math
from collections.abc import Callable, Hashable

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QEnterEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPen,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QMenu, QWidget

from synth_app.params import ParamSpec
from synth_app.ui.theme.theme import qcolor
from synth_app.ui.widgets.value_entry import open_entry
from synth_app.ui.widgets.value_format import format_value
from synth_app.ui.widgets.value_tooltip import ValueTooltip

FINE = 0.1  # share of the movement while Shift is held
WHEEL_STEP = 0.02  # travel per notch
KEY_STEP, PAGE_STEP = 0.01, 0.1
_KEYBOARD_FOCUS = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
    Qt.FocusReason.OtherFocusReason,
)


class ValueControl(QWidget):
    """A control over one number; subclasses paint it and say how far a drag moves it.

    ``moved`` is emitted only for the user's changes, never for ``set_value``: so views of one value can't echo.
    """

    moved = Signal(float)
    short_mark = False  # whether a mark of others has room for a number only

    def __init__(self, spec: ParamSpec, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.spec = spec
        self._value = spec.default
        self._rest = spec.default
        self._said = spec, spec.default, format_value(spec, spec.default)  # the last text, and of what
        self._seen: Hashable = None  # how it looked when it was last told to be painted
        self._drag_from: QPointF | None = None
        self._normalized = 0.0
        self.focus_visible = False
        self.modulated: tuple[float, float] | None = None  # how far modulation moves it down and up
        self.menu_extras: list[Callable[[QMenu], None]] = []  # add what others offer on this control
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setAccessibleName(spec.label)
        self.setToolTip(f"<b>{spec.label}</b><br>{spec.help}")
        self._describe()

    @property
    def value(self) -> float:
        """The value shown, in the parameter's unit."""
        return self._value

    @property
    def rest(self) -> float:
        """Where a double-click puts it."""
        return self._rest

    @property
    def dragging(self) -> bool:
        """Whether the mouse holds it."""
        return self._drag_from is not None

    def set_value(self, value: float) -> None:
        """Show another value; emits nothing."""
        if value != self._value:
            self._value = value
            self._show()

    def set_rest(self, value: float) -> None:
        """Change where a double-click puts it."""
        if value != self._rest:
            self._rest = value
            self._show()

    def follow(self, value: float, rest: float) -> None:
        """Both at once."""
        if (value, rest) != (self._value, self._rest):
            self._value, self._rest = value, rest
            self._show()

    def looks(self) -> Hashable:
        """What is seen of value and rest: where that stays the same, nothing is painted again."""
        return self._value, self._rest

    def keep(self, value: float, rest: float, *, painted: bool = False) -> None:
        """Take over both while out of sight: a hundredth of the work, and whoever asks is told the truth.

        ``painted``: it is in sight, but what is seen of it stays the same.
        """
        self._value, self._rest = value, rest
        if not painted:
            self._seen = None

    def showEvent(self, event: QShowEvent) -> None:
        """In sight again: describe what was only kept."""
        super().showEvent(event)
        self._describe()

    def _show(self) -> None:
        looks = self.looks()
        if looks != self._seen:
            self._seen = looks
            self._describe()
            self.update()

    def set_modulated(self, reach: tuple[float, float] | None) -> None:
        """Show how far modulation moves it from its value, in its unit; None for not at all."""
        if reach != self.modulated:
            self.modulated = reach
            self._describe()
            self.update()

    def modulated_normalized(self) -> tuple[float, float] | None:
        """Between which positions, 0-1, modulation moves it; None where there is none."""
        if self.modulated is None:
            return None
        low, high = (self.spec.clamp(self._value + by) for by in self.modulated)
        return self.spec.to_normalized(low), self.spec.to_normalized(high)

    def text(self) -> str:
        """The value with its unit."""
        spec, value, text = self._said
        if spec is not self.spec or value != self._value:
            text = format_value(self.spec, self._value)
            self._said = self.spec, self._value, text
        return text

    def drag_normalized(self, delta: QPointF) -> float:
        """Share of the range that a mouse movement of ``delta`` px stands for."""
        raise NotImplementedError

    def entry_rect(self) -> QRect:
        """Where typed entry opens, in own coordinates."""
        return self.rect()

    def change(self, value: float) -> None:
        """What the user's hand does: clamp, show, emit."""
        value = self.spec.clamp(value)
        if value != self._value:
            self.set_value(value)
            self.moved.emit(value)

    def reset(self) -> None:
        """Back to the rest value."""
        self.change(self._rest)

    def enter_value(self) -> None:
        """Let the user type a value."""
        open_entry(self, self.spec, self._value, self.entry_rect(), self.change)

    def normalized(self) -> float:
        """Position in the range, 0-1."""
        return self.spec.to_normalized(self._value)

    def nudge(self, normalized: float) -> None:
        """Move by a share of the range, by one step at least where there are steps."""
        if self.spec.curve == "steps" and normalized:
            steps = abs(normalized) * (self.spec.maximum - self.spec.minimum)
            self.change(self._value + math.copysign(max(round(steps), 1), normalized))
        else:
            self.change(self.spec.from_normalized(self.normalized() + normalized))

    # ---- events

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Left button takes hold."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._drag_from = event.position()
            self._normalized = self.normalized()
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Dragging moves by the distance, so that taking hold never jumps; Shift goes fine."""
        if self._drag_from is None:
            return
        step = self.drag_normalized(event.position() - self._drag_from)
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            step *= FINE
        self._drag_from = event.position()
        self._normalized = min(max(self._normalized + step, 0.0), 1.0)
        self.change(self.spec.from_normalized(self._normalized))
        self._bubble()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._drag_from = None
            ValueTooltip.hide_for(self)
            self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Reset."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.reset()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """One notch, one step; Shift goes fine (some systems turn Shift+wheel sideways)."""
        delta = event.angleDelta().y() or event.angleDelta().x()
        fine = FINE if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1.0
        self.nudge(delta / 120 * WHEEL_STEP * fine)
        self._bubble(brief=True)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows, Page, Home, End move; Delete resets; Enter types."""
        key, fine = event.key(), FINE if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1.0
        steps = {
            Qt.Key.Key_Up: KEY_STEP,
            Qt.Key.Key_Right: KEY_STEP,
            Qt.Key.Key_Down: -KEY_STEP,
            Qt.Key.Key_Left: -KEY_STEP,
            Qt.Key.Key_PageUp: PAGE_STEP,
            Qt.Key.Key_PageDown: -PAGE_STEP,
        }
        if key in steps:
            self.nudge(steps[Qt.Key(key)] * fine)
            self._bubble(brief=True)
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.change(self.spec.minimum if key == Qt.Key.Key_Home else self.spec.maximum)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.reset()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2):
            self.enter_value()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The control's menu."""
        self.menu().exec(event.globalPos())

    def menu(self) -> QMenu:
        """Actions on this control."""
        menu = QMenu(self)
        menu.addAction("Enter value…").triggered.connect(self.enter_value)
        menu.addAction(f"Reset to {format_value(self.spec, self._rest)}").triggered.connect(self.reset)
        for extend in self.menu_extras:
            extend(menu)
        return menu

    def mark_place(self) -> QPoint:
        """Right top corner of a small mark that others put on this control, in own coordinates."""
        return QPoint(self.width(), 0)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the ring only where the keyboard brought the focus."""
        self.focus_visible = event.reason() in _KEYBOARD_FOCUS
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide the ring."""
        self.focus_visible = False
        super().focusOutEvent(event)
        self.update()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Hover look."""
        super().enterEvent(event)
        self.update()

    # ---- for subclasses

    def hot(self) -> bool:
        """Whether it is drawn as under the hand."""
        return self.isEnabled() and (self.dragging or self.underMouse())

    def paint_focus(self, painter: QPainter, rect: QRectF, radius: float) -> None:
        """Draw the focus ring when it should be seen."""
        if self.focus_visible:
            painter.setPen(QPen(qcolor("focus"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), radius, radius)

    def _bubble(self, *, brief: bool = False) -> None:
        ValueTooltip.show_for(self, f"{self.spec.label}  {self.text()}", brief=brief)

    def _describe(self) -> None:
        moved = ", modulated" if self.modulated else ""
        self.setAccessibleDescription(self.text() + moved)
