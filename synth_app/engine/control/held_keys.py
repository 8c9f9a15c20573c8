"""The keys that a finger or the sustain pedal holds."""

from typing import NamedTuple

from synth_app.patch.performance_events import Zones


class Key(NamedTuple):
    """A key: its channel, 0-15, and its MIDI note."""

    channel: int
    note: int


class Held(NamedTuple):
    """How a held key was struck: velocity, 1-127, and the sample of the key-down."""

    velocity: int
    start: int


class HeldKeys:
    """Keys that are down, or came up while the pedal of their channel or zone was down.

    Attributes:
        held: all of them, in the order in which they were struck.
        zones: MPE zones: which channel's pedal holds which keys.
    """

    def __init__(self) -> None:
        self.held: dict[Key, Held] = {}
        self.zones = Zones()
        self._held_by_pedal: set[Key] = set()
        self._pedals_down: set[int] = set()

    def press(self, key: Key, velocity: int, clock: int) -> None:
        """Record that a key goes down, perhaps again."""
        self.held.pop(key, None)
        self.held[key] = Held(velocity, clock)
        self._held_by_pedal.discard(key)

    def release(self, key: Key) -> tuple[Key, ...]:
        """Record that a key comes up. Return the keys to release: itself, or none where the pedal holds it."""
        if key not in self.held:
            return (key,)  # struck before this object existed: release it anyway
        if self._pedal_down(key.channel):
            self._held_by_pedal.add(key)
            return ()
        del self.held[key]
        return (key,)

    def pedal(self, channel: int, *, down: bool) -> tuple[Key, ...]:
        """Record that a pedal goes down or comes up. Return the keys to release."""
        if down:
            self._pedals_down.add(channel)
            return ()
        self._pedals_down.discard(channel)
        freed = tuple(key for key in self.held if key in self._held_by_pedal and not self._pedal_down(key.channel))
        for key in freed:
            del self.held[key]
        self._held_by_pedal.difference_update(freed)
        return freed

    def remove_channel(self, channel: int) -> None:
        """Remove the keys of a channel; its pedal stays as it is."""
        for key in [key for key in self.held if key.channel == channel]:
            del self.held[key]
            self._held_by_pedal.discard(key)

    def clear(self) -> None:
        """Remove all keys and pedals."""
        self.held.clear()
        self._held_by_pedal.clear()
        self._pedals_down.clear()

    def _pedal_down(self, channel: int) -> bool:
        return channel in self._pedals_down or self.zones.master(channel) in self._pedals_down
