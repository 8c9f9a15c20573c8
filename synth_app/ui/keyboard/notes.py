"""Held notes by source. A note that several sources hold ends when the last one releases it."""

from PySide6.QtCore import QObject, QTimer, Signal

from synth_app.patch import NoteOff, NoteOn, Panic
from synth_app.ui.ports.audio_port import AudioPort

AUDITION_MS = 1000


class NotePlayer(QObject):
    """Turns presses and releases of sources ("mouse", "keys", "audition") into note messages.

    Attributes:
        held_changed: signal; other notes are held.
        silenced: signal; ``panic`` has ended every note, also those whose sources still hold them.
    """

    held_changed = Signal()
    silenced = Signal()

    def __init__(self, audio: AudioPort, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._audio = audio
        self._holders: dict[int, set[str]] = {}
        self._remote: frozenset[int] = frozenset()  # held on a MIDI device, which the engine plays directly
        self._audition_note: int | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.end_audition)

    @property
    def held(self) -> frozenset[int]:
        """MIDI notes that are held by any source or MIDI device."""
        return frozenset(self._holders) | self._remote

    @property
    def keys_held(self) -> bool:
        """Whether a key is held: by the computer's keyboard, on screen or on a MIDI device, not by an audition."""
        return bool(self._remote) or any(sources != {"audition"} for sources in self._holders.values())

    def show_remote(self, notes: frozenset[int]) -> None:
        """Show the notes that a MIDI device holds; sends nothing."""
        if notes != self._remote:
            self._remote = notes
            self.held_changed.emit()

    def press(self, source: str, note: int, velocity: int) -> None:
        """Press a key. Notes outside 0-127 and repeated presses of one source are ignored."""
        if not 0 <= note <= 127 or source in self._holders.get(note, ()):
            return
        self._holders.setdefault(note, set()).add(source)
        self._audio.send(NoteOn(note, min(max(velocity, 1), 127)))
        self.held_changed.emit()

    def release(self, source: str, note: int) -> None:
        """Release a key; the note ends if no other source holds it."""
        holders = self._holders.get(note)
        if holders is None or source not in holders:
            return
        holders.discard(source)
        if not holders:
            del self._holders[note]
            self._audio.send(NoteOff(note))
        self.held_changed.emit()

    def release_all(self, source: str) -> None:
        """Release all keys of a source."""
        for note in [n for n, holders in self._holders.items() if source in holders]:
            self.release(source, note)

    def audition(self, note: int, velocity: int = 100) -> None:
        """Play a note for ``AUDITION_MS``; a new audition ends the previous one."""
        self.end_audition()
        self._audition_note = note
        self.press("audition", note, velocity)
        self._timer.start(AUDITION_MS)

    def end_audition(self) -> None:
        """Release the note of the last ``audition``, if it still sounds."""
        self._timer.stop()
        if self._audition_note is not None:
            self.release("audition", self._audition_note)
            self._audition_note = None

    def panic(self) -> None:
        """Silence the engine and release every key."""
        self._timer.stop()
        self._audition_note = None
        self._holders.clear()
        self._remote = frozenset()
        self._audio.send(Panic())
        self.silenced.emit()
        self.held_changed.emit()
