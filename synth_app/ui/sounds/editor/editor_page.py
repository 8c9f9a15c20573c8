"""The sample editor: waveform and spectrogram of a recording, its marks and fields, before and after, slices."""

from pathlib import Path

import numpy as np
from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import QApplication

from synth_app.export.sounds.tasks import Compared, Previewed, Sliced, Tracked
from synth_app.session import ModelChanged
from synth_app.session.sounds import sound_edits as edits
from synth_app.session.sounds.sound_library import SoundEntry
from synth_app.session.sounds.user_sound import Recording
from synth_app.support.errors import UserError
from synth_app.ui.base.boxes import Picker
from synth_app.ui.base.plain_text import sentence
from synth_app.ui.graphs.graph_page import GraphPage
from synth_app.ui.ports.subscriptions import Subscriptions
from synth_app.ui.sounds.editor.fields import RecordingFields
from synth_app.ui.sounds.editor.listening import MODEL, RECORDING, Listening
from synth_app.ui.sounds.editor.marks import RecordingMarks
from synth_app.ui.sounds.editor.slice_row import SliceRow
from synth_app.ui.sounds.editor.tasks import EditorTasks
from synth_app.ui.sounds.editor.tone_graph import ToneGraph, pitch_text
from synth_app.ui.sounds.editor.wave_graph import WaveGraph
from synth_app.ui.sounds.history_keys import history_key
from synth_app.ui.sounds.sound_control import SoundControl
from synth_app.ui.theme.theme import px
from synth_app.ui.widgets.panel import label
from synth_app.ui.widgets.segments import Segments

_LEAST_HEIGHT, _AXIS_WIDTH = 96, 52
_COMPARE_AFTER_MS = 400  # after the last change
_HINT = "Space plays, F6 switches between recording and model. Wheel zooms; Tab chooses a mark, arrows move it."
_SIDES = (
    ("recording", "Recording", "Hear the recording (F6)"),
    ("model", "Model", "Hear what the model makes of it (F6)"),
)


