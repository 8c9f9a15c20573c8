"""Undo and redo: their actions with shortcuts, and mouse drags as single undo steps."""

from PySide6.QtCore import QObject
from PySide6.QtGui import QWindow

from synth_app.session.store.history import History
from synth_app.ui.base.mouse_press import MousePress
from synth_app.ui.base.plain_text import without_mnemonic
from synth_app.ui.ports.actions import make_action, try_action
from synth_app.ui.ports.shell import Messages


class UndoControl(QObject):
    """Connects the session's undo history to the window."""

    def __init__(self, history: History, messages: Messages) -> None:
        window = messages.as_widget()
        super().__init__(window)
        self._history, self._messages = history, messages
        self._mouse = MousePress(self)
        self._mouse.began.connect(lambda again: history.press(again=again))
        self._mouse.ended.connect(history.release)
        self.undo_action = make_action(window, "Undo", ("Ctrl+Z",), self.undo)
        self.redo_action = make_action(window, "Redo", ("Ctrl+Shift+Z", "Ctrl+Y"), self.redo)
        history.watch(self._show_labels)
        self._show_labels()

    def undo(self) -> None:
        """Undo the last step."""
        try_action(self._messages, self._history.undo)

    def redo(self) -> None:
        """Redo the step that was undone last."""
        try_action(self._messages, self._history.redo)

    def listen(self, handle: QWindow) -> None:
        """Watch the mouse buttons over a native window: the changes during one press are one undo step."""
        self._mouse.listen(handle)

    def _show_labels(self) -> None:
        for action, word, label in (
            (self.undo_action, "Undo", self._history.undo_label),
            (self.redo_action, "Redo", self._history.redo_label),
        ):
            text = without_mnemonic(f"{word} {label}".rstrip())
            if action.text() != text:
                action.setText(text)
            action.setEnabled(bool(label))
