"""The beat: counted on through every change of tempo, so that what is in time with it never jumps."""

from synth_app.patch.patch import ENGINE_RATE


class Beat:
    """Quarter notes since beat 0.

    The tempo is that of the sound until a clock or a file tells one.

    Attributes:
        bpm: quarter notes per minute now.
    """

    def __init__(self, bpm: float = 120.0) -> None:
        self.bpm = bpm
        self._told = False
        self._beats, self._since = 0.0, 0

    def at(self, clock: int) -> float:
        """Quarter notes from beat 0 to sample ``clock`` at the present tempo."""
        return self._beats + (clock - self._since) * self.bpm / (60.0 * ENGINE_RATE)

    def suggest(self, bpm: float, clock: int) -> None:
        """The sound's own tempo, which counts unless one was told."""
        if not self._told:
            self._change(bpm, clock)

    def follow(self, bpm: float, clock: int) -> None:
        """A clock or a file tells the tempo."""
        self._told = True
        self._change(bpm, clock)

    def rewind(self, clock: int) -> None:
        """Beat 0 is at sample ``clock``."""
        self._beats, self._since = 0.0, clock

    def _change(self, bpm: float, clock: int) -> None:
        if bpm != self.bpm:
            self._beats, self._since, self.bpm = self.at(clock), clock, bpm
