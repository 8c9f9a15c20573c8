"""The window as panels and file tools see it, so that they need not import the window itself."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QWidget

from synth_app.patch import UserNote


class Messages(Protocol):
    """Where the user is told something."""

    def say(self, text: str) -> None:
        """Show a message in the status line."""

    def say_problem(self, text: str) -> None:
        """Show a problem in the status line."""

    def offer(self, text: str, action: str, run: Callable[[], object]) -> None:
        """Show a toast with one button."""

    def as_widget(self) -> QWidget:
        """The window itself: parent of dialogs and actions."""
        ...


class DropTarget(Messages, Protocol):
    """What the window does with dropped files."""

    def import_model_file(self, path: Path) -> None:
        """Copy a model file into the user's models and load it."""

    def import_presets(self, names: list[str]) -> None:
        """Copy preset files into the user's presets."""

    def model_path(self) -> str:
        """Path of the model that plays; "" while none is loaded."""
        ...

    def corner_at(self, at: QPointF) -> int | None:
        """Corner of the morph pad at a position in the window; None elsewhere, or while another pad is shown."""
        ...

    def place_note(self, note: UserNote, corner: int | None) -> None:
        """Play a user note in slot A, or at a corner of the morph pad.

        Raises:
            UserError: the note belongs to another model than the one that is loaded.
        """
