"""Protocols of the window for panels and file tools, so that they need not import the window."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QMainWindow

from synth_app.patch import UserNote
from synth_app.session import Slot


class Messages(Protocol):
    """Shows messages to the user."""

    def show_message(self, text: str) -> None:
        """Show information in the status line."""

    def show_problem(self, text: str) -> None:
        """Show a problem in the status line."""

    def offer_action(self, text: str, action: str, run: Callable[[], object]) -> None:
        """Show a toast with one button that calls ``run``."""

    def offer_file(self, text: str, path: Path, action: str, run: Callable[[], object]) -> None:
        """Show a toast with one button, from which the file can be dragged."""

    def as_widget(self) -> QMainWindow:
        """Return the window itself, the parent of dialogs and actions."""
        ...


@dataclass(frozen=True)
class Place:
    """Where a sound is loaded: a slot, or a corner 0-3 of the morph pad."""

    slot: Slot = "a"
    corner: int | None = None

    def text(self) -> str:
        """Return the place in words."""
        return f"slot {self.slot.upper()}" if self.corner is None else f"corner {self.corner + 1}"


class OwnSounds(Protocol):
    """The user's sounds, for lists to choose from, and the search for what sounds like one of them or like a note."""

    def titles(self) -> dict[str, str]:
        """Return names by key, in the order of the names."""
        ...

    def load(self, key: str, place: Place) -> None:
        """Encode a sound for the present model and put it into a place."""
        ...

    def find_similar(self, what: int | str, place: Place | None) -> None:
        """Search for what sounds like a bank note, by its index, or like a sound, by its key.

        Args:
            what: to search for.
            place: where a find is taken to; None for the slot that has the focus.
        """


class DropTarget(Protocol):
    """Actions of the window on dropped files."""

    def import_model_file(self, path: Path) -> None:
        """Copy a model file into the user's models and load it."""

    def import_presets(self, names: list[str]) -> None:
        """Copy preset files into the user's presets."""

    def import_pack(self, path: Path) -> None:
        """Add the models, sounds and presets of a pack to the user's own."""

    def play_patch_of(self, path: Path) -> bool:
        """Play the whole patch that an audio file of the program holds. Return whether it holds one."""
        ...

    def model_path(self) -> str:
        """Return the path of the loaded model, or "" without one."""
        ...

    def corner_at(self, position: QPointF) -> int | None:
        """Return the corner 0-3 of the morph pad at a position in the window; None outside the visible morph pad."""
        ...

    def choose_texture(self, path: Path, position: QPointF) -> bool:
        """Take a sound file into slot S if the position is on the visible style panel. Return whether it is."""
        ...

    def assign_note(self, note: UserNote, corner: int | None, slot: Slot = "a") -> None:
        """Assign a user note to a corner of the morph pad, or to a slot if ``corner`` is None.

        Raises:
            UserError: the note was encoded by another model than the loaded one.
        """
