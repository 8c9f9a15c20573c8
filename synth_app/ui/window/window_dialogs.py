"""Dialogs and popups of the window: audio settings, export, command palette, shortcuts; and Copy diagnostics."""

from collections.abc import Callable
from functools import partial

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMainWindow

from synth_app.audio.protocol.messages import DeviceList, DeviceState, Meters
from synth_app.modelfile import ModelEntry
from synth_app.session import SessionStore
from synth_app.session.state.state import SLOTS
from synth_app.support.logging import log_tail
from synth_app.ui.files.export_dialog import ExportDialog
from synth_app.ui.keyboard.key_positions import KeyLetters
from synth_app.ui.ports.audio_port import Services
from synth_app.ui.ports.shell import Messages, OwnSounds, Place
from synth_app.ui.settings.audio_dialog import AudioDialog
from synth_app.ui.settings.diagnostics import PRIVACY_NOTE, Identity, diagnostics_text
from synth_app.ui.settings.model_control import ModelControl
from synth_app.ui.widgets.value_format import note_name
from synth_app.ui.window.command_palette import Command, CommandPalette, ShortcutSheet, matches, window_commands

_MAX_NOTES_FOUND = 30  # in the palette
_LOG_LINES = 60  # in the diagnostics


class WindowDialogs:
    """Opens dialogs and keeps them up to date.

    Attributes:
        device_state: the last report about the output device; None before the first one.
        meters: the latest meter values; None before the audio process runs.
        sounds: the user's sounds, which the palette finds.
    """

    sounds: OwnSounds

    def __init__(
        self,
        window: QMainWindow,
        messages: Messages,
        store: SessionStore,
        services: Services,
        models: ModelControl,
        letters: KeyLetters,
    ) -> None:
        self._window, self._messages, self._letters = window, messages, letters
        self._store, self._services, self._models = store, services, models
        self._open_dialogs: list[AudioDialog | ExportDialog] = []
        self.device_state: DeviceState | None = None
        self.meters: Meters | None = None

    # ---- reports

    def show_device(self, state: DeviceState) -> None:
        """Show the state of the output device in the open audio settings."""
        self.device_state = state
        for dialog in self._audio_dialogs():
            dialog.show_device(state)

    def show_devices(self, report: DeviceList) -> None:
        """List the output devices in the open audio settings."""
        for dialog in self._audio_dialogs():
            dialog.show_devices(report.devices)

    def show_meters(self, meters: Meters) -> None:
        """Keep the latest meter values for the diagnostics."""
        self.meters = meters

    # ---- dialogs

    def open_audio(self) -> AudioDialog:
        """Open the audio settings."""
        dialog = AudioDialog(self._store, self._services.audio, self._window)
        dialog.diagnostics_requested.connect(self.copy_diagnostics)
        if self.device_state is not None:
            dialog.show_device(self.device_state)
        self._show(dialog)
        return dialog

    def open_export(self) -> ExportDialog | None:
        """Open the export dialog; show a problem and return None if no model is loaded."""
        note = self._store.slots.note("a")
        if note is None:
            self._messages.show_problem("no model is loaded yet: choose one first, then export")
            return None
        for running in self._open_dialogs:
            if isinstance(running, ExportDialog) and running.running:
                running.raise_()
                running.activateWindow()
                return running
        dialog = ExportDialog(lambda: self._store.patch, self._services, self._messages, note.pitch)
        self._show(dialog)
        return dialog

    def open_palette(self) -> CommandPalette:
        """Open the command palette; models and notes are found as they are typed."""
        models = partial(found_commands, store=self._store, entries=self._models.entries, load=self._models.load)

        def find(text: str) -> list[Command]:
            return models(text) + found_sounds(text, self.sounds)

        palette = CommandPalette(self._window, window_commands(self._window), find)
        palette.open()
        return palette

    def open_shortcuts(self) -> ShortcutSheet:
        """Open the sheet of all shortcuts."""
        sheet = ShortcutSheet(self._window, self._letters)
        sheet.show()
        return sheet

    def copy_diagnostics(self) -> None:
        """Copy a description of the running program to the clipboard, for a bug report."""
        model = self._store.model
        text = diagnostics_text(
            self.device_state,
            self.meters,
            model.card if model else None,
            log_tail(_LOG_LINES).splitlines(),
            Identity.current(),
        )
        QGuiApplication.clipboard().setText(text)
        self._messages.show_message(f"Diagnostics copied. {PRIVACY_NOTE}")

    @property
    def exporting(self) -> bool:
        """Whether an export is running."""
        return any(isinstance(dialog, ExportDialog) and dialog.running for dialog in self._open_dialogs)

    def when_export_ends(self, act: Callable[[], object]) -> None:
        """Call ``act`` when the running export has ended."""
        for dialog in self._open_dialogs:
            if isinstance(dialog, ExportDialog) and dialog.running:
                dialog.ended.connect(act)

    def close(self) -> None:
        """Close the dialogs; a running export is cancelled."""
        for dialog in self._open_dialogs:
            if isinstance(dialog, ExportDialog):
                dialog.abort()
            dialog.close()

    def _show(self, dialog: AudioDialog | ExportDialog) -> None:
        for other in list(self._open_dialogs):
            if type(other) is type(dialog):
                other.close()  # an export that runs asks first
        self._open_dialogs = [each for each in self._open_dialogs if each.isVisible()] + [dialog]
        dialog.show()

    def _audio_dialogs(self) -> list[AudioDialog]:
        return [dialog for dialog in self._open_dialogs if isinstance(dialog, AudioDialog)]


def found_sounds(text: str, sounds: OwnSounds) -> list[Command]:
    """Return commands for the user's sounds that match the text of the palette."""
    return [
        Command(f"Load your sound {name} into slot {slot.upper()}", "", partial(sounds.load, key, Place(slot)))
        for key, name in sounds.titles().items()
        if matches(text, name)
        for slot in SLOTS
    ]


def found_commands(
    text: str, store: SessionStore, entries: tuple[ModelEntry, ...], load: Callable[..., object]
) -> list[Command]:
    """Return commands for the models and bank notes that match the text of the palette."""
    found = [
        Command(f"Model: {entry.card.title}", "", partial(load, entry.path))
        for entry in entries
        if entry.card is not None and matches(text, f"Model: {entry.card.title}")
    ]
    words = text.lower().split()
    for i, note in enumerate(store.bank):
        name = f"{note.instrument} {note_name(note.pitch)}"
        if all(word in name.lower() for word in words) and len(found) < _MAX_NOTES_FOUND:
            found.append(Command(f"Load {name} into slot A", "", partial(store.slots.show, "a", i)))
    return found
