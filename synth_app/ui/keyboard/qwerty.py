"""The computer keyboard as a piano: A W S E D F T G Y H U J K O L P; Z/X octave, C/V velocity."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QWindow
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QComboBox, QLineEdit, QPlainTextEdit, QTextEdit

from synth_app.ui.keyboard.notes import NotePlayer

PLAY_KEYS = "AWSEDFTGYHUJKOLP"  # semitones upwards from C
_FIRST_OCTAVE, _LAST_OCTAVE = -1, 9
_VELOCITY_STEP = 10
_SOURCE = "keys"
_TYPING = (QLineEdit, QAbstractSpinBox, QPlainTextEdit, QTextEdit)
_OTHER_MODIFIERS = (
    Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
)


class QwertyKeys(QObject):
    """Plays notes by the keys of a native window, before any widget receives them, unless the user types text."""

    changed = Signal()  # octave or velocity

    def __init__(self, notes: NotePlayer, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._notes = notes
        self._down: dict[int, int] = {}  # key -> the note it started, which the octave no longer changes
        self.octave = 4
        self.velocity = 100
        app = QApplication.instance()
        if isinstance(app, QGuiApplication):
            app.applicationStateChanged.connect(self._state_changed)

    def listen(self, window: QWindow) -> None:
        """Start to listen.

        The filter is on the native window because one on the application would receive every event.
        """
        window.installEventFilter(self)

    def set_octave(self, octave: int) -> None:
        """Set the octave of the A key, which plays C; held keys keep their note."""
        octave = min(max(octave, _FIRST_OCTAVE), _LAST_OCTAVE)
        if octave != self.octave:
            self.octave = octave
            self.changed.emit()

    def set_velocity(self, velocity: int) -> None:
        """Set the velocity of the keys, 1-127."""
        velocity = min(max(velocity, 1), 127)
        if velocity != self.velocity:
            self.velocity = velocity
            self.changed.emit()

    def first_note(self) -> int:
        """Return the MIDI note of the A key."""
        return 12 * (self.octave + 1)

    def release_all(self) -> None:
        """Release every key."""
        self._down.clear()
        self._notes.release_all(_SOURCE)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Consume the keys that play; release all keys when the window loses the focus."""
        kind = event.type()
        if kind == QEvent.Type.FocusOut:
            self.release_all()
        elif kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._pressed(event)
        elif kind == QEvent.Type.KeyRelease and isinstance(event, QKeyEvent):
            return self._released(event)
        return False

    def _pressed(self, event: QKeyEvent) -> bool:
        key = event.key()
        if event.isAutoRepeat() and key in self._down:
            return True  # the key was held before the user began to type: not a letter
        if event.modifiers() & _OTHER_MODIFIERS or not 0x20 < key < 0x7F or self._typing():
            return False
        name = chr(key)
        if name not in PLAY_KEYS and name not in "ZXCV":
            return False
        if event.isAutoRepeat():
            return True
        if name in PLAY_KEYS:
            note = self.first_note() + PLAY_KEYS.index(name)
            if key not in self._down and note <= 127:
                self._down[key] = note
                self._notes.press(_SOURCE, note, self.velocity)
        elif name in "ZX":
            self.set_octave(self.octave + (1 if name == "X" else -1))
        else:
            self.set_velocity(self.velocity + (_VELOCITY_STEP if name == "V" else -_VELOCITY_STEP))
        return True

    def _released(self, event: QKeyEvent) -> bool:
        if event.key() not in self._down:
            return False
        if not event.isAutoRepeat():
            self._notes.release(_SOURCE, self._down.pop(event.key()))
        return True

    def _typing(self) -> bool:
        if QApplication.activeModalWidget() is not None or QApplication.activePopupWidget() is not None:
            return True
        focus = QApplication.focusWidget()
        return isinstance(focus, _TYPING) or (isinstance(focus, QComboBox) and focus.isEditable())

    def _state_changed(self, state: Qt.ApplicationState) -> None:
        if state != Qt.ApplicationState.ApplicationActive:
            self.release_all()
