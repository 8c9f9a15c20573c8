"""Dialogs of the preset library: name, category and tags, files to import and export."""

from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QInputDialog, QMessageBox

from synth_app.session.state.preset import SUFFIX
from synth_app.support.file_names import with_ending
from synth_app.ui.base.name_dialog import ask_name
from synth_app.ui.base.question import ask
from synth_app.ui.ports.shell import Messages
from synth_app.ui.presets.library_actions import LibraryActions
from synth_app.ui.presets.preset_save import SaveDialog
from synth_app.ui.presets.preset_state import PresetState

_FILE_FILTER = "Presets (*.json)"


class PresetDialogs:
    """Opens dialogs and passes their input to the library actions."""

    def __init__(self, state: PresetState, actions: LibraryActions, messages: Messages) -> None:
        self._state, self._actions, self._messages = state, actions, messages
        self._window = messages.as_widget()
        self.question: QMessageBox | None = None  # the last one asked

    def save(self) -> None:
        """Save over the user's current preset; open the save dialog if it is a factory preset or none."""
        if self._state.service.can_save():
            self._actions.overwrite()
        else:
            self.save_as()

    def save_as(self) -> SaveDialog:
        """Open the dialog for name, category and tags of a new preset."""
        entry = self._state.service.entry()
        dialog = SaveDialog(entry.preset if entry else None, self._state.library.categories(), self._window)
        dialog.submitted.connect(self._actions.save_new)
        dialog.open()
        return dialog

    def rename(self, key: str) -> QInputDialog | None:
        """Open the dialog for another name of a preset; return None if the preset no longer exists."""
        entry = self._state.library.find(key)
        if entry is None:
            return None
        return ask_name(self._window, "Rename preset", entry.preset.name, lambda name: self._actions.rename(key, name))

    def describe(self, key: str) -> None:
        """Open the dialog for category and tags of a preset."""
        entry = self._state.library.find(key)
        if entry is not None:
            dialog = SaveDialog(entry.preset, self._state.library.categories(), self._window, renaming=False)
            dialog.submitted.connect(lambda _, category, tags: self._actions.describe(key, category, tags))
            dialog.open()

    def import_files(self) -> None:
        """Ask for preset files and import them."""
        names, _ = QFileDialog.getOpenFileNames(self._window, "Import presets", "", _FILE_FILTER)
        self._actions.import_files(names)

    def export_file(self) -> None:
        """Ask for a file and export the current preset as it was last saved."""
        entry = self._state.service.entry()
        if entry is None:
            self._messages.show_problem("this patch is not a preset yet: save it first, then export it")
            return
        name, _ = QFileDialog.getSaveFileName(self._window, "Export preset", entry.path.name, _FILE_FILTER)
        if not name:
            return
        path = with_ending(Path(name), SUFFIX)
        if path != Path(name) and path.exists():  # the file dialog has asked about another name
            question = f"{path.name} already exists in {path.parent}. Replace it?"
            export = partial(self._actions.export_to, entry, path)
            self.question = ask(self._window, question, "Replace", "Cancel", export)
        else:
            self._actions.export_to(entry, path)
