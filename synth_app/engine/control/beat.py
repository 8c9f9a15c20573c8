"""The beat: quarter notes counted across tempo changes, so that synchronized LFOs never jump."""

from synth_app.patch.patch import ENGINE_RATE


class Beat:
    """Quarter notes since beat 0.

    The patch sets the tempo until a MIDI clock or a file sets one.

    Attributes:
        bpm: present tempo in quarter notes per minute.
    """

    def __init__(self, bpm: float = 120.0) -> None:
        self.bpm = bpm
        self._external = False  # a clock or a file has set the tempo
        self._beats, self._since = 0.0, 0

    def at(self, clock: int) -> float:
        """Return the quarter notes from beat 0 to sample ``clock`` at the present tempo."""
        return self._beats + (clock - self._since) * self.bpm / (60.0 * ENGINE_RATE)

    def suggest(self, bpm: float, clock: int) -> None:
        """Set the patch's tempo; it has no effect once a clock or a file has set one."""
        if not self._external:
            self._change(bpm, clock)

    def follow(self, bpm: float, clock: int) -> None:
        """Set the tempo of a clock or a file."""
        self._external = True
        self._change(bpm, clock)

    def rewind(self, clock: int) -> None:
        """Move beat 0 to sample ``clock``."""
        self._beats, self._since = 0.0, clock

    def _change(self, bpm: float, clock: int) -> None:
        if bpm != self.bpm:
            self._beats, self._since, self.bpm = self.at(clock), clock, bpm
