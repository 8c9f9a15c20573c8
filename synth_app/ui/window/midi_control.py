"""The window's MIDI: takes what the audio process reports to the desk, the piano, the status line and the dialog."""

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from synth_app.audio.protocol.messages import MidiPlayed, MidiState
from synth_app.session import MidiLearn, ModelChanged, SessionStore
from synth_app.session.edit.midi_pad import register_pad
from synth_app.session.edit.pad_controller import PadController
from synth_app.ui.keyboard.notes import NotePlayer
from synth_app.ui.ports.audio_port import AudioPort
from synth_app.ui.ports.subscriptions import Subscriptions
from synth_app.ui.settings.midi_dialog import MidiDialog
from synth_app.ui.settings.midi_links import MidiLinks
from synth_app.ui.window.workspace import Workspace


class MidiControl(QObject):
    """One per window; ``rebuilt`` tells it of every new workspace."""

    def __init__(
        self, store: SessionStore, audio: AudioPort, notes: NotePlayer, desk: MidiLearn, window: QWidget
    ) -> None:
        super().__init__(window)
        self.desk = desk
        self._audio, self._notes, self._window = audio, notes, window
        self._work: Workspace | None = None
        self._state: MidiState | None = None
        self._told = ""
        self._dialog: MidiDialog | None = None
        self._settings = desk.settings
        self._armed: str | None = None
        self._links = MidiLinks(desk, self)
        self._store, self._subscriptions = store, Subscriptions(store)
        self._end = desk.subscribe(self._desk_changed)

    def begin(self) -> None:
        """Have the audio process listen."""
        self._audio.set_midi(self.desk.settings)

    def rebuilt(self, work: Workspace, timbre: PadController) -> None:
        """Another workspace is shown."""
        self._work = work
        register_pad(self.desk, self._store, timbre, lambda: work.pad.legend.hidden)
        self._links.attach(work)
        self._subscriptions.end()
        self._subscriptions.on(ModelChanged, lambda _: self._links.attach(work))  # after the panels made their sliders
        if self._state is not None:
            work.status.show_midi(self._state)

    def take(self, report: MidiState | MidiPlayed) -> None:
        """What the audio process says."""
        if isinstance(report, MidiState):
            self._show_state(report)
            return
        for moved in report.controllers:
            self.desk.handle_controller(moved)
        self._notes.show_remote(report.held)
        if self._work is not None:
            self._work.status.flash_midi()
        if self._dialog is not None:
            self._dialog.flash()

    def open(self) -> MidiDialog:
        """The MIDI settings."""
        if self._dialog is not None:
            self._dialog.close()
        dialog = self._dialog = MidiDialog(self.desk, self._window)
        dialog.search.clicked.connect(self.begin)
        dialog.panic.clicked.connect(self._notes.panic)
        if self._state is not None:
            dialog.show_state(self._state)
        dialog.show()
        return dialog

    def end(self) -> None:
        """The window closes."""
        if self._dialog is not None:
            self._dialog.close()
        self._links.end()
        self._subscriptions.end()
        self._end()

    def _show_state(self, state: MidiState) -> None:
        self._state = state
        if not state.open:
            self._notes.show_remote(frozenset())
        if self._dialog is not None:
            self._dialog.show_state(state)
        if self._work is not None:
            self._work.status.show_midi(state)
            if state.problem and state.problem != self._told:
                self._work.status.say(state.problem)
        self._told = state.problem

    def _desk_changed(self) -> None:
        desk = self.desk
        if desk.settings != self._settings:
            self._settings = desk.settings
            self._audio.set_midi(desk.settings)
        if desk.armed != self._armed:
            before, self._armed = self._armed, desk.armed
            self._say(self._about_learning(before))

    def _about_learning(self, before: str | None) -> str:
        desk = self.desk
        if desk.armed is not None:
            return f"Turn a knob or move a fader of a MIDI device: it will move {desk.title(desk.armed)}. Esc cancels"
        if before is not None and before in desk.learned:
            return f"{desk.title(before)} follows {desk.learned[before].title}, once that has reached its value"
        return "Nothing learned"

    def _say(self, text: str) -> None:
        if self._work is not None:
            self._work.status.say(text)
