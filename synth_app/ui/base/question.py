"""A question with two answers that does not stop the program while it waits."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget


def ask(parent: QWidget, question: str, yes: str, no: str, act: Callable[[], object]) -> QMessageBox:
    """Show a question; call ``act`` if the user presses the button ``yes``. Escape means ``no``."""
    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setWindowTitle(yes)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(question)
    accept = box.addButton(yes, QMessageBox.ButtonRole.AcceptRole)
    refuse = box.addButton(no, QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(refuse)
    box.setEscapeButton(refuse)
    accept.clicked.connect(lambda: act())
    box.open()
    return box
