"""Changes to the preset library: save, rename, describe, delete, favourites, import and export of files."""

from collections.abc import Iterable
from pathlib import Path

from synth_app.session import PresetEntry
from synth_app.session.state.preset import write_preset
from synth_app.ui.ports.shell import Messages
from synth_app.ui.presets.preset_state import PresetState


class LibraryActions:
    """Changes the user's presets and reports the result. Errors are shown, not raised."""

    def __init__(self, state: PresetState, messages: Messages) -> None:
        self._state, self._messages = state, messages

    def overwrite(self) -> None:
        """Save the patch over the current preset, which must be one of the user's."""
        self._show_saved(self._state.attempt(self._state.service.save))

    def save_new(self, name: str, category: str, tags: Iterable[str]) -> None:
        """Save the patch as a new preset."""
        self._show_saved(self._state.attempt(lambda: self._state.service.save_as(name, category, tags)))

    def rename(self, key: str, name: str) -> None:
        """Rename a preset of the user."""
        if self._state.attempt(lambda: self._state.service.rename(key, name)):
            self._state.read_favourites()
            self._state.library_changed.emit()

    def describe(self, key: str, category: str, tags: Iterable[str]) -> None:
        """Set category and tags of a preset of the user."""
        if self._state.attempt(lambda: self._state.library.describe(key, category, tags)):
            self._state.library_changed.emit()

    def delete(self, key: str) -> None:
        """Move a preset of the user to the trash, and offer to restore it."""
        entry = self._state.library.find(key)
        deleted = self._state.attempt(lambda: self._state.service.delete(key))
        if entry is not None and deleted is not None:
            self._messages.offer_action(f"{entry.preset.name} deleted", "Undo", lambda: self._restore(deleted))
            self._state.library_changed.emit()

    def toggle_favourite(self, key: str = "") -> None:
        """Add a preset to the favourites or remove it; "" means the current preset."""
        key = key or self._state.current_key()
        if key:
            wanted = not self._state.is_favourite(key)
            self._state.attempt(lambda: self._state.library.set_favourite(key, wanted=wanted))
            self._state.read_favourites()
            self._state.library_changed.emit()

    def import_files(self, names: list[str]) -> None:
        """Copy preset files into the user's presets."""
        for name in names:
            if entry := self._import(Path(name)):
                self._messages.show_message(f"{entry.preset.name} imported")
        self._state.library_changed.emit()

    def export_to(self, entry: PresetEntry, path: Path) -> None:
        """Write a preset, as it was last saved, into a JSON file."""
        self._state.attempt(lambda: write_preset(path, entry.preset))

    def _import(self, path: Path) -> PresetEntry | None:
        return self._state.attempt(lambda: self._state.service.import_file(path))

    def _show_saved(self, entry: PresetEntry | None) -> None:
        if entry is not None:
            self._messages.show_message(f"{entry.preset.name} saved")
            self._state.library_changed.emit()

    def _restore(self, deleted: Path) -> None:
        self._state.attempt(lambda: self._state.library.restore(deleted))
        self._state.library_changed.emit()
