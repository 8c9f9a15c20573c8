"""The main window: creates its parts, builds the workspace and handles the reports of the audio process."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QMessageBox

from synth_app.audio.protocol.messages import Report
from synth_app.patch import Patch, SetPatch
from synth_app.session import DeviceChanged, MidiLearn, PatchChanged, SessionStore, WindowSettings
from synth_app.session.packs import Imported
from synth_app.session.trainings.own_models import own_models
from synth_app.ui.analyzers.telemetry_feed import TelemetryFeed
from synth_app.ui.analyzers.view_registry import VIEWS, ViewSpec
from synth_app.ui.automation.automation_control import AutomationControl
from synth_app.ui.base.focus_order import focus_next
from synth_app.ui.base.question import ask
from synth_app.ui.base.run_each import run_each
from synth_app.ui.breeding.breed_control import BreedControl
from synth_app.ui.files.drag_out import DragFolder, DragHandle
from synth_app.ui.files.file_drop import FileDrop
from synth_app.ui.files.pack_control import PackControl
from synth_app.ui.files.record_button import RecordButton
from synth_app.ui.files.snapshot import save_picture
from synth_app.ui.find.find_search import FindSearch
from synth_app.ui.find.find_trial import FindTrial
from synth_app.ui.keyboard.notes import NotePlayer
from synth_app.ui.keyboard.phrase_player import PhrasePlayer
from synth_app.ui.keyboard.qwerty import QwertyKeys
from synth_app.ui.latent.handle_curve_loader import HandleCurveLoader
from synth_app.ui.pad.map.marks import MapMarks, MarkSources
from synth_app.ui.pad.map.preview import SoundPreview
from synth_app.ui.pad.map_page import MapExtras
from synth_app.ui.pad.timbre_map_loader import TimbreMapLoader
from synth_app.ui.ports.audio_port import Services
from synth_app.ui.ports.samples import Samples
from synth_app.ui.ports.shell import Place
from synth_app.ui.ports.subscriptions import Subscriptions
from synth_app.ui.presets.audition_control import AuditionControl
from synth_app.ui.presets.likeness_loader import LikenessLoader
from synth_app.ui.presets.preset_bar import PresetBar
from synth_app.ui.presets.preset_control import PresetControl
from synth_app.ui.settings.model_control import ModelControl
from synth_app.ui.sounds.file_encoding import FileEncoding
from synth_app.ui.sounds.sound_control import SoundControl
from synth_app.ui.sounds.sound_drop import SoundDrop
from synth_app.ui.style.style_control import StyleControl
from synth_app.ui.training.abx_control import answers_text
from synth_app.ui.training.training_control import TrainingControl
from synth_app.ui.widgets.progress_notice import ProgressNotice
from synth_app.ui.widgets.toast import Toast, toast_of
from synth_app.ui.widgets.value_format import note_name
from synth_app.ui.window.appearance import Appearance
from synth_app.ui.window.graph_windows import GraphWindows
from synth_app.ui.window.midi_control import MidiControl
from synth_app.ui.window.notices import Notices
from synth_app.ui.window.onboarding_tour import TourControl
from synth_app.ui.window.window_dialogs import WindowDialogs
from synth_app.ui.window.window_drops import WindowDrops
from synth_app.ui.window.window_menu import window_actions
from synth_app.ui.window.window_pages import WindowPages
from synth_app.ui.window.wiring.performing import Performing
from synth_app.ui.window.wiring.process_reports import ProcessReports
from synth_app.ui.window.workspace import ChosenPages, Workspace, WorkspaceParts, scrolled


class MainWindow(QMainWindow):
    """The window.

    Attributes:
        closing: signal; emitted once, when the window closes.
        rebuilt: signal; ``work``, ``record``, ``toast`` and all pages were created again.
        problem: signal; emitted with the text of each problem shown, except for those of the output device.
        work: the content at the current zoom and theme.
        pages: what takes its place or covers it.
    """

    closing = Signal()
    rebuilt = Signal()
    problem = Signal(str)

    def __init__(
        self,
        store: SessionStore,
        services: Services,
        settings: WindowSettings | None = None,
        midi: MidiLearn | None = None,
        views: tuple[ViewSpec[Any], ...] = VIEWS,
    ) -> None:
        super().__init__()
        settings = settings or WindowSettings()
        self._store, self.services, self._views = store, services, views
        self.setWindowTitle("synth_app")
        self.resize(settings.width, settings.height)
        self._closing_at_once = False
        self.question: QMessageBox | None = None  # the last one asked
        self.notices = Notices(self)
        self.reports, self.performing = ProcessReports(self, self), Performing(self, self)
        self.notices.problem.connect(self.problem.emit)
        self.appearance = Appearance(
            self,
            settings,
            lambda: not (self.record.recording or self.pages.recording),
        )
        self.notes = NotePlayer(services.audio, self)
        self.qwerty = QwertyKeys(self.notes, self)
        self.qwerty.set_octave(settings.octave)
        self.qwerty.set_velocity(settings.velocity)
        self.feed = TelemetryFeed(services.audio.telemetry, self)
        self.models = ModelControl(store, self)
        self.maps = TimbreMapLoader(store, self)
        self.handle_curves = HandleCurveLoader(store, self)
        self.drops = WindowDrops(self, store)
        self.samples = Samples(services.audio, self)
        self.sounds = SoundControl(self, self.drops, store, services, self.samples)
        jobs = self.sounds.jobs
        self.drop = FileDrop(self, self.drops, lambda path, model: FileEncoding(jobs, path, model), jobs.prepare)
        self.drag_folder = DragFolder(self)
        self.sound_drop = SoundDrop(self, self.sounds, self.drops.place_at)
        loader = self.models.loader
        self.presets = PresetControl(self, store, services.presets, loader, lambda: self.models.entries)
        self.map_extras = self._make_map_extras()
        self.search = FindSearch(self.sounds.jobs, store, services.presets.folder, self)
        corner = self.maps.pad_controller.set_corner
        self.trial = FindTrial(self, store, self.presets, self.sounds, self.notes, corner, self.performing.reason)
        self.phrases = PhrasePlayer(services.audio, self)
        self.auditions = AuditionControl(self.presets.state, self.phrases, self.notes, self.performing.reason)
        self.likeness = LikenessLoader(store, services.presets, services.sounds, self)
        self.breeding = BreedControl(self.presets.state, self.auditions, self.sounds.jobs, self)
        self.automation = AutomationControl(store, self.notes, self.presets.service.history.step, self)
        self.style_control = StyleControl(store, self, self.presets.service.history.step)
        self.midi = MidiControl(store, services.audio, self.notes, midi or MidiLearn(store), self)
        self.graphs = GraphWindows(self, store, views)
        self.dialogs = WindowDialogs(self, self, store, services, self.models, self.qwerty.letters)
        self.dialogs.sounds = self.sounds
        self.tour = TourControl(self, services.presets)
        self.packs = PackControl(self, services, own_models, self._pack_imported)
        self.training = TrainingControl(self, self.models, services, self.samples, self.packs.share)
        self.pages: WindowPages = WindowPages(self, store)
        self._menu_groups = window_actions(self, store, {spec.key: spec.title for spec in views})
        self._audio_subscriptions, self._subscriptions = Subscriptions(store), Subscriptions(store)
        self._connect()
        self._build(ChosenPages(settings.deck, settings.latent, settings.views))

    def _make_map_extras(self) -> MapExtras:
        """Return what the map shows beside the notes, and the preview under the pointer."""
        to_slot_a = Place()
        sources = MarkSources(
            self.services.presets,
            self.services.sounds,
            self.presets.playback.load,
            lambda key: self.sounds.load(key, to_slot_a),
        )
        marks = MapMarks(self._store, self.maps.pad_controller, sources, self)
        extras = MapExtras(marks, SoundPreview(self._store, self.services.audio.send, self.performing.reason))
        for changed in (self.maps.ready, self.sounds.changed, self.presets.state.library_changed):
            changed.connect(extras.marks.refresh)
        return extras

    def _connect(self) -> None:
        """Connect the parts that live as long as the window."""
        audio = self.services.audio
        self._audio_subscriptions.on(PatchChanged, lambda change: audio.send(SetPatch(change.after)))
        self._audio_subscriptions.on(DeviceChanged, lambda change: audio.open_device(change.settings))
        self.notes.held_changed.connect(self.feed.wake)
        self.notes.silenced.connect(self.phrases.forget)
        self.phrases.began.connect(self.feed.wake)
        self.feed.meters.connect(self.dialogs.show_meters)
        self.feed.meters.connect(self.reports.tell_dropped_events)
        self.maps.problem.connect(self.show_message)
        self.handle_curves.problem.connect(self.show_problem)
        self.automation.message.connect(self.show_message)
        self.sounds.similar_requested.connect(self.pages.find_similar)
        self.appearance.rebuild_needed.connect(lambda: self._build(self.work.chosen_pages()))
        self.models.loader.busy_changed.connect(lambda what: self.work.show_busy(what))
        self.automation.changed.connect(self.performing.check)
        self.performing.begins.connect(self.map_extras.preview.end)
        self.performing.begins.connect(self.auditions.end_phrase)
        self.performing.begins.connect(self.notes.end_audition)

    # ---- for the application

    def start(self, model: str = "") -> None:
        """Start the window's background work and load ``model`` (a path), or the default. Call it after ``show``."""
        self.midi.connect_inputs()
        self.feed.start()
        self.models.start(model)
        self.reports.explain_slow_start()

    def handle_report(self, report: Report) -> None:
        """Show a report of the audio process."""
        self.reports.handle(report)
        self.performing.check()

    def window_settings(self) -> WindowSettings:
        """Return the settings of the window as it is now, to save them with the session."""
        size = self.normalGeometry().size() if self.isMaximized() else self.size()
        shown = self.work.chosen_pages()
        change = {
            "width": size.width(), "height": size.height(), "maximized": self.isMaximized(),
            "octave": self.qwerty.octave, "velocity": self.qwerty.velocity,
            "deck": shown.deck, "latent": shown.latent, "views": shown.views,
        }  # fmt: skip
        return self.appearance.settings.model_copy(update=change)

    # ---- messages

    def show_message(self, text: str) -> None:
        """Show information for a while."""
        self.notices.show_message(text)

    def show_problem(self, text: str) -> None:
        """Show a problem until the user has read it."""
        self.notices.show_problem(text)

    def offer_action(self, text: str, action: str, run: Callable[[], object]) -> None:
        """Show a toast with one button, in the window that the user works in."""
        self._toast_here().show_text(text, action, run)

    def offer_file(self, text: str, path: Path, action: str, run: Callable[[], object]) -> None:
        """Show a toast as ``offer_action``, from which the file can be dragged."""
        self._toast_here().offer_file(text, path, action, run)

    def _toast_here(self) -> Toast:
        active = QApplication.activeWindow()
        beside = active is not None and active.parentWidget() is self and active.windowType() == Qt.WindowType.Window
        return toast_of(active) if active is not None and beside else self.toast

    def as_widget(self) -> QMainWindow:
        """Return the window itself, the parent of dialogs and actions."""
        return self

    # ---- Qt events

    def showEvent(self, event: QShowEvent) -> None:
        """Start to listen to the keys and mouse buttons of the native window."""
        super().showEvent(event)
        self.qwerty.listen(self.windowHandle())
        self.presets.undo.listen(self.windowHandle())

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Let Tab go from top to bottom and from left to right."""
        return focus_next(self, forward=forward) or bool(super().focusNextPrevChild(forward))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the zoom follow the size."""
        super().resizeEvent(event)
        self.appearance.window_resized()
        self.notices.show_whole()

    def closeEvent(self, event: QCloseEvent) -> None:
        """End all notes, jobs, threads and subscriptions; ask first if that would lose something."""
        if not self._closing_at_once and self._asked_to_quit():
            event.ignore()
            return
        run_each(
            self.auditions.leave, self.notes.panic, self.record.finish, self.pages.close, self.dialogs.close,
            self.graphs.close, self.training.close, self.packs.close, self.likeness.close, self.breeding.close,
            self.automation.close, self.style_control.close, self.midi.close, self.feed.stop, self.appearance.close,
            self.models.loader.close, self.map_extras.preview.close, self.map_extras.marks.close, self.maps.close,
            self.handle_curves.close, self.search.close, self.sounds.close, self.drop.close, self.drag_folder.close,
            self._subscriptions.end, self._audio_subscriptions.end, self.presets.close, self.closing.emit,
        )  # fmt: skip
        event.accept()

    def _asked_to_quit(self) -> bool:
        """Ask whether to quit, if that cancels an export or loses answers of a blind test; return whether."""
        answers, exporting = self.training.abx.at_risk, self.dialogs.exporting
        lost = answers_text(answers).lower()
        if exporting and answers:
            question = f"A blind test waits, and an export is running. Quit, cancel the export and lose {lost}?"
        elif exporting:
            question = "An export is running. Quit and cancel it?"
        elif answers:
            question = f"A blind test waits for its result. Quit and lose {lost}?"
        else:
            return False
        self.question = ask(self, question, "Quit", "Go on", self.close_at_once)
        if exporting and not answers:
            self.dialogs.when_export_ends(self.question.reject)
        return True

    def close_at_once(self) -> None:
        """Close without a question, also if that cancels an export or a blind test."""
        self._closing_at_once = True
        self.close()

    # ---- build

    def _build(self, pages: ChosenPages) -> None:
        """Create the workspace at the current zoom and theme, and show ``pages``."""
        self._subscriptions.end()
        self.appearance.apply_style()
        for old in self.findChildren(Toast):
            old.blockSignals(True)
            old.deleteLater()
        self.toast = Toast(self)
        for earlier in self.findChildren(ProgressNotice):
            earlier.deleteLater()
        self.compiling = ProgressNotice(self)
        self.reports.show_again()
        opened = self.pages.open_pages()
        self.record: RecordButton = RecordButton(self.services, self, self.presets.service.describe)
        self.work: Workspace = Workspace(
            WorkspaceParts(
                self._subscriptions,
                self.maps,
                self.notes,
                self.qwerty,
                self.feed,
                self.record,
                self.automation,
                self.style_control,
                self.sounds,
                self.map_extras,
                self.show_problem,
                self._views,
                self._menu_groups,
            )
        )
        self.work.show_pages(pages)
        self.toast.stay_above(self.work.play)
        self._fill_top_bar()
        if self.dialogs.device_state is not None:
            self.work.status.show_device(self.dialogs.device_state)
        for panel in self.work.views:
            panel.snapshot_requested.connect(
                lambda picture, title: save_picture(self, self.services.music_folder, picture, title)
            )
        self.work.pad.loaded.connect(self.show_message)
        self.work.latent.message.connect(self.show_message)
        self.notices.attach(self.work.status, self.toast)
        self.midi.attach(self.work, self.maps.pad_controller)
        self.work.editor_requested.connect(lambda key, chosen: self.graphs.open(key, chosen))
        self.graphs.rebuild()
        self.training.rebuild()
        self.setCentralWidget(scrolled(self.work, self.size()))
        self.rebuilt.emit()
        self.work.setFocus()  # not on the first button: no focus ring before the keyboard is used
        self.pages.reopen(*opened)

    def _fill_top_bar(self) -> None:
        bar = self.work.bar
        presets = PresetBar(self.presets)
        presets.browse_requested.connect(self.pages.toggle_browser)
        bar.add_presets(presets)
        handle = DragHandle(self.services, self._named_patch, self.drag_folder)
        handle.message.connect(self.show_message)
        handle.problem.connect(self.show_problem)
        bar.add_handle(handle)
        self.pages.rebuild(self._subscriptions)
        self.performing.follow_recorders()
        bar.sounds_requested.connect(self.pages.toggle_sounds)
        bar.export_requested.connect(self.dialogs.open_export)
        bar.panic_requested.connect(self.notes.panic)
        bar.audio_requested.connect(self.dialogs.open_audio)
        self.models.attach(bar.picker)

    def _pack_imported(self, found: Imported) -> None:
        """Show what a pack brought; a model that came with it is loaded."""
        self.services.presets.refresh()
        self.presets.state.library_changed.emit()
        self.sounds.refresh()
        self.models.loader.refresh()
        if found.models:
            self.models.load(found.models[0])

    def _named_patch(self) -> tuple[Patch, str, int]:
        """Return the patch, a file name for it, and the MIDI note of slot A, or 60 without a model."""
        note = self._store.slots.note("a")
        pitch = 60 if note is None else note.pitch
        return self._store.patch, f"{self.presets.state.title()} {note_name(pitch)}", pitch
