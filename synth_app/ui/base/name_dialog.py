"""The dialog that asks for another name, and does not stop the program while it waits."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QDialogButtonBox, QInputDialog, QLineEdit, QPushButton, QWidget

MAX_LENGTH = 64  # characters of a name
_WIDTH = 56  # letters


def ask_name(parent: QWidget, title: str, name: str, act: Callable[[str], object]) -> QInputDialog:
    """Show a name to be changed; call ``act`` with the new one if the user accepts it."""
    dialog = QInputDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(title)
    dialog.setLabelText("Name")
    dialog.setTextValue(name)
    dialog.setOkButtonText("Rename")
    dialog.setCancelButtonText("Cancel")
    for field in dialog.findChildren(QLineEdit):
        field.setMaxLength(MAX_LENGTH)
        field.selectAll()
    for buttons in dialog.findChildren(QDialogButtonBox):
        rename = buttons.button(QDialogButtonBox.StandardButton.Ok)
        rename.setProperty("kind", "primary")
        rename.style().polish(rename)  # the dialog has shown it to the style sheet before
        for button in buttons.findChildren(QPushButton):
            button.setIcon(QIcon())  # no other dialog of the program has icons there
    dialog.resize(_WIDTH * dialog.fontMetrics().horizontalAdvance("n"), dialog.sizeHint().height())
    dialog.textValueSelected.connect(act)
    dialog.open()
    return dialog
