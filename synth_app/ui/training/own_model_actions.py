"""What the window does with the user's own models: rename, delete and restore."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QMessageBox, QWidget

from synth_app.modelfile import ModelEntry
from synth_app.session.presets.library import PresetLibrary
from synth_app.session.trainings.own_models import delete_model, rename_model, restore_model
from synth_app.support.errors import UserError
from synth_app.support.files import trash_of
from synth_app.support.loading import shown
from synth_app.ui.base.name_dialog import ask_name
from synth_app.ui.base.question import ask
from synth_app.ui.ports.actions import try_action
from synth_app.ui.ports.shell import Messages
from synth_app.ui.settings.model_control import ModelControl


class OwnModelActions:
    """Problems are shown, not raised.

    Args:
        messages: the main window. models: loads models. presets: the user's; those of a renamed model follow it.
        changed: called after every change, with the file to choose in lists; None if it is gone.

    Attributes:
        question: the last one asked.
    """

    def __init__(
        self, messages: Messages, models: ModelControl, presets: PresetLibrary, changed: Callable[[Path | None], None]
    ) -> None:
        self._messages, self._models, self._presets, self._changed = messages, models, presets, changed
        self.question: QMessageBox | None = None

    def ask_rename(self, parent: QWidget, entry: ModelEntry) -> None:
        """Ask for another title of a model."""
        if entry.card is None:
            self._messages.show_problem(entry.problem)
            return
        ask_name(parent, "Rename model", entry.card.title, lambda title: self.rename(entry.path, title))

    def rename(self, path: Path, title: str) -> None:
        """Give a model another title."""
        try:
            rename_model(path, title, self._presets)
        except UserError as error:
            self._messages.show_problem(str(error))
            return
        self._models.follow_change(path)
        self._changed(path)

    def ask_delete(self, parent: QWidget, entry: ModelEntry) -> None:
        """Ask before a model moves to the trash, and say how it comes back."""
        title, trash = _title(entry), shown(trash_of(entry.path))
        question = f"Delete the model {title}? Its file {entry.path.name} moves to {trash}, where it stays."
        question += " To get it back later, choose Import model file… and open it there."
        self.question = ask(parent, question, "Delete", "Keep", lambda: self._delete(entry.path, title))

    def _delete(self, path: Path, title: str) -> None:
        """Move a model to the trash, and offer to restore it."""
        deleted = try_action(self._messages, lambda: delete_model(path))
        if deleted is None:
            return
        self._models.loader.refresh()
        self._changed(None)
        self._messages.offer_action(f"{title} is in the trash", "Undo", lambda: self._restore(deleted, path))

    def _restore(self, deleted: Path, path: Path) -> None:
        try:
            restore_model(deleted, path)
        except UserError as error:
            self._messages.show_problem(str(error))
            return
        self._models.loader.refresh()
        self._changed(None)


def _title(entry: ModelEntry) -> str:
    return entry.path.stem if entry.card is None else entry.card.title
