"""Before and after: hear a recording and what the model makes of it, switched by one key."""

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

from synth_app.export.sounds.tasks import Compared
from synth_app.export.sounds.verdict import verdict
from synth_app.ui.ports.samples import Samples, SampleVoice

RECORDING, MODEL = 0, 1
_CURSOR_MS = 33


class Listening(QObject):
    """Plays the two sounds of a comparison from the same place.

    Signals:
        changed: something else is heard, or another comparison is there.
        moved: what is heard now, in seconds from the start of the file; below 0 for nothing.
        problem: why the sounds cannot be played.

    Args:
        samples: plays the sounds.
        parent: Qt's parent.

    Attributes:
        compared: the comparison; None until it is made.
        which: RECORDING or MODEL.
    """

    changed = Signal()
    moved = Signal(float)
    problem = Signal(str)

    def __init__(self, samples: Samples, parent: QObject) -> None:
        super().__init__(parent)
        self._voice = SampleVoice(samples, self)
        self._voice.ended.connect(self._follow)
        self.compared: Compared | None = None
        self.which = RECORDING
        self.playing = False
        self._since = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setInterval(_CURSOR_MS)
        self._timer.timeout.connect(self._tick)

    def show(self, compared: Compared | None) -> None:
        """Take another comparison; None while it is being made."""
        self.compared = compared
        if compared is None:
            self.stop()
        self.changed.emit()

    def toggle(self) -> None:
        """Play from the start, or stop."""
        if self.playing:
            self.stop()
        elif self.compared is not None:
            self._voice.play((str(self.compared.source), str(self.compared.made)), self.which)
            self.playing = True
            self._since.start()
            self._timer.start()
            self.changed.emit()

    def switch(self, which: int | None = None) -> None:
        """Hear the other sound, or the one that is given; from the same place on if one is heard."""
        self.which = (1 - self.which) if which is None else which
        if self.playing:
            self._voice.switch(self.which)
        self.changed.emit()

    def stop(self) -> None:
        """Stop."""
        if self.playing:
            self._voice.stop()
            self._end()

    def text(self) -> str:
        """Return how near the model comes, in words and figures; "" without a comparison."""
        if self.compared is None:
            return ""
        words, mel_db, partials_db = verdict(self.compared.mel_db), self.compared.mel_db, self.compared.partials_db
        partials = "" if partials_db is None else f", partials {partials_db:.1f} dB"
        return f"Recording and model are {words} (mel distance {mel_db:.1f} dB{partials})"

    def _tick(self) -> None:
        assert self.compared is not None
        seconds = self._since.elapsed() / 1000.0
        if seconds >= self.compared.seconds:
            self._end()
        else:
            self.moved.emit(self.compared.start_s + seconds)

    def _follow(self, problem: str) -> None:
        self._end()
        if problem:
            self.problem.emit(problem)

    def _end(self) -> None:
        self.playing = False
        self._timer.stop()
        self.moved.emit(-1.0)
        self.changed.emit()
