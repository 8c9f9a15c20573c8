"""Recordings that play beside the engine: one at a time, and each part of the window knows its own."""

from PySide6.QtCore import QObject, Signal

from synth_app.audio.protocol.messages import PlaySample, SampleState
from synth_app.ui.ports.audio_port import AudioPort


class Samples(QObject):
    """Gives the audio process's one player to the part of the window that asked last.

    Signals:
        ended: number of a request that is over, and why it cannot be played, "" without a problem.

    Args:
        audio: the audio process.
        parent: Qt's parent.

    Attributes:
        number: of the request that plays or is prepared; 0 for none.
    """

    ended = Signal(int, str)

    def __init__(self, audio: AudioPort, parent: QObject) -> None:
        super().__init__(parent)
        self._audio = audio
        self._count = 0
        self.number = 0

    def claim(self, *, silence: bool = False) -> int:
        """Take the player for another request; the one before is over, and silent at once with ``silence``.

        Returns:
            number of the new request.
        """
        before = self.number
        self._count += 1
        self.number = mine = self._count
        if before:
            if silence:
                self._audio.stop_sample()
            self.ended.emit(before, "")
        return mine

    def play(self, request: PlaySample) -> None:
        """Play the request that has claimed the player last; an earlier one is dropped."""
        if request.number == self.number:
            self._audio.play_sample(request)

    def switch(self, number: int, which: int) -> None:
        """Hear another one of the sounds of a request, if it is not over."""
        if number and number == self.number:
            self._audio.switch_sample(which)

    def stop(self, number: int) -> None:
        """Stop a request, if it is not over; ``ended`` is not emitted."""
        if number and number == self.number:
            self.number = 0
            self._audio.stop_sample()

    def show(self, state: SampleState) -> None:
        """Follow a report of the audio process; one about an earlier request changes nothing."""
        if state.number == self.number and not state.playing:
            self._end(state.problem)

    def forget(self) -> None:
        """The audio process has ended: nothing plays any more."""
        if self.number:
            self._end("")

    def _end(self, problem: str) -> None:
        number, self.number = self.number, 0
        self.ended.emit(number, problem)


class SampleVoice(QObject):
    """What one part of the window plays.

    Signals:
        ended: its sound has ended, or another part plays; why the sound cannot be played, "" without a problem.

    Args:
        samples: of the window.
        parent: the part.
    """

    ended = Signal(str)

    def __init__(self, samples: Samples, parent: QObject) -> None:
        super().__init__(parent)
        self._samples, self._number = samples, 0
        samples.ended.connect(self._follow)

    def claim(self) -> None:
        """End what plays: a sound of this part is prepared, and ``play`` follows."""
        self._number = 0  # the sound before ends without a signal
        self._number = self._samples.claim(silence=True)

    def play(self, paths: tuple[str, ...], which: int = 0) -> None:
        """Play sounds from their start.

        Args:
            paths: one or two files, as for ``PlaySample``.
            which: the one to hear.
        """
        self._number = 0  # the sound before ends without a signal
        self._number = self._samples.claim()
        self._samples.play(PlaySample(self._number, paths, which))

    def switch(self, which: int) -> None:
        """Hear the other sound from the same place on; does nothing once the sound has ended."""
        self._samples.switch(self._number, which)

    def stop(self) -> None:
        """Fade the sound out, without a signal; does nothing once it has ended."""
        self._samples.stop(self._number)
        self._number = 0

    def _follow(self, number: int, problem: str) -> None:
        if number == self._number:
            self._number = 0
            self.ended.emit(problem)
