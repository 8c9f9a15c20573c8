"""Actions of the window: menu entries with shortcuts, and errors that are shown instead of raised."""

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from synth_app.support.errors import UserError
from synth_app.ui.ports.shell import Messages

T = TypeVar("T")


def make_action(window: QWidget, text: str, shortcuts: tuple[str, ...], run: Callable[[], object]) -> QAction:
    """Create an action of the window; its shortcuts work without a menu."""
    action = QAction(text, window)
    action.setShortcuts([QKeySequence(keys) for keys in shortcuts])
    action.triggered.connect(lambda _=False: run())
    window.addAction(action)
    return action


def try_action(messages: Messages, run: Callable[[], T]) -> T | None:
    """Call ``run`` and return its result; show a UserError as a problem and return None."""
    try:
        return run()
    except UserError as error:
        messages.show_problem(str(error))
        return None
