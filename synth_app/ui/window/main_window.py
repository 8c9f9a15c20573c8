"""The main window: puts the workspace, the dialogs and the models together and takes the audio process's reports."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QPointF, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QMainWindow, QWidget

from synth_app.audio.protocol.messages import (
    DeviceList,
    DeviceState,
    Fault,
    GaveUp,
    MidiPlayed,
    MidiState,
    ModelRefused,
    Report,
    Restarted,
)
from synth_app.decoder import Model
from synth_app.modelfile import ModelEntry
from synth_app.patch import Patch, SetPatch, UserNote
from synth_app.session import DeviceChanged, MidiLearn, PatchChanged, SessionStore, WindowSettings
from synth_app.session.state.session_file import ThemeName
from synth_app.support.errors import UserError
from synth_app.ui.analyzers.telemetry_feed import TelemetryFeed
from synth_app.ui.automation.automation_control import AutomationControl
from synth_app.ui.files.drag_out import DragFolder, DragHandle
from synth_app.ui.files.export_dialog import ExportDialog
from synth_app.ui.files.file_drop import FileDrop
from synth_app.ui.files.record_button import RecordButton
from synth_app.ui.files.snapshot import keep_picture
from synth_app.ui.keyboard.notes import NotePlayer
from synth_app.ui.keyboard.qwerty import QwertyKeys
from synth_app.ui.pad.timbre_map_loader import TimbreMapLoader
from synth_app.ui.ports.audio_port import Services
from synth_app.ui.ports.subscriptions import Subscriptions
from synth_app.ui.presets.preset_bar import PresetBar
from synth_app.ui.presets.preset_browser import PresetBrowser
from synth_app.ui.presets.preset_control import PresetControl
from synth_app.ui.settings.audio_dialog import AudioDialog
from synth_app.ui.settings.model_loader import ModelLoader
from synth_app.ui.theme import theme
from synth_app.ui.theme.style import style_sheet
from synth_app.ui.theme.zoom import auto_zoom
from synth_app.ui.widgets.toast import Toast
from synth_app.ui.widgets.value_format import note_name
from synth_app.ui.window.midi_control import MidiControl
from synth_app.ui.window.onboarding_tour import OnboardingTour
from synth_app.ui.window.palette import Command, CommandPalette, ShortcutSheet, matches, window_commands
from synth_app.ui.window.window_menu import window_actions
from synth_app.ui.window.workspace import Workspace, scrolled

_SLOW_START_MS = 4000  # audio that takes longer deserves a word
_MOST_FOUND = 30  # notes in the palette
_SETTLE_MS = 150  # after the last change of size before the zoom follows


class MainWindow(QMainWindow):
    """``closing`` is emitted once, when the window closes for good; ``problem`` with each problem shown; ``built`` when
    its content was made anew.
    """

    closing = Signal()
    built = Signal()
    problem = Signal(str)

    def __init__(
        self,
        store: SessionStore,
        services: Services,
        settings: WindowSettings | None = None,
        midi: MidiLearn | None = None,
    ) -> None:
        super().__init__()
        settings = settings or WindowSettings()
        self._store, self.services = store, services
        self._wanted_model = ""
        self.look = settings
        self._device_state: DeviceState | None = None
        self._entries: tuple[ModelEntry, ...] = ()
        self._dialogs: list[AudioDialog | ExportDialog] = []
        self.notes = NotePlayer(services.audio, self)
        self.qwerty = QwertyKeys(self.notes, self)
        self.feed = TelemetryFeed(services.audio.telemetry, self)
        self.notes.held_changed.connect(self.feed.wake)
        self.loader = ModelLoader(self)
        self.maps = TimbreMapLoader(store, self)
        self.maps.problem.connect(self.say)
        self.drop, self.drag_folder = FileDrop(self), DragFolder(self)
        self.guide: OnboardingTour | None = None
        self.presets = PresetControl(self, store, services.presets, self.loader, lambda: self._entries)
        self.presets.browse_requested.connect(self.toggle_browser)
        self.gestures = AutomationControl(store, self.notes, self.presets.desk.history.step, self)
        self.gestures.message.connect(self.say)
        self.setWindowTitle("synth_app")
        self.resize(settings.width, settings.height)
        theme.set_zoom(settings.zoom or auto_zoom(settings.width, settings.height))
        theme.set_theme(settings.theme)
        self.midi = MidiControl(store, services.audio, self.notes, midi or MidiLearn(store), self)
        theme.set_reduced_motion(settings.calm)
        self._actions = window_actions(self, store)
        self._audio_subscriptions = Subscriptions(store)
        self._audio_subscriptions.on(PatchChanged, lambda change: services.audio.send(SetPatch(change.after)))
        self._audio_subscriptions.on(DeviceChanged, lambda change: services.audio.open_device(change.settings))
        self._subscriptions = Subscriptions(store)
        self._build()
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.timeout.connect(self._follow_size)
        self.loader.listed.connect(self._listed)
        self.loader.loaded.connect(self._loaded)
        self.loader.failed.connect(lambda problem: self.say_problem(problem))
        self.loader.imported.connect(self._imported)
        self.loader.busy_changed.connect(lambda what: self.work.show_busy(what))

    # ---- for the app

    def begin(self, model: str = "") -> None:
        """After the window is shown: list the models and load ``model`` (a path), or the default."""
        self._wanted_model = model
        self.midi.begin()
        self.feed.start()
        self.loader.refresh()
        QTimer.singleShot(_SLOW_START_MS, self, self._explain_wait)

    def take_report(self, report: Report) -> None:
        """Show what the audio process says."""
        match report:
            case DeviceState():
                self._device_state = report
                self.work.status.show_device(report)
                for dialog in self._audio_dialogs():
                    dialog.show_device(report)
            case DeviceList(devices):
                for dialog in self._audio_dialogs():
                    dialog.show_devices(devices)
            case ModelRefused(problem=problem) | Fault(problem) | GaveUp(problem):
                self.say_problem(problem)
            case MidiState() | MidiPlayed():
                self.midi.take(report)
            case Restarted(reason):
                self.work.status.say(reason)

    def say_problem(self, text: str) -> None:
        """Show a problem in the status line."""
        self.work.status.say(text, "problem")
        self.problem.emit(text)

    def say(self, text: str) -> None:
        """Show something worth knowing in the status line."""
        self.work.status.say(text)

    def offer(self, text: str, action: str, run: Callable[[], object]) -> None:
        """Show a toast with one button."""
        self.toast.show_text(text, action, run)

    def as_widget(self) -> QWidget:
        """The window itself: parent of dialogs and actions."""
        return self

    def import_model_file(self, path: Path) -> None:
        """Copy a model file into the user's models and load it."""
        self.loader.import_file(path)

    def import_presets(self, names: list[str]) -> None:
        """Copy preset files into the user's presets."""
        self.presets.take_files(names)

    def model_path(self) -> str:
        """Path of the model that plays; "" while none is loaded."""
        return "" if self._store.model is None else self._store.patch.model

    def corner_at(self, at: QPointF) -> int | None:
        """Corner of the morph pad at a position in the window; None elsewhere."""
        pad = self.work.pad.morph.pad
        return pad.corner_at(pad.mapFrom(self, at)) if pad.isVisible() else None

    def place_note(self, note: UserNote, corner: int | None) -> None:
        """Play a user note in slot A, or at a corner of the morph pad; UserError if it does not fit the model."""
        if corner is None:
            self._store.slots.play_user_note("a", note)
        else:
            self.maps.pad_controller.set_corner(corner, note)

    def window_settings(self) -> WindowSettings:
        """How the window is, to be restored."""
        size = self.normalGeometry().size() if self.isMaximized() else self.size()
        change = {"width": size.width(), "height": size.height(), "maximized": self.isMaximized()}
        return self.look.model_copy(update=change)

    # ---- what the user asks for

    def load_model(self, path: Path) -> None:
        """Load a model file in the background."""
        self.loader.load(path)

    def open_audio(self) -> AudioDialog:
        """The audio settings."""
        dialog = AudioDialog(self._store, self.services.audio, self)
        if self._device_state is not None:
            dialog.show_device(self._device_state)
        self._open(dialog)
        return dialog

    def open_export(self) -> ExportDialog | None:
        """The export dialog; None without a model."""
        note = self._store.slots.note("a")
        if note is None:
            self.say_problem("no model is loaded yet: choose one first, then export")
            return None
        dialog = ExportDialog(lambda: self._store.patch, self.services, self.toast, note.pitch, self)
        self._open(dialog)
        return dialog

    def toggle_browser(self) -> None:
        """Open the preset browser, or close it."""
        self.browser.toggle()

    def open_palette(self) -> CommandPalette:
        """Every command by name, and notes and models as they are typed."""
        palette = CommandPalette(self, window_commands(self), self._found_commands)
        palette.open()
        return palette

    def open_shortcuts(self) -> ShortcutSheet:
        """All keys and gestures."""
        sheet = ShortcutSheet(self)
        sheet.show()
        return sheet

    def open_guide(self) -> OnboardingTour:
        """The tour, from its beginning."""
        if self.guide is not None:
            self.guide.close()
        self.guide = guide = OnboardingTour(self)
        guide.ended.connect(self._guide_ended)
        return guide

    def offer_guide(self) -> None:
        """The tour, for who never saw it to its end nor left it."""
        if not self.presets.toured():
            self.open_guide()

    def import_model(self) -> None:
        """Ask for a model file and take it in."""
        name, _ = QFileDialog.getOpenFileName(self, "Import model file", "", "Models (*.safetensors)")
        if name:
            self.loader.import_file(Path(name))

    def set_fixed_zoom(self, zoom: float | None) -> None:
        """Scale of everything; None follows the window's size."""
        self.look = self.look.model_copy(update={"zoom": zoom})
        self._follow_size()

    def set_theme(self, name: ThemeName) -> None:
        """Colours of everything, at once."""
        self.look = self.look.model_copy(update={"theme": name})
        if name != theme.theme_name() and not self.record.recording:
            theme.set_theme(name)
            self._build()

    def set_reduced_motion(self, calm: bool) -> None:
        """Whether nothing moves by itself: meters jump instead of falling, menus appear at once."""
        self.look = self.look.model_copy(update={"calm": calm})
        theme.set_reduced_motion(calm)

    def showEvent(self, event: QShowEvent) -> None:
        """The native window is there: its keys play from now on."""
        super().showEvent(event)
        self.qwerty.listen(self.windowHandle())
        self.presets.listen(self.windowHandle())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The zoom follows when the size has settled."""
        super().resizeEvent(event)
        self._settle.start(_SETTLE_MS)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Leave no note, job, thread or subscription behind."""
        self.notes.panic()
        self.record.finish()
        for dialog in self._dialogs:
            dialog.close()
        self.gestures.close()
        self.midi.end()
        self.feed.stop()
        self._settle.stop()
        self.loader.close()
        self.maps.close()
        self.drop.close()
        self.drag_folder.close()
        self._subscriptions.end()
        self._audio_subscriptions.end()
        self.presets.close()
        self.closing.emit()
        event.accept()

    # ---- inside

    def _found_commands(self, text: str) -> list[Command]:
        """Models and bank notes whose names fit."""
        found = [
            Command(f"Model: {entry.card.title}", "", partial(self.load_model, entry.path))
            for entry in self._entries
            if entry.card is not None and matches(text, f"Model: {entry.card.title}")
        ]
        words = text.lower().split()
        for i, note in enumerate(self._store.bank):
            name = f"{note.instrument} {note_name(note.pitch)}"
            if all(word in name.lower() for word in words) and len(found) < _MOST_FOUND:
                found.append(Command(f"Load {name} into slot A", "", partial(self._store.slots.show, "a", i)))
        return found

    def _guide_ended(self) -> None:
        self.guide = None
        self.presets.set_toured()

    def _named_patch(self) -> tuple[Patch, str, int]:
        """The sound, a name for a file of it, and the key that shows it best."""
        note = self._store.slots.note("a")
        pitch = 60 if note is None else note.pitch
        return self._store.patch, f"{self.presets.title()} {note_name(pitch)}", pitch

    def _explain_wait(self) -> None:
        if self._device_state is None:
            self.say("The sound engine is being prepared: the first start can take a minute; all else works already")

    def _build(self) -> None:
        """Make the workspace at the present zoom."""
        self._subscriptions.end()
        app = QApplication.instance()
        if isinstance(app, QApplication) and app.styleSheet() != (sheet := style_sheet()):
            app.setStyleSheet(sheet)  # polishes every widget there is: only when it differs
            app.setFont(theme.font("body"))
        for old in self.findChildren(Toast):
            old.deleteLater()
        self.toast = Toast(self)
        self.record = RecordButton(self.services, self.toast)
        self.record.problem.connect(self.say_problem)
        self.work: Workspace = Workspace(
            self._subscriptions,
            self.maps,
            self.notes,
            self.qwerty,
            self.feed,
            self.record,
            self.gestures,
            self._actions,
        )
        for view in self.work.views:
            view.snapshot_requested.connect(
                lambda picture, title: keep_picture(self, self.services.music_folder, picture, title)
            )
        bar = self.work.bar
        bar.add_presets(PresetBar(self.presets))
        handle = DragHandle(self.services, self._named_patch, self.drag_folder)
        handle.told.connect(self.say)
        handle.problem.connect(self.say_problem)
        bar.add_handle(handle)
        self.browser: PresetBrowser = PresetBrowser(self.presets, self._subscriptions, self.work, bar)
        bar.export_requested.connect(self.open_export)
        bar.panic_requested.connect(self.notes.panic)
        bar.audio_requested.connect(self.open_audio)
        bar.picker.chosen.connect(self.load_model)
        bar.picker.import_requested.connect(self.import_model)
        bar.picker.cancel_requested.connect(self.loader.cancel)
        bar.picker.show_entries(self._entries)
        if self._store.model is not None:
            bar.picker.show_current(Path(self._store.patch.model), self._store.model.card)
        if self._device_state is not None:
            self.work.status.show_device(self._device_state)
        self.midi.rebuilt(self.work, self.maps.pad_controller)
        self.setCentralWidget(scrolled(self.work))
        self.built.emit()
        self.work.setFocus()  # not on the first button: no ring before the keyboard is used

    def _follow_size(self) -> None:
        wanted = self.look.zoom or auto_zoom(self.width(), self.height())
        if wanted != theme.zoom() and not self.record.recording:
            theme.set_zoom(wanted)
            self._build()

    def _listed(self, entries: tuple[ModelEntry, ...]) -> None:
        self._entries = entries
        self.work.bar.picker.show_entries(entries)
        if self._store.model is not None:
            return
        usable = [entry.path for entry in entries if entry.card is not None]
        wanted = Path(self._wanted_model) if self._wanted_model else None
        if wanted is not None and wanted.is_file():
            self.load_model(wanted)
        elif usable:
            if wanted is not None:
                self.say(f"{wanted.name} is not there any more; loading {usable[0].stem}")
            self.load_model(usable[0])
        else:
            self.say_problem("no model found: put one into the models folder, or use Import model file… in the menu")

    def _loaded(self, model: Model, path: Path) -> None:
        try:
            self._store.load_model_data(model, path)
        except UserError as error:
            self.presets.desk.model_failed()
            self.say_problem(str(error))
        else:
            self.work.bar.picker.show_current(path, model.card)
            self.say(f"{model.card.title} loaded: {len(model.bank)} notes")

    def _imported(self, path: Path) -> None:
        self.loader.refresh()
        self.load_model(path)

    def _open(self, dialog: AudioDialog | ExportDialog) -> None:
        for other in list(self._dialogs):
            if type(other) is type(dialog):
                other.close()
        self._dialogs = [d for d in self._dialogs if d.isVisible()] + [dialog]
        dialog.show()

    def _audio_dialogs(self) -> list[AudioDialog]:
        return [dialog for dialog in self._dialogs if isinstance(dialog, AudioDialog)]
