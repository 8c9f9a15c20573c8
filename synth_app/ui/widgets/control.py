"""The base class of value controls: drag, fine drag, wheel, keys, reset, typed entry, menu, value tooltip."""

import math
from collections.abc import Callable, Hashable

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
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
from synth_app.ui.base.accessible_value import ValueRange, tell_value_changed
from synth_app.ui.base.plain_text import plain
from synth_app.ui.theme.theme import qcolor
from synth_app.ui.widgets.input_steps import FINE, KEY_STEP, VALUE_STEPS, WHEEL_STEP, shift_held
from synth_app.ui.widgets.value_entry import open_entry
from synth_app.ui.widgets.value_format import format_value
from synth_app.ui.widgets.value_tooltip import ValueTooltip

_KEYBOARD_FOCUS = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
    Qt.FocusReason.OtherFocusReason,
)


class ValueControl(QWidget):
    """A control of one number. Subclasses paint it and define how far a drag moves it.

    Signals:
        moved: the new value. It is emitted only for the user's changes, never for ``set_value``, so that several views
            of one value do not echo each other.

    Attributes:
        spec: the parameter.
        modulation_range: as ``set_modulation_range`` gave it.
        drop_marked: whether something that is dragged over the control can be dropped on it.
        menu_extras: functions that add entries of other parts of the window to the context menu.
        short_mark: whether a MIDI mark on this control has room for a number only.
    """

    moved = Signal(float)
    short_mark = False
    accessible_role = QAccessible.Role.Slider

    def __init__(self, spec: ParamSpec, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.spec = spec
        self._value = spec.default
        self._reset_value = spec.default
        self._text_cache = spec, spec.default, format_value(spec, spec.default)  # spec, value and the text of both
        self._shown_appearance: Hashable = None  # when a repaint was last requested
        self._drag_from: QPointF | None = None
        self._dragged_to = 0.0  # normalized value during a drag, not rounded to steps
        self.focus_visible = False
        self.modulation_range: tuple[float, float] | None = None
        self._range_normalized = False
        self.drop_marked = False
        self.menu_extras: list[Callable[[QMenu], None]] = []
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self._label = ""
        self.set_label(spec.label)
        self._describe()

    @property
    def value(self) -> float:
        """The value shown, in the parameter's unit."""
        return self._value

    @property
    def reset_value(self) -> float:
        """The reset value, which a double-click restores."""
        return self._reset_value

    @property
    def dragging(self) -> bool:
        """Whether the user drags the control."""
        return self._drag_from is not None

    def set_label(self, label: str) -> None:
        """Name the control in its tooltips and for screen readers, for example as the user named it."""
        if label != self._label:
            self._label = label
            self.setAccessibleName(label)
            self.setToolTip(f"<b>{plain(label)}</b><br>{plain(self.spec.help)}")

    def set_value(self, value: float) -> None:
        """Show another value; emits nothing."""
        if value != self._value:
            self._value = value
            self._show()

    def set_value_and_reset_value(self, value: float, reset_value: float) -> None:
        """Show another value and reset value at once; emits nothing."""
        if (value, reset_value) != (self._value, self._reset_value):
            self._value, self._reset_value = value, reset_value
            self._show()

    def appearance(self) -> Hashable:
        """Return what the user sees of value and reset value; while it stays equal, nothing is repainted."""
        return self._value, self._reset_value

    def store_value_and_reset_value(self, value: float, reset_value: float, *, painted: bool = False) -> None:
        """Store value and reset value without a repaint, which takes a hundredth of the time.

        Args:
            value: the value.
            rest: the reset value.
            painted: True if the control is visible but its appearance stays the same; False if it is hidden.
        """
        self._value, self._reset_value = value, reset_value
        if not painted:
            self._shown_appearance = None

    def showEvent(self, event: QShowEvent) -> None:
        """Update the description, which is not updated while the control is hidden."""
        super().showEvent(event)
        self._describe()

    def _show(self) -> None:
        appearance = self.appearance()
        if appearance != self._shown_appearance:
            self._shown_appearance = appearance
            self._describe()
            self.update()

    def set_modulation_range(self, modulation_range: tuple[float, float] | None, *, normalized: bool = False) -> None:
        """Show how far modulation moves the value down and up; None without modulation.

        Args:
            modulation_range: in the parameter's unit.
            normalized: whether it is in normalized values instead.
        """
        if modulation_range != self.modulation_range:
            self.modulation_range, self._range_normalized = modulation_range, normalized
            self._describe()
            self.update()

    def normalized_modulation_range(self) -> tuple[float, float] | None:
        """Return the modulation range as normalized values, clamped to 0-1; None without modulation."""
        if self.modulation_range is None:
            return None
        if self._range_normalized:
            low, high = (min(max(self.normalized() + by, 0.0), 1.0) for by in self.modulation_range)
            return low, high
        low, high = (self.spec.clamp(self._value + by) for by in self.modulation_range)
        return self.spec.to_normalized(low), self.spec.to_normalized(high)

    def text(self) -> str:
        """Return the value with its unit."""
        spec, value, text = self._text_cache
        if spec is not self.spec or value != self._value:
            text = format_value(self.spec, self._value)
            self._text_cache = self.spec, self._value, text
        return text

    def drag_normalized(self, delta: QPointF) -> float:
        """Return the change in normalized value for a mouse movement of ``delta`` px."""
        raise NotImplementedError

    def entry_rect(self) -> QRect:
        """Return the rectangle over which typed entry opens, in own coordinates."""
        return self.rect()

    def change(self, value: float) -> None:
        """Change the value as by user input: clamp, show, emit."""
        value = self.spec.clamp(value)
        if value != self._value:
            self.set_value(value)
            self.moved.emit(value)

    def reset(self) -> None:
        """Change to the reset value."""
        self.change(self._reset_value)

    def enter_value(self) -> None:
        """Open the field for a typed value."""
        open_entry(self, self.spec, self._value, self.entry_rect(), self.change)

    def normalized(self) -> float:
        """Return the normalized value, 0-1."""
        return self.spec.to_normalized(self._value)

    def nudge(self, normalized: float) -> None:
        """Change by a difference in normalized value; by at least one step if the parameter has steps."""
        if self.spec.curve == "steps" and normalized:
            steps = abs(normalized) * (self.spec.maximum - self.spec.minimum)
            self.change(self._value + math.copysign(max(round(steps), 1), normalized))
        else:
            self.change(self.spec.from_normalized(self.normalized() + normalized))

    # ---- for screen readers

    def accessible_range(self) -> ValueRange:
        """Return value, ends and step, in the parameter's unit."""
        spec, whole = self.spec, self.spec.curve == "steps"
        step = 1.0 if whole else KEY_STEP * (spec.maximum - spec.minimum)
        return ValueRange(self._value, spec.minimum, spec.maximum, step)

    def set_accessible_value(self, value: float) -> None:
        """Change the value as by user input."""
        self.change(value)

    # ---- events

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Start a drag with the left button."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._drag_from = event.position()
            self._dragged_to = self.normalized()
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag by the distance moved, so that a press never jumps; Shift moves by a tenth."""
        if self._drag_from is None:
            return
        step = self.drag_normalized(event.position() - self._drag_from)
        if shift_held(event):
            step *= FINE
        self._drag_from = event.position()
        self._dragged_to = min(max(self._dragged_to + step, 0.0), 1.0)
        self.change(self.spec.from_normalized(self._dragged_to))
        self._show_tooltip()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the drag."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.cancel_press()

    def cancel_press(self) -> None:
        """End the drag, because the mouse button was released over another window."""
        self._drag_from = None
        ValueTooltip.hide_for(self)
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Reset to the reset value."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.reset()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Move one step per notch, with Shift a tenth (some systems turn Shift+wheel sideways)."""
        delta = event.angleDelta().y() or event.angleDelta().x()
        self.nudge(delta / 120 * WHEEL_STEP * (FINE if shift_held(event) else 1.0))
        self._show_tooltip(brief=True)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows, Page, Home and End move; Delete resets; Enter opens typed entry."""
        key = event.key()
        if key in VALUE_STEPS:
            self.nudge(VALUE_STEPS[key] * (FINE if shift_held(event) else 1.0))
            self._show_tooltip(brief=True)
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.change(self.spec.minimum if key == Qt.Key.Key_Home else self.spec.maximum)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.reset()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2):
            self.enter_value()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Open the control's menu."""
        self.menu().exec(event.globalPos())

    def menu(self) -> QMenu:
        """Return the menu of actions on this control."""
        menu = QMenu(self)
        menu.addAction("Enter value…").triggered.connect(self.enter_value)
        menu.addAction(f"Reset to {format_value(self.spec, self._reset_value)}").triggered.connect(self.reset)
        for extend in self.menu_extras:
            extend(menu)
        return menu

    def mark_position(self) -> QPoint:
        """Return the top right corner of the MIDI mark on this control, in own coordinates."""
        return QPoint(self.width(), 0)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus ring only if the keyboard set the focus."""
        self.focus_visible = event.reason() in _KEYBOARD_FOCUS
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide the focus ring."""
        self.focus_visible = False
        super().focusOutEvent(event)
        self.update()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Paint the hovered look."""
        super().enterEvent(event)
        self.update()

    # ---- for subclasses

    def is_active(self) -> bool:
        """Return whether the control is painted as hovered or dragged."""
        return self.isEnabled() and (self.dragging or self.underMouse())

    def paint_focus(self, painter: QPainter, rect: QRectF, radius: float) -> None:
        """Paint the focus ring if it is visible, or the mark of a drop."""
        if self.focus_visible or self.drop_marked:
            painter.setPen(QPen(qcolor("modulated" if self.drop_marked else "focus"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), radius, radius)

    def _show_tooltip(self, *, brief: bool = False) -> None:
        ValueTooltip.show_for(self, f"{self._label}  {self.text()}", brief=brief)

    def _describe(self) -> None:
        modulated = ", modulated" if self.modulation_range else ""
        self.setAccessibleDescription(self.text() + modulated)
        tell_value_changed(self, self._value)
