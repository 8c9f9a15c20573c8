"""Messages of the trainings: in their own window while it is open, because it may cover the main window."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QMainWindow

from synth_app.ui.ports.shell import Messages
from synth_app.ui.training.training_window import TrainingWindow
from synth_app.ui.widgets.toast import toast_of


class TrainingMessages:
    """Shows messages to the user.

    Args:
        main: the main window.

    Attributes:
        window: that of the trainings, while it is open.
    """

    def __init__(self, main: Messages) -> None:
        self._main = main
        self.window: TrainingWindow | None = None

    def show_message(self, text: str) -> None:
        """Show information below the page, or in the main window."""
        (self._main.show_message if self.window is None else self.window.show_message)(text)

    def show_problem(self, text: str) -> None:
        """Show a problem below the page, or in the main window."""
        (self._main.show_problem if self.window is None else self.window.show_problem)(text)

    def offer_action(self, text: str, action: str, run: Callable[[], object]) -> None:
        """Show a toast with one button in the main window if the user works there, or else as ``show_message``."""
        if self.window is None or self._main.as_widget().isActiveWindow():
            self._main.offer_action(text, action, run)
        else:
            toast_of(self.window).show_text(text, action, run)

    def offer_file(self, text: str, path: Path, action: str, run: Callable[[], object]) -> None:
        """Show a toast as ``offer_action``, from which the file can be dragged."""
        if self.window is None or self._main.as_widget().isActiveWindow():
            self._main.offer_file(text, path, action, run)
        else:
            toast_of(self.window).offer_file(text, path, action, run)

    def as_widget(self) -> QMainWindow:
        """Return the main window."""
        return self._main.as_widget()
