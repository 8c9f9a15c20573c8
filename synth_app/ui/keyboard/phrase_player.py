"""Plays phrases through the engine, on a channel of their own beside what the user plays."""

import time
from collections import Counter

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from synth_app.patch import NoteOff, NoteOn
from synth_app.patch.performance_events import CHANNELS, SoundOff
from synth_app.session.presets.phrase import Phrase
from synth_app.ui.ports.audio_port import AudioPort

PHRASE_CHANNEL = CHANNELS - 2  # no controller of a usual keyboard moves its notes
_WAIT_MS = 70  # before the first note: whoever runs through a list hears only where they stop


class PhrasePlayer(QObject):
    """Plays one phrase at a time.

    Signals:
        began: the first note of a phrase sounds.
        ended: the last key of a phrase is up, or the phrase was stopped.
    """

    began = Signal()
    ended = Signal()

    def __init__(self, audio: AudioPort, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._audio = audio
        self._waiting: list[tuple[float, bool, int, int]] = []  # time in s, key down, key, velocity; the next one last
        self._held: Counter[int] = Counter()
        self._sounded = False  # since ``stop``, so that there is something to silence
        self._start_s = 0.0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._play_due)

    @property
    def playing(self) -> bool:
        """Whether a phrase plays or waits for its first note."""
        return bool(self._waiting)

    def play(self, phrase: Phrase) -> None:
        """Play a phrase in a moment; one that plays ends at once."""
        self.stop()
        events = [(note.start_s, True, note.key, note.velocity) for note in phrase]
        events += [(note.start_s + note.seconds, False, note.key, 0) for note in phrase]
        self._waiting = sorted(events, reverse=True)
        self._start_s = time.monotonic() + _WAIT_MS / 1000.0
        if self._waiting:
            self._timer.start(_WAIT_MS)

    def stop(self) -> None:
        """End the phrase and its releases at once, without a click."""
        playing, self._waiting = self.playing, []
        self._timer.stop()
        for key in list(self._held):
            self._audio.send(NoteOff(key, PHRASE_CHANNEL))
        self._held.clear()
        if self._sounded:
            self._audio.send(SoundOff(PHRASE_CHANNEL))
        self._sounded = False
        if playing:
            self.ended.emit()

    def forget(self) -> None:
        """End the phrase without a message: every note of the engine is silent already."""
        self._held.clear()
        self._sounded = False
        self.stop()

    def _play_due(self) -> None:
        now_s = time.monotonic() - self._start_s
        first = not self._sounded
        while self._waiting and self._waiting[-1][0] <= now_s + 1e-3:
            _, down, key, velocity = self._waiting.pop()
            self._press(key, velocity) if down else self._release(key)
        if first:
            self.began.emit()
        if self._waiting:
            self._timer.start(max(round(1000.0 * (self._waiting[-1][0] - now_s)), 1))
        else:
            self.ended.emit()

    def _press(self, key: int, velocity: int) -> None:
        if self._held[key]:  # the same key again: as on a piano, it comes up first
            self._audio.send(NoteOff(key, PHRASE_CHANNEL))
        self._held[key] += 1
        self._sounded = True
        self._audio.send(NoteOn(key, velocity, PHRASE_CHANNEL))

    def _release(self, key: int) -> None:
        self._held[key] -= 1
        if not self._held[key]:
            del self._held[key]
            self._audio.send(NoteOff(key, PHRASE_CHANNEL))
