"""Which notes sound for whom: several hands on one key make one note, released with the last of them."""

from PySide6.QtCore import QObject, QTimer, Signal

from synth_app.patch import NoteOff, NoteOn, Panic
from synth_app.ui.ports.audio_port import AudioPort

AUDITION_MS = 1000


class NotePlayer(QObject):
    """Turns presses and releases by source ("mouse", "keys", "audition") into note messages."""

    held_changed = Signal()

    def __init__(self, audio: AudioPort, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._audio = audio
        self._holders: dict[int, set[str]] = {}
        self._remote: frozenset[int] = frozenset()  # held on a MIDI device: the engine has them from there
        self._audition_note: int | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._end_audition)

    @property
    def held(self) -> frozenset[int]:
        """Notes that sound as held."""
        return frozenset(self._holders) | self._remote

    def show_remote(self, notes: frozenset[int]) -> None:
        """Show notes that a MIDI device holds; nothing is played."""
        if notes != self._remote:
            self._remote = notes
            self.held_changed.emit()

    def press(self, source: str, note: int, velocity: int) -> None:
        """Key down; outside MIDI 0-127 nothing happens. The same source pressing again does nothing."""
        if not 0 <= note <= 127 or source in self._holders.get(note, ()):
            return
        self._holders.setdefault(note, set()).add(source)
        self._audio.send(NoteOn(note, min(max(velocity, 1), 127)))
        self.held_changed.emit()

    def release(self, source: str, note: int) -> None:
        """Key up; the note ends when nobody holds it any more."""
        holders = self._holders.get(note)
        if holders is None or source not in holders:
            return
        holders.discard(source)
        if not holders:
            del self._holders[note]
            self._audio.send(NoteOff(note))
        self.held_changed.emit()

    def release_all(self, source: str) -> None:
        """Key up for everything that a source holds."""
        for note in [n for n, holders in self._holders.items() if source in holders]:
            self.release(source, note)

    def audition(self, note: int, velocity: int = 100) -> None:
        """Sound a note for ``AUDITION_MS``; a new audition ends the one before."""
        self._end_audition()
        self._audition_note = note
        self.press("audition", note, velocity)
        self._timer.start(AUDITION_MS)

    def panic(self) -> None:
        """Silence, and forget every key."""
        self._timer.stop()
        self._audition_note = None
        self._holders.clear()
        self._remote = frozenset()
        self._audio.send(Panic())
        self.held_changed.emit()

    def _end_audition(self) -> None:
        self._timer.stop()
        if self._audition_note is not None:
            self.release("audition", self._audition_note)
            self._audition_note = None
