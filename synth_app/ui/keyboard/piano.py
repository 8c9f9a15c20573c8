"""The piano: velocity by vertical position, glissando by dragging, and the letters of the computer keyboard."""

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from synth_app.ui.keyboard.key_positions import OCTAVE_KEYS, PLAY_KEYS
from synth_app.ui.keyboard.notes import NotePlayer
from synth_app.ui.keyboard.qwerty import QwertyKeys
from synth_app.ui.theme.theme import font, px, qcolor
from synth_app.ui.widgets.value_format import note_name

FIRST_NOTE, LAST_NOTE = 21, 108  # the 88 keys of a piano, which is also the range of the NSynth notes
_BLACK = (1, 3, 6, 8, 10)
_BLACK_WIDTH, _BLACK_HEIGHT = 0.62, 0.62  # fraction of a white key
_MIN_VELOCITY, _MAX_VELOCITY = 20, 127
_SOURCE = "mouse"


def is_black(note: int) -> bool:
    """Return whether a MIDI note is a black key."""
    return note % 12 in _BLACK


class Piano(QWidget):
    """A piano keyboard of 88 keys."""

    def __init__(self, notes: NotePlayer, qwerty: QwertyKeys, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._notes, self._qwerty = notes, qwerty
        self._mouse_note: int | None = None
        self._whites = [n for n in range(FIRST_NOTE, LAST_NOTE + 1) if not is_black(n)]
        self._blacks = [n for n in range(FIRST_NOTE, LAST_NOTE + 1) if is_black(n)]
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(px(72))
        self.setMouseTracking(False)
        self.setAccessibleName("Piano keyboard")
        self.setToolTip("Click further down on a key for a higher velocity; drag for a glissando.")
        notes.held_changed.connect(self.update)
        notes.silenced.connect(self._forget)
        qwerty.changed.connect(self._show_keys)
        self._show_keys()

    def sizeHint(self) -> QSize:
        """Return a wide and flat size."""
        return QSize(px(1100), px(88))

    def key_rect(self, note: int) -> QRectF:
        """Return the rectangle of a key, in widget coordinates."""
        width = self.width() / len(self._whites)
        if not is_black(note):
            return QRectF(self._whites.index(note) * width, 0, width, self.height())
        left = (self._whites.index(note - 1) + 1) * width - _BLACK_WIDTH * width / 2
        return QRectF(left, 0, _BLACK_WIDTH * width, _BLACK_HEIGHT * self.height())

    def note_at(self, point: QPointF) -> int | None:
        """Return the note of the key under a point; None outside the keys."""
        if not 0 <= point.y() < self.height():
            return None
        for notes in (self._blacks, self._whites):
            for note in notes:
                if self.key_rect(note).contains(point):
                    return note
        return None

    def velocity_at(self, note: int, point: QPointF) -> int:
        """Return the velocity of a click: low at the top of the key, high at its front edge."""
        fraction = min(max(point.y() / self.key_rect(note).height(), 0.0), 1.0)
        return round(_MIN_VELOCITY + fraction * (_MAX_VELOCITY - _MIN_VELOCITY))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Play the key under the mouse."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._stop()
            self._play(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Play the next key of a glissando."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._play(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Release the key."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._stop()

    def cancel_press(self) -> None:
        """Release the key, because the mouse button was released over another window."""
        self._stop()

    def event(self, event: QEvent) -> bool:
        """Release the key when the piano is hidden."""
        if event.type() == QEvent.Type.Hide:
            self._stop()
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw all keys."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        held = self._notes.held
        first = self._qwerty.first_note()
        letters = {first + i: self._qwerty.letters.of(position) for i, position in enumerate(PLAY_KEYS)}
        for note in self._whites:
            self._paint_white(painter, note, letters.get(note, ""), pressed=note in held)
        for note in self._blacks:
            self._paint_black(painter, note, letters.get(note, ""), pressed=note in held)

    def _paint_white(self, painter: QPainter, note: int, letter: str, *, pressed: bool) -> None:
        rect = self.key_rect(note).adjusted(0.5, 0, -0.5, -1)
        painter.setPen(QPen(qcolor("line"), 1))
        painter.setBrush(qcolor("accent") if pressed else qcolor("white_key"))
        painter.drawRoundedRect(rect.adjusted(0, -px(4), 0, 0), px(3), px(3))
        painter.setFont(font("caption"))
        if letter:
            painter.setPen(qcolor("on_accent" if pressed else "on_white_key"))
            painter.drawText(rect.adjusted(0, 0, 0, -px(4)), _FRONT, letter)
        elif note % 12 == 0:
            painter.setPen(qcolor("on_accent" if pressed else "on_white_key", 190))
            painter.drawText(rect.adjusted(-px(4), 0, px(4), -px(4)), _FRONT, note_name(note))

    def _paint_black(self, painter: QPainter, note: int, letter: str, *, pressed: bool) -> None:
        rect = self.key_rect(note)
        painter.setPen(QPen(qcolor("well"), 1))
        painter.setBrush(qcolor("accent") if pressed else qcolor("black_key"))
        painter.drawRoundedRect(rect.adjusted(0, -px(4), 0, 0), px(3), px(3))
        if letter:
            painter.setFont(font("caption"))
            painter.setPen(qcolor("on_accent" if pressed else "on_black_key"))
            painter.drawText(rect.adjusted(-2, 0, 2, -px(3)), _FRONT, letter)

    def _play(self, point: QPointF) -> None:
        note = self.note_at(point)
        if note == self._mouse_note:
            return
        self._stop()
        if note is not None:
            self._mouse_note = note
            self._notes.press(_SOURCE, note, self.velocity_at(note, point))

    def _stop(self) -> None:
        if self._mouse_note is not None:
            self._notes.release(_SOURCE, self._mouse_note)
            self._mouse_note = None

    def _forget(self) -> None:
        self._mouse_note = None

    def _show_keys(self) -> None:
        letters = self._qwerty.letters
        down, up = (letters.of(position) for position in OCTAVE_KEYS)
        self.setAccessibleDescription(f"Play with {letters.row(PLAY_KEYS)}; {down} and {up} change the octave")
        self.update()


_FRONT = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom


def key_at_center(piano: Piano, note: int) -> QRect:
    """Return the front part of a key that no other key covers."""
    rect = piano.key_rect(note)
    top = rect.height() * (0.3 if is_black(note) else 0.7)
    return QRectF(rect.left(), top, rect.width(), rect.height() - top).toRect()
