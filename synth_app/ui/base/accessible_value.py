"""What screen readers get from controls that are painted by this program: role, value, range and step.

``install`` is called once. Qt then asks ``_make`` for the interface of each widget, and uses its own for all widgets
that are no ``AccessibleValue``.
"""

import weakref
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import (
    QAccessible,
    QAccessibleInterface,
    QAccessibleValueChangeEvent,
    QAccessibleValueInterface,
    QResizeEvent,
)
from PySide6.QtWidgets import QAccessibleWidget, QWidget

_AXIS_NAMES = ("Horizontal position", "Vertical position")


@dataclass(frozen=True)
class ValueRange:
    """A value with the ends of its range and the step of an arrow key, in the unit that the user sees."""

    value: float
    minimum: float
    maximum: float
    step: float


@runtime_checkable
class AccessibleValue(Protocol):
    """A widget with one value that screen readers can read and set."""

    accessible_role: QAccessible.Role

    def accessible_range(self) -> ValueRange:
        """Return the value and its range."""
        ...

    def set_accessible_value(self, value: float) -> None:
        """Change the value as by user input."""


@runtime_checkable
class AccessiblePad(Protocol):
    """A pad with two values; axis 0 is horizontal, 1 vertical."""

    def axis_range(self, axis: int) -> ValueRange:
        """Return one value and its range."""
        ...

    def set_axis_value(self, axis: int, value: float) -> None:
        """Change one value as by user input."""


def install() -> None:
    """Let Qt use the interfaces of this module, in the whole program."""
    QAccessible.installFactory(_make)


def tell_value_changed(widget: QWidget, value: float) -> None:
    """Tell screen readers that a value has changed; costs nothing while none runs."""
    if QAccessible.isActive():
        QAccessible.updateAccessibility(QAccessibleValueChangeEvent(widget, value))


class PadAxis(QWidget):
    """One axis of a pad as a slider for screen readers, at the pad's edge. It paints nothing and takes no input."""

    accessible_role = QAccessible.Role.Slider

    def __init__(self, pad: QWidget, axis: int) -> None:
        super().__init__(pad)
        self._pad, self._axis = pad, axis
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(f"{pad.accessibleName()}: {_AXIS_NAMES[axis].lower()}")
        pad.installEventFilter(self)
        self._place()

    def accessible_range(self) -> ValueRange:
        """Return the position on this axis."""
        assert isinstance(self._pad, AccessiblePad)
        return self._pad.axis_range(self._axis)

    def set_accessible_value(self, value: float) -> None:
        """Move the cursor along this axis."""
        assert isinstance(self._pad, AccessiblePad)
        self._pad.set_axis_value(self._axis, value)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the size of the pad."""
        if isinstance(event, QResizeEvent):
            self._place()
        return False

    def _place(self) -> None:
        size = self._pad.size()
        if self._axis == 0:
            self.setGeometry(0, size.height() - 1, size.width(), 1)
        else:
            self.setGeometry(0, 0, 1, size.height())


class _Value(QAccessibleValueInterface):
    """Passes Qt's questions to an ``AccessibleValue``.

    PySide 6.9 to 6.12 never free an interface that a factory returned, so it must not hold the widget.
    """

    def __init__(self, widget: AccessibleValue) -> None:
        super().__init__()
        self._reference = weakref.ref(widget)

    @property
    def _widget(self) -> AccessibleValue:
        widget = self._reference()
        assert widget is not None, "Qt deletes an interface with its widget"
        return widget

    def currentValue(self) -> float:
        return self._widget.accessible_range().value

    def setCurrentValue(self, value: object) -> None:
        if isinstance(value, int | float):
            self._widget.set_accessible_value(float(value))

    def minimumValue(self) -> float:
        return self._widget.accessible_range().minimum

    def maximumValue(self) -> float:
        return self._widget.accessible_range().maximum

    def minimumStepSize(self) -> float:
        return self._widget.accessible_range().step


class _Interface(QAccessibleWidget):
    """A widget's interface with its value."""

    def __init__(self, widget: QWidget, value: AccessibleValue) -> None:
        super().__init__(widget, value.accessible_role, widget.accessibleName())
        self._value = _Value(value)

    def interface_cast(self, kind: QAccessible.InterfaceType) -> Any:  # PySide passes the pointer of the object on
        if kind == QAccessible.InterfaceType.ValueInterface:
            return self._value
        return super().interface_cast(kind)


def _make(_name: str, widget: QObject) -> QAccessibleInterface | None:
    """Return the interface of a widget with a value; None leaves it to Qt, which deletes it with the widget."""
    if not isinstance(widget, QWidget):
        return None
    kind = type(widget)
    if kind not in _without_value:  # Qt asks for every widget, and a protocol is slow to check
        if isinstance(widget, AccessibleValue):
            return _keep(widget, _Interface(widget, widget))
        _without_value.add(kind)
    return None


def _keep(widget: QWidget, made: _Interface) -> _Interface:
    """Keep an interface as long as its widget, for a PySide that frees interfaces: Qt's pointer does not count."""
    key = id(widget)
    _kept[key] = made
    widget.destroyed.connect(lambda *_: _kept.pop(key, None))
    return made


_kept: dict[int, _Interface] = {}
_without_value: set[type[QWidget]] = set()
