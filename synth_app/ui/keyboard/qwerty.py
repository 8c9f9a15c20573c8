"""The computer keyboard as a piano: two rows of keys from A on play, Z/X set the octave, C/V the velocity.

The keys count by their position, so they form a piano on every layout.
"""

from typing import NamedTuple

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QGuiApplication, QKeyEvent, QWindow
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QComboBox, QLineEdit, QPlainTextEdit, QTextEdit
from shiboken6 import isValid

from synth_app.ui.keyboard.key_positions import OCTAVE_KEYS, PLAY_KEYS, VELOCITY_KEYS, KeyLetters, position_of
from synth_app.ui.keyboard.notes import NotePlayer

_FIRST_OCTAVE, _LAST_OCTAVE = -1, 9
_VELOCITY_STEP = 10
_SOURCE = "keys"
# X11 sends a release and a press for each repetition of a held key. Qt marks them only if it reads both at once, which
# it does not on a busy machine, nor over a popup. So a release waits this long for the press that belongs to it.
_REPEAT_MS = 20
_TYPING = (QLineEdit, QAbstractSpinBox, QPlainTextEdit, QTextEdit)
_OTHER_MODIFIERS = (
    Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
)


class _Release(NamedTuple):
    """A release that may be half of a repetition: then a press with the same time follows."""

    timer: QTimer
    time_ms: int

    def forget(self) -> None:
        self.timer.stop()
        self.timer.deleteLater()


class QwertyKeys(QObject):
    """Plays notes by the keys of native windows, before any widget receives them, unless the user types text.

    A note goes on while a popup, such as a menu, is open, and ends when its key is released there.

    Attributes:
        changed: signal; octave, velocity or the letters on the keys are others.
        letters: what the present layout prints on the keys.
    """

    changed = Signal()

    def __init__(self, notes: NotePlayer, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._notes = notes
        self._down: dict[tuple[str, int], int] = {}  # key -> the note it started, which the octave no longer changes
        self._windows: list[QWindow] = []
        self._popup: QWindow | None = None  # has the focus, and so the releases of held keys
        self._releases: dict[tuple[str, int], _Release] = {}  # until it is clear that no press belongs to them
        self.letters = KeyLetters()
        self.octave = 4
        self.velocity = 100
        app = QApplication.instance()
        if isinstance(app, QGuiApplication):
            app.applicationStateChanged.connect(self._state_changed)
            app.focusWindowChanged.connect(self._focus_changed)

    def listen(self, window: QWindow) -> None:
        """Start to listen.

        The filter is on the native window because one on the application would receive every event.
        """
        if window not in self._windows:
            self._windows.append(window)
            window.destroyed.connect(lambda: self._windows.remove(window))
        window.installEventFilter(self)

    def set_octave(self, octave: int) -> None:
        """Set the octave of the A key, which plays C; held keys keep their note."""
        octave = min(max(octave, _FIRST_OCTAVE), _LAST_OCTAVE)
        if octave != self.octave:
            self.octave = octave
            self.changed.emit()

    def step_octave(self, by: int) -> None:
        """Move the octave by ``by``."""
        self.set_octave(self.octave + by)

    def set_velocity(self, velocity: int) -> None:
        """Set the velocity of the keys, 1-127."""
        velocity = min(max(velocity, 1), 127)
        if velocity != self.velocity:
            self.velocity = velocity
            self.changed.emit()

    def step_velocity(self, by: int) -> None:
        """Move the velocity by ``by`` steps."""
        self.set_velocity(self.velocity + by * _VELOCITY_STEP)

    def first_note(self) -> int:
        """Return the MIDI note of the A key."""
        return 12 * (self.octave + 1)

    def release_all(self) -> None:
        """Release every key."""
        self._down.clear()
        for release in self._releases.values():
            release.forget()
        self._releases.clear()
        self._notes.release_all(_SOURCE)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Consume the keys that play; release all keys when the window loses the focus, unless to a popup."""
        kind = event.type()
        if kind == QEvent.Type.FocusOut and watched in self._windows:
            popup = isinstance(event, QFocusEvent) and event.reason() == Qt.FocusReason.PopupFocusReason
            if not popup:
                self.release_all()
        elif kind == QEvent.Type.FocusIn:
            self._read_letters()
        elif kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._repeated(event) or (watched in self._windows and self._pressed(event))
        elif kind == QEvent.Type.KeyRelease and isinstance(event, QKeyEvent):
            return self._released(event, over_popup=watched not in self._windows)
        return False

    def _pressed(self, event: QKeyEvent) -> bool:
        position = position_of(event)
        if position is None or event.modifiers() & _OTHER_MODIFIERS or self._typing():
            return False
        if event.isAutoRepeat():
            return True
        if event.nativeScanCode() and not event.modifiers() and self.letters.learn(position, event.text()):
            self.changed.emit()
        if position in PLAY_KEYS:
            self._play(_key_of(event), self.first_note() + PLAY_KEYS.index(position))
        elif position in OCTAVE_KEYS:
            self.step_octave(1 if position == OCTAVE_KEYS[1] else -1)
        else:
            self.step_velocity(1 if position == VELOCITY_KEYS[1] else -1)
        return True

    def _play(self, key: tuple[str, int], note: int) -> None:
        if key not in self._down and note <= 127:
            self._down[key] = note
            self._notes.press(_SOURCE, note, self.velocity)

    def _repeated(self, event: QKeyEvent) -> bool:
        """Consume a press that repeats a held key; end the note first if it is a new press."""
        key = _key_of(event)
        release = self._releases.get(key)
        if release is None:
            return event.isAutoRepeat() and key in self._down  # also a key held since before the user began to type
        if event.timestamp() != release.time_ms:
            self._end(key)
            return False
        self._releases.pop(key).forget()
        return True

    def _released(self, event: QKeyEvent, *, over_popup: bool) -> bool:
        key = _key_of(event)
        if key not in self._down:
            return False
        if event.isAutoRepeat():
            return True
        if over_popup or QGuiApplication.platformName() == "xcb":
            self._releases[key] = release = _Release(QTimer(self, singleShot=True), event.timestamp())
            release.timer.timeout.connect(lambda: self._end(key))
            release.timer.start(_REPEAT_MS)
        else:
            self._end(key)
        return True

    def _end(self, key: tuple[str, int]) -> None:
        release = self._releases.pop(key, None)
        if release is not None:
            release.forget()
        note = self._down.pop(key, None)
        if note is not None and note not in self._down.values():
            self._notes.release(_SOURCE, note)

    def _focus_changed(self, window: QWindow | None) -> None:
        """Follow the focus to a popup, because the keys that are held are released there."""
        if self._popup is not None and isValid(self._popup):
            self._popup.removeEventFilter(self)
        self._popup = None
        if self._down and window is not None and window not in self._windows:
            self._popup = window
            window.installEventFilter(self)

    def _read_letters(self) -> None:
        if self.letters.read():
            self.changed.emit()

    def _typing(self) -> bool:
        if QApplication.activeModalWidget() is not None or QApplication.activePopupWidget() is not None:
            return True
        focus = QApplication.focusWidget()
        return isinstance(focus, _TYPING) or (isinstance(focus, QComboBox) and focus.isEditable())

    def _state_changed(self, state: Qt.ApplicationState) -> None:
        if state != Qt.ApplicationState.ApplicationActive:
            self.release_all()


def _key_of(event: QKeyEvent) -> tuple[str, int]:
    """Identify a key: by its scan code, which a change of the layout leaves alone, or else by its letter."""
    scan = event.nativeScanCode()
    return ("scan", scan) if scan else ("key", event.key())
