"""MIDI events on their way to the rendering thread: bounded, each with the time at which it came."""

from collections import deque

from synth_app.patch import ENGINE_RATE, Message, NoteOff, NoteOn, Pedal

_GRAIN = 16  # samples; events of one grain are applied together, so that a storm cannot cut a block to pieces


class MidiQueue:
    """One end belongs to the threads of the MIDI ports (under one lock of theirs), the other to the rendering thread.

    When it is full, what comes is dropped, but nothing that would leave a note hanging: the end of a note, or of a
    pedal, whose beginning was taken always goes in. There are at most as many of these as keys and pedals.

    Attributes:
        dropped: how many messages were lost.
    """

    CAPACITY = 2048

    def __init__(self) -> None:
        """Start empty."""
        self._items: deque[tuple[float, Message]] = deque()
        self._down: set[tuple[int, int]] = set()  # channel and note of keys whose beginning was taken
        self._pedals: set[int] = set()  # channels of pedals likewise
        self.dropped = 0

    def put(self, time_s: float, message: Message) -> None:
        """Add a message that came at ``time_s`` (time.perf_counter())."""
        ends = (isinstance(message, NoteOff) and (message.channel, message.note) in self._down) or (
            isinstance(message, Pedal) and not message.down and message.channel in self._pedals
        )
        if len(self._items) >= self.CAPACITY and not ends:
            self.dropped += 1
            return
        match message:
            case NoteOn(note, _, channel):
                self._down.add((channel, note))
            case NoteOff(note, channel):
                self._down.discard((channel, note))
            case Pedal(down, channel):
                (self._pedals.add if down else self._pedals.discard)(channel)
        self._items.append((time_s, message))

    def due(self, now_s: float, frames: int) -> list[tuple[int, Message]]:
        """Take what is to be heard in the block that begins to be rendered at ``now_s``.

        Every event is heard one block after it came: so notes keep their distances, which they would lose if
        each began with a block. What is older than that begins at once.

        Returns:
            (offset in the block, message), in order; offsets rise by steps of 16 samples.
        """
        out: list[tuple[int, Message]] = []
        last = 0
        while self._items and self._items[0][0] <= now_s:
            time_s, message = self._items.popleft()
            offset = frames - round((now_s - time_s) * ENGINE_RATE)
            last = max(min(offset, frames - 1) // _GRAIN * _GRAIN, last)
            out.append((last, message))
        return out
