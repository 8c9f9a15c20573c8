"""The window's MIDI: passes reports of the audio process to MIDI learn, the piano, the status line and the dialog."""

from PySide6.QtCore import QObject

from synth_app.audio.protocol.messages import MidiPlayed, MidiState
from synth_app.session import MidiLearn, ModelChanged, SessionStore
from synth_app.session.edit.midi_pad import register_pad
from synth_app.session.edit.pad_controller import PadController
from synth_app.ui.base.plain_text import sentence
from synth_app.ui.keyboard.notes import NotePlayer
from synth_app.ui.ports.audio_port import AudioPort
from synth_app.ui.ports.shell import Messages
from synth_app.ui.ports.subscriptions import Subscriptions
from synth_app.ui.settings.midi_dialog import MidiDialog
from synth_app.ui.settings.midi_links import MidiLinks
from synth_app.ui.window.workspace import Workspace


class MidiControl(QObject):
    """One per window; ``attach`` connects every new workspace.

    Attributes:
        learn: learned controllers and MIDI settings.
        sequencer_runs: whether a sequencer plays by MIDI clock.
    """

    def __init__(
        self, store: SessionStore, audio: AudioPort, notes: NotePlayer, learn: MidiLearn, messages: Messages
    ) -> None:
        super().__init__(messages.as_widget())
        self.learn = learn
        self.sequencer_runs = False
        self._audio, self._notes, self._messages = audio, notes, messages
        self._work: Workspace | None = None
        self._state: MidiState | None = None
        self._shown_problem = ""
        self._dialog: MidiDialog | None = None
        self._settings = learn.settings
        self._armed: str | None = None
        self._links = MidiLinks(learn, self)
        self._store, self._subscriptions = store, Subscriptions(store)
        self._end = learn.subscribe(self._learn_changed)

    def connect_inputs(self) -> None:
        """Let the audio process open the chosen MIDI inputs, or search for them again."""
        self._audio.set_midi(self.learn.settings)

    def attach(self, work: Workspace, pad: PadController) -> None:
        """Connect a new workspace; called each time the window is built."""
        self._work = work
        register_pad(self.learn, self._store, pad, lambda: work.pad.legend.hidden)
        self._links.attach(work)
        self._subscriptions.end()
        self._subscriptions.on(ModelChanged, lambda _: self._links.attach(work))
        if self._state is not None:
            work.status.show_midi(self._state)

    def handle_report(self, report: MidiState | MidiPlayed) -> None:
        """Handle a MIDI report of the audio process."""
        if isinstance(report, MidiState):
            self._show_state(report)
            return
        for moved in report.controllers:
            self.learn.handle_controller(moved)
        self.sequencer_runs = report.sequencer_runs
        self._notes.show_remote(report.held)
        if self._work is not None:
            self._work.status.flash_midi()
        if self._dialog is not None:
            self._dialog.flash()

    def open(self) -> MidiDialog:
        """Open the MIDI settings."""
        if self._dialog is not None:
            self._dialog.close()
        dialog = self._dialog = MidiDialog(self.learn, self._messages.as_widget())
        dialog.search.clicked.connect(self.connect_inputs)
        dialog.panic.clicked.connect(self._notes.panic)
        if self._state is not None:
            dialog.show_state(self._state)
        dialog.show()
        return dialog

    def close(self) -> None:
        """Close the dialog and end the subscriptions."""
        if self._dialog is not None:
            self._dialog.close()
        self._links.end()
        self._subscriptions.end()
        self._end()

    def _show_state(self, state: MidiState) -> None:
        self._state = state
        if not state.open:
            self.sequencer_runs = False
            self._notes.show_remote(frozenset())
        if self._dialog is not None:
            self._dialog.show_state(state)
        if self._work is not None:
            self._work.status.show_midi(state)
            if state.problem and state.problem != self._shown_problem:
                self._messages.show_message(sentence(state.problem))
        self._shown_problem = state.problem

    def _learn_changed(self) -> None:
        learn = self.learn
        if learn.settings != self._settings:
            self._settings = learn.settings
            self._audio.set_midi(learn.settings)
        if learn.armed != self._armed:
            before, self._armed = self._armed, learn.armed
            self._messages.show_message(self._learn_message(before))

    def _learn_message(self, before: str | None) -> str:
        learn = self.learn
        if learn.armed is not None:
            return f"Turn a knob or move a fader of a MIDI device to control {learn.title(learn.armed)}. Esc cancels"
        if before is not None and before in learn.learned:
            return f"{learn.title(before)} follows {learn.learned[before].title} once the controller reaches its value"
        return "No controller learned"
