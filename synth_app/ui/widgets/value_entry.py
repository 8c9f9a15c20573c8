"""Typed entry: a small field over a control; Enter sets the value, Escape cancels."""

from collections.abc import Callable

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QToolTip, QWidget

from synth_app.params import ParamSpec
from synth_app.support.errors import UserError
from synth_app.ui.base.plain_text import plain_tip
from synth_app.ui.theme.theme import px
from synth_app.ui.widgets.value_format import format_value, parse_value

_MIN_WIDTH, _HEIGHT = 84, 26


class ValueEntry(QLineEdit):
    """The field; it deletes itself.

    Args:
        control: the control below.
        spec: its parameter.
        value: its value.
        set_value: called with the typed value.
    """

    def __init__(self, control: QWidget, spec: ParamSpec, value: float, set_value: Callable[[float], None]) -> None:
        super().__init__(control.window())
        self._control, self._spec, self._value, self._set_value = control, spec, value, set_value
        self.setText(format_value(spec, value))
        self.setAccessibleName(f"{spec.label}: type a value")
        self.selectAll()
        self.returnPressed.connect(self._commit)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close without a change on Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self._close()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Close without a change when the focus leaves."""
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.deleteLater()

    def _commit(self) -> None:
        try:
            value = parse_value(self._spec, self.text(), self._value)
        except UserError as error:
            QToolTip.showText(self.mapToGlobal(QPoint(0, self.height())), plain_tip(str(error)), self)
            self.selectAll()
            return
        self._set_value(value)
        self._close()

    def _close(self) -> None:
        self._control.setFocus(Qt.FocusReason.OtherFocusReason)  # calls focusOutEvent
        self.deleteLater()


def open_entry(
    control: QWidget, spec: ParamSpec, value: float, box: QRect, set_value: Callable[[float], None]
) -> ValueEntry:
    """Open the field over ``box`` (in the control's coordinates) and set the focus to it."""
    field = ValueEntry(control, spec, value, set_value)
    width, height = max(box.width(), px(_MIN_WIDTH)), px(_HEIGHT)
    center = control.mapTo(control.window(), box.center())
    x = min(max(center.x() - width // 2, 0), control.window().width() - width)
    field.setGeometry(x, center.y() - height // 2, width, height)
    field.setStyleSheet(f"min-height: {height - 4}px;")
    field.show()
    field.setFocus(Qt.FocusReason.PopupFocusReason)
    return field
