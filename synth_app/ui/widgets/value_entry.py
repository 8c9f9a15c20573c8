"""Typed entry: a small field over a control; Enter takes the value, Escape leaves it."""

from collections.abc import Callable

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QToolTip, QWidget

from synth_app.params import ParamSpec
from synth_app.support.errors import UserError
from synth_app.ui.theme.theme import px
from synth_app.ui.widgets.value_format import format_value, parse_value

_MIN_WIDTH, _HEIGHT = 84, 26


class ValueEntry(QLineEdit):
    """The field; goes away by itself."""

    def __init__(self, control: QWidget, spec: ParamSpec, value: float, take: Callable[[float], None]) -> None:
        super().__init__(control.window())
        self._control, self._spec, self._value, self._take = control, spec, value, take
        self.setText(format_value(spec, value))
        self.setAccessibleName(f"{spec.label}: type a value")
        self.selectAll()
        self.returnPressed.connect(self._commit)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes without a change."""
        if event.key() == Qt.Key.Key_Escape:
            self._close()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Leaving the field leaves the value."""
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.deleteLater()

    def _commit(self) -> None:
        try:
            value = parse_value(self._spec, self.text(), self._value)
        except UserError as error:
            QToolTip.showText(self.mapToGlobal(QPoint(0, self.height())), str(error), self)
            self.selectAll()
            return
        self._take(value)
        self._close()

    def _close(self) -> None:
        self._control.setFocus(Qt.FocusReason.OtherFocusReason)  # which ends in focusOutEvent
        self.deleteLater()


def open_entry(
    control: QWidget, spec: ParamSpec, value: float, where: QRect, take: Callable[[float], None]
) -> ValueEntry:
    """Open the field over ``where`` (in the control's coordinates) and give it the focus."""
    field = ValueEntry(control, spec, value, take)
    width, height = max(where.width(), px(_MIN_WIDTH)), px(_HEIGHT)
    center = control.mapTo(control.window(), where.center())
    x = min(max(center.x() - width // 2, 0), control.window().width() - width)
    field.setGeometry(x, center.y() - height // 2, width, height)
    field.setStyleSheet(f"min-height: {height - 4}px;")
    field.show()
    field.setFocus(Qt.FocusReason.PopupFocusReason)
    return field
