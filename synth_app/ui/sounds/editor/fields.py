"""The fields below the graphs of the sample editor: key, velocity, level, loop."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QPushButton, QWidget

from synth_app.session.sounds.user_sound import MAX_GAIN_DB, MIN_GAIN_DB, Recording
from synth_app.ui.base.boxes import DecimalBox, WholeBox
from synth_app.ui.sounds.editor.tone_graph import pitch_text
from synth_app.ui.theme.theme import GRID, px
from synth_app.ui.widgets.panel import label, tight


class RecordingFields(QWidget):
    """Emits what the user types or switches; never for ``show_recording``.

    Signals:
        key_changed: pitch and velocity.
        gain_changed: in dB.
        pitched_changed: whether the sound has a pitch.
        loop_dropped: the user's loop is to be replaced by the found one.
    """

    key_changed = Signal(float, int)
    gain_changed = Signal(float)
    pitched_changed = Signal(bool)
    loop_dropped = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.key, self.velocity = DecimalBox(0.0, 127.0, 60.0), WholeBox(1, 127, 100)
        self.gain = DecimalBox(MIN_GAIN_DB, MAX_GAIN_DB, 0.0)
        self.no_pitch = QCheckBox("No pitch")
        self.loop = QPushButton("Find loop")
        self.note = label("", "muted")
        for box, name, tip in (
            (self.key, "Key of the recording", "MIDI pitch of the recording; 60 is middle C, fractions are cents"),
            (self.velocity, "Velocity of the recording", "How hard the recorded note was played"),
            (self.gain, "Gain in dB", "Added to the level of the recording"),
        ):
            box.setAccessibleName(name)
            box.setToolTip(tip)
            box.setKeyboardTracking(False)
        self.gain.setSuffix(" dB")
        self.no_pitch.setToolTip("Play it at every key as it is: for drums and noises")
        self.loop.setToolTip("Let the program find the loop of a held key again")
        self.key.valueChanged.connect(lambda _: self.key_changed.emit(self.key.value(), self.velocity.value()))
        self.velocity.valueChanged.connect(lambda _: self.key_changed.emit(self.key.value(), self.velocity.value()))
        self.gain.valueChanged.connect(self.gain_changed.emit)
        self.no_pitch.toggled.connect(lambda on: self.pitched_changed.emit(not on))
        self.loop.clicked.connect(lambda _=False: self.loop_dropped.emit())
        row = QHBoxLayout(self)
        tight(row, 0, GRID)
        self.note.setMinimumWidth(px(64))
        widgets: tuple[QWidget, ...] = (
            label("Key", "muted"), self.key, self.note, self.no_pitch, label("Velocity", "muted"), self.velocity,
            label("Gain", "muted"), self.gain, self.loop,
        )  # fmt: skip
        for widget in widgets:
            row.addWidget(widget)
        row.addStretch(1)

    def show_recording(self, recording: Recording, *, pitched: bool) -> None:
        """Show a recording; emits nothing."""
        boxes = (self.key, self.velocity, self.gain, self.no_pitch)
        for box in boxes:
            box.blockSignals(True)
        self.key.setValue(recording.pitch)
        self.velocity.setValue(recording.velocity)
        self.gain.setValue(recording.gain_db)
        self.no_pitch.setChecked(not pitched)
        for box in boxes:
            box.blockSignals(False)
        self.note.setText(pitch_text(recording.pitch) if pitched else "every key")
        self.loop.setEnabled(recording.loop is not None)
