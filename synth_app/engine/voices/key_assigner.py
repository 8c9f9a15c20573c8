"""Assigns keys to voices: poly, mono and legato modes, glide and unison.

The pitch of a voice is that of its key plus ``shift``.
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
_UNISON_SPREAD = 0.5  # distance of a unison's voices from the centre without spread


class UnisonVoice(NamedTuple):
    """One of the voices of a key: ``shift`` in semitones, ``side`` -1 to 1 (None for a single voice), ``level_db``."""

    shift: float
    side: float | None
    level_db: float


def unison_voices(count: int, detune_cents: float) -> tuple[UnisonVoice, ...]:
    """Return ``count`` voices spread evenly over ``detune_cents`` and between the sides; together as loud as one.

    The outermost voices are on opposite sides, the next pair the other way round, and so on: with four voices or more
    each side has high and low ones.
    """
    if count < 2:
        return (UnisonVoice(0.0, None, 0.0),)
    level_db = -10.0 * float(np.log10(count))
    places = [2.0 * i / (count - 1) - 1.0 for i in range(count)]
    swaps = [(-1.0) ** min(i, count - 1 - i) for i in range(count)]
    return tuple(
        UnisonVoice(0.005 * detune_cents * place, swap * place, level_db)
        for place, swap in zip(places, swaps, strict=True)
    )


class KeyAssigner:
    """The keys of one instrument, and the glides of its voices between them.

    Args:
        allocator: the voices.
        expression: their controllers; the instrument may exchange it while no key is down.
        tick: samples between two ``step`` calls.
        on_start: called with the index and the serial number of every voice that starts.
        on_change: called with the index of every sounding voice that gets another key.

    Attributes:
        shift: float64 [voices], semitones from a voice's key to its pitch.
        down: held keys with their velocities, the latest last.
    """

    def __init__(
        self, allocator: VoiceAllocator, expression: Expression, tick: int, on_start: Callable[[int, int], None],
        on_change: Callable[[int], None],
    ) -> None:  # fmt: skip
        self.expression = expression
        self._allocator, self._on_start, self._on_change = allocator, on_start, on_change
        self._tick_s = tick / ENGINE_RATE
        voices = len(allocator.voices.stage)
        self.shift = np.zeros(voices)
        self.down: dict[Key, int] = {}
        self._target = np.zeros(voices)  # of ``shift``: the detune of the unison
        self._rate = np.zeros(voices)  # semitones per tick
        self._last_key: int | None = None

    def note_on(self, key: Key, velocity: int, clock: int, elapsed_samples: int, params: NDArray[np.float64]) -> None:
        """Handle a key that goes down. Arguments as ``Instrument.note_on``, and the parameters."""
        self.down.pop(key, None)
        self.down[key] = velocity
        self._strike(key, velocity, clock, elapsed_samples, params)

    def note_off(self, key: Key, clock: int, params: NDArray[np.float64]) -> list[int]:
        """Handle a key that comes up. Return the voices to release.

        In mono and legato mode the note returns to the key held before, if there is one, and none is released.
        """
        voices = self._allocator.held(key)
        self.down.pop(key, None)
        if not voices or not self.down or round(params[MODE]) == POLY:
            return voices
        before, velocity = next(reversed(self.down.items()))
        self._strike(before, velocity, clock, 0, params)
        return []

    def silence(self) -> None:
        """Remove all keys; the next note does not glide."""
        self.down.clear()
        self._last_key = None

    def silence_channel(self, channel: int) -> None:
        """Remove the keys of a channel."""
        for key in [key for key in self.down if key.channel == channel]:
            del self.down[key]

    def step(self, bend_range: float) -> None:
        """Glide one tick, and update the voices' bends."""
        self.expression.step(bend_range)
        distance = self._target - self.shift
        self.shift += np.clip(distance, -self._rate, self._rate)
        np.add(self.expression.values[BEND], self.shift, out=self._allocator.voices.bend)

    # ---- internal

    def _strike(self, key: Key, velocity: int, clock: int, elapsed_samples: int, params: NDArray[np.float64]) -> None:
        """Play a key: with new voices, or in legato mode with those of the previous key."""
        allocator, mode, glide_s = self._allocator, round(params[MODE]), float(params[GLIDE])
        before = allocator.held(key) if mode == POLY else allocator.all_held()
        if mode == LEGATO and before:
            self._change_key(before, key, glide_s, float(params[BEND_RANGE]))
            return
        for v in before:
            if v in allocator.joining:  # a note held under another model: it has not sounded here yet
                allocator.drop(v)
            else:
                allocator.release(v, clock, DAMP_S, params)
        self.expression.detach(allocator.voices.stage == RELEASED, key.channel)
        for unison in unison_voices(round(params[UNISON]), float(params[DETUNE])):
            v = allocator.start(key, velocity, clock, elapsed_samples, params)
            self._begin_voice(v, key, unison, 0.0 if elapsed_samples else glide_s, float(params[BEND_RANGE]))
        self._last_key = key.note

    def _begin_voice(self, v: int, key: Key, unison: UnisonVoice, glide_s: float, bend_range: float) -> None:
        """Set up a new voice of a unison, at its key or gliding there from the previous key."""
        voices = self._allocator.voices
        voices.velocity_db[v] += unison.level_db
        if unison.side is not None:
            voices.side[v], voices.unison_side[v] = unison.side, _UNISON_SPREAD * unison.side
        self._target[v] = unison.shift
        self.shift[v] = unison.shift + (self._last_key - key.note if self._last_key is not None and glide_s else 0.0)
        self._set_rate(v, glide_s)
        self.expression.begin(v, *key, bend_range)
        voices.bend[v] = self.expression.values[BEND, v] + self.shift[v]
        self._on_start(v, int(voices.serial[v]))

    def _change_key(self, sounding: list[int], key: Key, glide_s: float, bend_range: float) -> None:
        """Move sounding voices to another key without a new attack."""
        voices = self._allocator.voices
        for v in sounding:
            self.shift[v] = self.shift[v] + int(voices.key[v]) - key.note if glide_s else self._target[v]
            self._set_rate(v, glide_s)
            voices.key[v], voices.channel[v] = key.note, key.channel
            self.expression.begin(v, *key, bend_range)
            self._on_change(v)
        self._last_key = key.note

    def _set_rate(self, v: int, glide_s: float) -> None:
        """Set the speed of a glide: every interval takes ``glide_s``, as on most synthesizers."""
        ticks = max(glide_s / self._tick_s, 1.0)
        self._rate[v] = abs(self._target[v] - self.shift[v]) / ticks
