"""Bounded queue of MIDI events for the rendering thread, each with its arrival time."""

from collections import deque

from synth_app.audio.process.event_budget import EventBudget
from synth_app.patch import ENGINE_RATE, Message, NoteOff, NoteOn, Panic, Pedal, SoundOff

_LATEST_S = 0.03  # a press that is played later is no longer what the player played
_GRAIN = 16  # samples; events within a grain are applied together, so that many events split no block into tiny parts


class MidiQueue:
    """Queue from the threads of the MIDI ports (under their own lock) to the rendering thread.

    A full queue drops new messages, but never leaves a note hanging: the release of a key or pedal whose press was
    accepted is always accepted, and so is a panic.

    Attributes:
        dropped: number of messages dropped.
    """

    CAPACITY = 2048

    def __init__(self) -> None:
        """Start empty."""
        self._items: deque[tuple[float, Message]] = deque()
        self._down: set[tuple[int, int]] = set()  # (channel, note) of keys whose press was accepted
        self._pedals: set[int] = set()  # channels whose pedal press was accepted
        self.dropped = 0

    def put(self, time_s: float, message: Message) -> None:
        """Add a message that arrived at ``time_s`` (time.perf_counter())."""
        if len(self._items) >= self.CAPACITY and not self._ends_accepted(message):
            self.dropped += 1
            return
        match message:
            case NoteOn(note, _, channel):
                self._down.add((channel, note))
            case NoteOff(note, channel):
                self._down.discard((channel, note))
            case Pedal(down, channel):
                (self._pedals.add if down else self._pedals.discard)(channel)
            case SoundOff(channel):
                self._down = {key for key in self._down if key[0] != channel}
        self._items.append((time_s, message))

    def _ends_accepted(self, message: Message) -> bool:
        """Return whether a message ends what sounds: a panic, or the release of an accepted press."""
        match message:
            case Panic():
                return True
            case NoteOff(note, channel):
                return (channel, note) in self._down
            case Pedal(down, channel):
                return not down and channel in self._pedals
            case SoundOff(channel):
                return any(key[0] == channel for key in self._down)
        return False

    def due(self, now_s: float, frames: int, budget: EventBudget) -> list[tuple[int, Message]]:
        """Remove and return the events of the block whose rendering begins at ``now_s``.

        Every event takes effect one block after it arrived. So notes keep their distances, which they would lose if
        all took effect at the start of a block. Older events take effect at once. What exceeds the budget waits for
        the next block; presses that have waited for ``_LATEST_S`` are dropped.

        Args:
            now_s: time.perf_counter().
            frames: length of the block.
            budget: of the block.

        Returns:
            (offset in the block in samples, message) in order; offsets never fall and are multiples of 16.
        """
        out: list[tuple[int, Message]] = []
        last = 0
        while self._items and self._items[0][0] <= now_s:
            time_s, message = self._items[0]
            if not budget.take(message):
                if now_s - time_s > _LATEST_S and budget.drop(message):
                    self._items.popleft()
                    continue
                break
            self._items.popleft()
            offset = frames - round((now_s - time_s) * ENGINE_RATE)
            last = max(min(offset, frames - 1) // _GRAIN * _GRAIN, last)
            out.append((last, message))
        return out
