"""How many events a block may apply: a burst of thousands of events must not make a block late."""

from synth_app.patch import NoteOn

_PRESS_SAMPLES = 96  # one press for each of so many samples: each renders the start of a note, 0.2 to 0.4 ms of work
_MOST_PRESSES = 6  # that a pause saves up, for chords; the engine begins four notes at once
_EVENT_SAMPLES = 4  # one other event for each of so many samples: 10 to 20 microseconds of work
_MOST_EVENTS = 256


class EventBudget:
    """Two token buckets, filled as blocks are rendered, for the rendering thread alone.

    Attributes:
        dropped: presses that had waited too long and were dropped.
    """

    def __init__(self) -> None:
        self.dropped = 0
        self._presses, self._events = float(_MOST_PRESSES), float(_MOST_EVENTS)

    def refill(self, frames: int) -> None:
        """Allow what a block of ``frames`` samples may apply."""
        self._presses = min(self._presses + frames / _PRESS_SAMPLES, _MOST_PRESSES)
        self._events = min(self._events + frames / _EVENT_SAMPLES, _MOST_EVENTS)

    def take(self, message: object) -> bool:
        """Return whether this block may apply a message; if so, count it."""
        press = isinstance(message, NoteOn)
        if self._events < 1.0 or (press and self._presses < 1.0):
            return False
        self._events -= 1.0
        self._presses -= press
        return True

    def drop(self, message: object) -> bool:
        """Drop a message that waits for too long if it is a press, and count it; return whether it was dropped.

        The release of a dropped press does no harm; releases and everything else wait for the next block.
        """
        press = isinstance(message, NoteOn)
        self.dropped += press
        return press
