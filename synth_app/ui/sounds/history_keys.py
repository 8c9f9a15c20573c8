"""The keys of undo and redo, where they are those of the sounds and not of the patch."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence


def history_key(event: QKeyEvent) -> str:
    """Return "undo" or "redo" for their keys, "" for any other."""
    if event.matches(QKeySequence.StandardKey.Undo):
        return "undo"
    redo = event.matches(QKeySequence.StandardKey.Redo) or (
        event.key() == Qt.Key.Key_Y and event.modifiers() == Qt.KeyboardModifier.ControlModifier
    )
    return "redo" if redo else ""