class SoundEditorPage(GraphPage):
    """Edits one recording of a sound. Every edit is a setting: the recording's file never changes.

    Args:
        control: of the sounds.
        subscriptions: changes of the session.
        chosen: key of the sound, and the number of the recording behind a line feed.
    """

    def __init__(self, control: SoundControl, subscriptions: Subscriptions, chosen: str) -> None:
        super().__init__()
        self._control, self._store = control, subscriptions.store
        self._key, _, index = chosen.partition("\n")
        self._index = int(index or 0)
        self._draft: Recording | None = None  # while a mark is dragged
        self._found_loop_s: tuple[float, float] | None = None
        self._tasks = EditorTasks(control, self._key, self)
        self._shown: Recording | None = None  # whose comparison and track are shown
        self.wave, self.tone, self.fields = WaveGraph(), ToneGraph(), RecordingFields()
        self.listening = Listening(control.samples, self)
        self._make_tools()
        self._lay_out()
        self._compare_timer = QTimer(self)
        self._compare_timer.setSingleShot(True)
        self._compare_timer.setInterval(_COMPARE_AFTER_MS)
        self._compare_timer.timeout.connect(self._compare)
        self._connect()
        subscriptions.on(ModelChanged, lambda _: self._compare_soon())
        self._tasks.load(self._index)
        self.show_state()

    # ---- reading

    @property
    def entry(self) -> SoundEntry | None:
        """The sound; None if it was deleted."""
        found = self._control.entry(self._key)
        return found if found is not None and self._index < len(found.sound.recordings) else None

    @property
    def recording(self) -> Recording | None:
        """The recording with the edits so far."""
        entry = self.entry
        if self._draft is not None or entry is None:
            return self._draft
        return entry.sound.recordings[self._index]

    def chosen(self) -> str:
        """Return key and number of the recording."""
        return f"{self._key}\n{self._index}"

    # ---- showing

    def show_state(self) -> None:
        """Show the sound as it is in the library."""
        entry, recording = self.entry, self.recording
        for widget in (self.wave, self.tone, self.fields, self.find_notes, self.play):
            widget.setEnabled(entry is not None)
        if entry is None or recording is None:
            if self._control.entry(self._key) is not None:  # it has fewer recordings than before
                self._choose(0)
                return
            self.verdict.setText("This sound was deleted. Ctrl+Z brings it back")
            return
        self.setWindowTitle(entry.sound.name)
        self._fill_picker(entry)
        self.wave.show_marks(recording, self._found_loop_s)
        middle_s = sum(edits.used_part(recording)) / 2
        self.tone.show_pitch(recording.pitch, middle_s, pitched=entry.sound.pitched)
        self.fields.show_recording(recording, pitched=entry.sound.pitched)
        if self._draft is None and recording != self._shown:
            self._compare_soon()

    # ---- Qt events

    def event(self, event: QEvent) -> bool:
        """Claim undo and redo, which are those of the sounds here."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and history_key(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space plays, F6 switches; undo and redo."""
        way = history_key(event)
        if way:
            (self._control.undo if way == "undo" else self._control.redo)()
        elif event.key() == Qt.Key.Key_Space:
            self.listening.toggle()
        elif event.key() == Qt.Key.Key_F6:
            self.listening.switch()
        else:
            super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop playing, unless the window is only minimized."""
        super().hideEvent(event)
        if not event.spontaneous():
            self.listening.stop()

    # ---- edits

    def _edit(self, after: Recording, label_text: str) -> None:
        """Save another description of the recording, as one undo step."""
        entry = self.entry
        self._draft = None
        if entry is None:
            return
        try:
            sound = edits.with_recording(entry.sound, self._index, after)
        except UserError as error:
            self._tell(str(error))
        else:
            self._control.change(entry, sound, label_text)
        self.show_state()

    def _drag(self, after: Recording) -> None:
        """Show an edit before it is saved."""
        self._draft = after
        self.show_state()

    def _end_drag(self) -> None:
        if self._draft is not None:
            self._edit(self._draft, "Edit the recording")

    def _move_mark(self, mark: str, x: float) -> None:
        recording = self.recording
        if recording is not None:
            self._drag(RecordingMarks(recording, self._found_loop_s).moved(mark, x))

    def _reset_mark(self, mark: str) -> None:
        recording = self.recording
        if recording is not None:
            self._edit(RecordingMarks(recording, self._found_loop_s).reset(mark), f"Reset {mark.lower()}")

    def _set_key(self, pitch: float, velocity: int) -> None:
        recording = self.recording
        if recording is not None:
            self._edit(edits.with_key(recording, pitch, velocity), f"Key {pitch_text(pitch)}")

    def _drag_pitch(self, pitch: float) -> None:
        recording = self.recording
        if recording is not None:
            self._drag(edits.with_key(recording, pitch, recording.velocity))

    def _set_gain(self, gain_db: float) -> None:
        recording = self.recording
        if recording is not None:
            self._edit(edits.with_gain(recording, gain_db), f"Gain {gain_db:.1f} dB")

    def _set_pitched(self, pitched: bool) -> None:
        entry = self.entry
        if entry is not None:
            words = "With a pitch" if pitched else "No pitch"
            self._control.change(entry, edits.with_pitched(entry.sound, pitched=pitched), words)
            self._shown = None
            self._compare_soon()

    def _drop_loop(self) -> None:
        recording = self.recording
        if recording is not None:
            self._edit(edits.without_loop(recording), "Find the loop")

    # ---- slices

    @property
    def slices(self) -> tuple[edits.Slice, ...]:
        """The notes that were found in the recording."""
        return self.slice_row.slices

    def _find_notes(self) -> None:
        self._tell("Looking for notes…")
        self._tasks.find_slices(self._index)

    def _show_slices(self, answer: Sliced) -> None:
        self.wave.show_slices(answer.slices)
        self.slice_row.show_slices(answer.slices)
        if answer.slices:
            self.verdict.setText(self.listening.text())
        else:
            self._tell("no separate notes were found; cut the recording by hand with the marks")

    def _forget_slices(self) -> None:
        if self.slice_row.isAncestorOf(QApplication.focusWidget() or self):
            self.wave.setFocus()
        self.wave.show_slices(())
        self.slice_row.show_slices(())

    def _slices_as_keys(self) -> None:
        entry = self.entry
        if entry is None:
            return
        try:
            sound = edits.sliced(entry.sound, self._index, self.slices)
        except UserError as error:
            self._tell(str(error))
            return
        self._forget_slices()
        self._control.change(entry, sound, f"Slice {entry.sound.name}")
        self._choose(0)

    def _slices_as_sounds(self) -> None:
        entry = self.entry
        if entry is None:
            return
        try:
            made = self._control.library.add_parts(entry, edits.separate(entry.sound, self._index, self.slices))
        except UserError as error:
            self._tell(str(error))
            return
        self._forget_slices()
        self._control.history.added(made, f"{len(made)} sounds of {entry.sound.name}")
        self._control.refresh()
        self._tell(f"{len(made)} sounds were made; they are in your list")

    # ---- the worker

    def _show(self, answer: Previewed) -> None:
        samples = _read(answer.path)
        self.wave.show_samples(samples)
        self.tone.show_samples(samples)
        self.show_state()

    def _compare_soon(self) -> None:
        self.listening.show(None)
        self._compare_timer.start()

    def _compare(self) -> None:
        """Follow the pitch and compare with the model, both anew."""
        entry, recording = self.entry, self.recording
        if entry is None or recording is None:
            return
        self._shown = recording
        if self._store.model is None:
            self._tell("no model is loaded: choose one to hear what it makes of the recording")
            return
        self._tell("Comparing with the model…")
        self._tasks.compare(self._index, self._store.patch)
        if entry.sound.pitched:
            self._tasks.track(self._index)

    def _show_comparison(self, answer: Compared) -> None:
        self._found_loop_s = answer.loop_s
        self.listening.show(answer)
        recording = self.recording
        if recording is not None:
            self.wave.show_marks(recording, self._found_loop_s)

    def _show_track(self, answer: Tracked) -> None:
        self.tone.show_track(answer.track)

    def _show_listening(self) -> None:
        ready = self.listening.compared is not None
        self.play.setEnabled(ready)
        self.play.setText("Stop" if self.listening.playing else "Play")
        self.sides.show_choice(_SIDES[self.listening.which][0])
        if ready:
            self._tell(self.listening.text())

    def _tell(self, text: str) -> None:
        self.verdict.setText(sentence(text))

    def _choose(self, index: int) -> None:
        """Show another recording of the sound."""
        self._tasks.forget()
        self._index, self._draft, self._shown, self._found_loop_s = index, None, None, None
        self._forget_slices()
        self._tasks.load(self._index)
        self.show_state()

    # ---- layout

    def _make_tools(self) -> None:
        self.play = self.add_button("Play", "Play or stop (Space)")
        self.sides = Segments("Before and after", _SIDES)
        self.tools.addWidget(self.sides)
        self.picker = Picker()
        self.picker.setAccessibleName("Recording")
        self.picker.setMinimumWidth(px(150))
        self.tools.addWidget(self.picker)
        self.tools.addStretch(1)
        self.find_notes = self.add_button("Find notes", "Find the notes in a long recording")
        self.undo = self.add_button("Undo", "Undo the last change of your sounds (Ctrl+Z)")
        self.redo = self.add_button("Redo", "Redo it (Ctrl+Shift+Z)")
        self.add_fit(self.wave, self.tone)

    def _connect(self) -> None:
        for graph in (self.wave, self.tone):
            graph.drag_ended.connect(self._end_drag)
        self.wave.mark_moved.connect(self._move_mark)
        self.wave.mark_reset.connect(self._reset_mark)
        self.tone.pitch_moved.connect(self._drag_pitch)
        self.tone.box.setXLink(self.wave.box)
        self.fields.key_changed.connect(self._set_key)
        self.fields.gain_changed.connect(self._set_gain)
        self.fields.pitched_changed.connect(self._set_pitched)
        self.fields.loop_dropped.connect(self._drop_loop)
        self.play.clicked.connect(self.listening.toggle)
        self.sides.chosen.connect(lambda side: self.listening.switch(MODEL if side == "model" else RECORDING))
        self.listening.changed.connect(self._show_listening)
        self.listening.problem.connect(self._tell)
        self.listening.moved.connect(lambda at_s: self.wave.show_heard(at_s if at_s >= 0.0 else None))
        self.picker.activated.connect(self._choose)
        self.find_notes.clicked.connect(self._find_notes)
        self.undo.clicked.connect(self._control.undo)
        self.redo.clicked.connect(self._control.redo)
        self.as_keys.clicked.connect(self._slices_as_keys)
        self.as_sounds.clicked.connect(self._slices_as_sounds)
        self.dismiss.clicked.connect(self._forget_slices)
        tasks = self._tasks
        tasks.loaded.connect(self._show)
        tasks.sliced.connect(self._show_slices)
        tasks.compared.connect(self._show_comparison)
        tasks.tracked.connect(self._show_track)
        tasks.failed.connect(self._tell)
        self._control.changed.connect(self.show_state)

    def _fill_picker(self, entry: SoundEntry) -> None:
        texts = [
            f"{i}: {pitch_text(each.pitch)}, velocity {each.velocity}"
            for i, each in enumerate(entry.sound.recordings, 1)
        ]
        self.picker.setVisible(len(texts) > 1)
        if [self.picker.itemText(i) for i in range(self.picker.count())] != texts:
            self.picker.clear()
            self.picker.addItems(texts)
        self.picker.setCurrentIndex(self._index)

    def _lay_out(self) -> None:
        self.verdict = label("")  # unwrapped: a wrapped one makes the page as high as it likes
        self.slice_row = row = SliceRow()
        self.slice_count, self.as_keys, self.as_sounds, self.dismiss = (
            row.count,
            row.as_keys,
            row.as_sounds,
            row.dismiss,
        )
        for graph in (self.wave, self.tone):
            graph.setMinimumHeight(px(_LEAST_HEIGHT))
            graph.left.setWidth(px(_AXIS_WIDTH))  # of both, so that times stand below each other
            self.box.addWidget(graph, 1)
        for widget in (self.slice_row, self.fields, self.verdict):
            self.box.addWidget(widget)
        self.add_hint(_HINT)


def _read(path: Path) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.fromfile(path, np.float32)
