"""Pickers and number boxes, and the mark of a refused field.

The wheel changes one only while it has the focus, so that scrolling past changes nothing.
Numbers have a decimal point in every country, as everywhere in the window; a typed comma is understood, too.
"""

from typing import Any

from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import QPaintEvent, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QDoubleSpinBox,
    QSpinBox,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QWidget,
)

_TEXT_MARGIN = 1  # px that styles leave between the field and its text


class Picker(QComboBox):
    """A combo box that takes the focus by click and Tab, not by the wheel."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the picker; a text that is too long ends with an ellipsis, where the style would cut it."""
        del event
        option: Any = QStyleOptionComboBox()  # its stubs lack the fields
        self.initStyleOption(option)
        field = self.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, self
        )
        text = option.currentText if self.currentIndex() >= 0 else self.placeholderText()
        room = field.width() - 2 * _TEXT_MARGIN
        option.currentText = self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room)
        painter = QStylePainter(self)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Choose the next entry if the picker has the focus; else let what is behind scroll."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class WholeBox(QSpinBox):
    """A box for a whole number."""

    def __init__(self, low: int, high: int, value: int) -> None:
        super().__init__()
        _prepare(self)
        self.setRange(low, high)
        self.setValue(value)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Step if the box has the focus; else let what is behind scroll."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class DecimalBox(QDoubleSpinBox):
    """A box for a number with decimals."""

    def __init__(self, low: float, high: float, value: float) -> None:
        super().__init__()
        _prepare(self)
        self.setRange(low, high)
        self.setValue(value)

    def validate(self, text: str, position: int) -> Any:  # PySide6 has named the type differently over its versions
        """Accept a comma as the decimal point; returns the state, the text and the position, as Qt expects."""
        return super().validate(text.replace(",", "."), position)

    def valueFromText(self, text: str) -> float:
        """Return the number of a text with a point or a comma."""
        return super().valueFromText(text.replace(",", "."))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Step if the box has the focus; else let what is behind scroll."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


def mark_field(field: QWidget, problem: str) -> None:
    """Mark a field whose content was refused, also for a screen reader; "" removes the mark."""
    field.setProperty("refused", bool(problem))
    field.setAccessibleDescription(problem)
    field.style().unpolish(field)
    field.style().polish(field)


def _prepare(box: QAbstractSpinBox) -> None:
    box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    box.setLocale(QLocale.c())
