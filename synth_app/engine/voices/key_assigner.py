"""Which keys make which voices, and at what pitch: poly, mono and legato, glide, unison.

Everything here happens between the keys and the voices: a voice's pitch is its key's plus ``shift``.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from synth_app.engine.control.controls import BEND_RANGE, DETUNE, GLIDE, MODE, UNISON
from synth_app.engine.control.expression import BEND, Expression
from synth_app.engine.control.held_keys import Key
from synth_app.engine.voices.latent_path import RELEASED
from synth_app.engine.voices.voice_allocator import VoiceAllocator
from synth_app.patch.patch import ENGINE_RATE

POLY, MONO, LEGATO = range(3)
DAMP_S = 0.08  # release of a key struck again


class Place(NamedTuple):
    """One of the voices of a key: ``shift`` in semitones, ``side`` -1 to 1 (None: its own), ``level_db``."""

    shift: float
    side: float | None
    level_db: float


def unison_places(count: int, detune_cents: float) -> tuple[Place, ...]:
    """Voices spread evenly over ``detune_cents`` and between the sides; together as loud as one."""
    if count < 2:
        return (Place(0.0, None, 0.0),)
    level_db = -10.0 * float(np.log10(count))
    ways = [2.0 * i / (count - 1) - 1.0 for i in range(count)]
    return tuple(Place(0.005 * detune_cents * way, way, level_db) for way in ways)


class KeyAssigner:
    """The keys of one rig, and its voices on their way between them.

    Args:
        notes: the voices.
        expression: what bends them besides; the rig may exchange it while no key is down.
        tick: samples between two ``step`` calls.
        fresh: called with the number and the serial of every voice that starts.

    Attributes:
        shift: float64 [voices], semitones between a voice's key and where it sounds.
        down: keys that are held, the latest last, with their velocities.
    """

    def __init__(
        self, notes: VoiceAllocator, expression: Expression, tick: int, fresh: Callable[[int, int], None]
    ) -> None:
        self.expression = expression
        self._notes, self._fresh = notes, fresh
        self._tick_s = tick / ENGINE_RATE
        voices = len(notes.voices.stage)
        self.shift = np.zeros(voices)
        self.down: dict[Key, int] = {}
        self._rest = np.zeros(voices)  # where shift goes: the unison's detune
        self._rate = np.zeros(voices)  # semitones per tick
        self._last_key: int | None = None

    def note_on(self, key: Key, velocity: int, clock: int, elapsed_samples: int, params: NDArray[np.float64]) -> None:
        """A key goes down. Arguments as ``Instrument.note_on``, and the parameters."""
        self.down.pop(key, None)
        self.down[key] = velocity
        self._strike(key, velocity, clock, elapsed_samples, params)

    def note_off(self, key: Key, clock: int, params: NDArray[np.float64]) -> list[int]:
        """A key comes up: the voices to be released now.

        Where one note sounds at a time, it goes back to the key that was held before, and none is released.
        """
        voices = self._notes.held(key)
        self.down.pop(key, None)
        if not voices or not self.down or round(params[MODE]) == POLY:
            return voices
        before, velocity = next(reversed(self.down.items()))
        self._strike(before, velocity, clock, 0, params)
        return []

    def silence(self) -> None:
        """No key is down any more, and the next note glides from nowhere."""
        self.down.clear()
        self._last_key = None

    def step(self, bend_range: float) -> None:
        """Glide one tick, and tell the voices."""
        self.expression.step(bend_range)
        way = self._rest - self.shift
        self.shift += np.clip(way, -self._rate, self._rate)
        np.add(self.expression.values[BEND], self.shift, out=self._notes.voices.bend)

    # ---- inside

    def _strike(self, key: Key, velocity: int, clock: int, elapsed_samples: int, params: NDArray[np.float64]) -> None:
        """Let a key sound: by new voices, or by those of the key before."""
        notes, mode, glide_s = self._notes, round(params[MODE]), float(params[GLIDE])
        before = notes.held(key) if mode == POLY else notes.sounding_keys()
        if mode == LEGATO and before:
            self._lead_over(before, key, glide_s, float(params[BEND_RANGE]))
            return
        for v in before:
            if v in notes.joining:  # of another model, and another key that was held: it never sounded here
                notes.drop(v)
            else:
                notes.release(v, clock, DAMP_S, params)
        self.expression.detach(notes.voices.stage == RELEASED, key.channel)
        for place in unison_places(round(params[UNISON]), float(params[DETUNE])):
            v = notes.start(key, velocity, clock, elapsed_samples, params)
            self._place(v, key, place, 0.0 if elapsed_samples else glide_s, float(params[BEND_RANGE]))
        self._last_key = key.note

    def _place(self, v: int, key: Key, place: Place, glide_s: float, bend_range: float) -> None:
        """Give a new voice its part of the unison, at its key or on its way there from the key before."""
        voices = self._notes.voices
        voices.velocity_db[v] += place.level_db
        if place.side is not None:
            voices.side[v] = place.side
        self._rest[v] = place.shift
        self.shift[v] = place.shift + (self._last_key - key.note if self._last_key is not None and glide_s else 0.0)
        self._aim(v, glide_s)
        self.expression.begin(v, *key, bend_range)
        voices.bend[v] = self.expression.values[BEND, v] + self.shift[v]
        self._fresh(v, int(voices.serial[v]))

    def _lead_over(self, sounding: list[int], key: Key, glide_s: float, bend_range: float) -> None:
        """Sounding voices go over to another key without a new attack."""
        voices = self._notes.voices
        for v in sounding:
            self.shift[v] = self.shift[v] + int(voices.key[v]) - key.note if glide_s else self._rest[v]
            self._aim(v, glide_s)
            voices.key[v], voices.channel[v] = key.note, key.channel
            self.expression.begin(v, *key, bend_range)
        self._last_key = key.note

    def _aim(self, v: int, glide_s: float) -> None:
        """Every interval takes the same time, as on most instruments with a glide."""
        ticks = max(glide_s / self._tick_s, 1.0)
        self._rate[v] = abs(self._rest[v] - self.shift[v]) / ticks
