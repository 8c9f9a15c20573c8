"""Which keys sound on because a finger or the pedal holds them."""

from typing import NamedTuple

from synth_app.patch.performance_events import Zones


class Key(NamedTuple):
    """A key as the engine knows it: its channel, 0-15, and MIDI note."""

    channel: int
    note: int


class Held(NamedTuple):
    """How a held key was struck: velocity 1-127, and the sample at which."""

    velocity: int
    start: int


class HeldKeys:
    """Keys that are down, or were let go while their channel's pedal, or its zone's, was down.

    Attributes:
        held: all of them, in the order in which they were struck.
        zones: whose pedal holds whose keys.
    """

    def __init__(self) -> None:
        self.held: dict[Key, Held] = {}
        self.zones = Zones()
        self._on_pedal: set[Key] = set()
        self._pedals: set[int] = set()

    def press(self, key: Key, velocity: int, clock: int) -> None:
        """A key goes down, maybe again."""
        self.held.pop(key, None)
        self.held[key] = Held(velocity, clock)
        self._on_pedal.discard(key)

    def release(self, key: Key) -> tuple[Key, ...]:
        """A key goes up; the keys that fall silent with it: itself, or none where the pedal holds it."""
        if key not in self.held:
            return (key,)  # struck before this was told of it: let it go all the same
        if self._pedal_down(key.channel):
            self._on_pedal.add(key)
            return ()
        del self.held[key]
        return (key,)

    def pedal(self, channel: int, *, down: bool) -> tuple[Key, ...]:
        """A pedal goes down or up; the keys that fall silent with it."""
        if down:
            self._pedals.add(channel)
            return ()
        self._pedals.discard(channel)
        freed = tuple(key for key in self.held if key in self._on_pedal and not self._pedal_down(key.channel))
        for key in freed:
            del self.held[key]
        self._on_pedal.difference_update(freed)
        return freed

    def clear(self) -> None:
        """No key is down and no pedal."""
        self.held.clear()
        self._on_pedal.clear()
        self._pedals.clear()

    def _pedal_down(self, channel: int) -> bool:
        return channel in self._pedals or self.zones.master(channel) in self._pedals
