"""A pressed key, and the protocol of voices that render it."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

RATE_HZ = 48_000
"""Everything is synthesised at this rate and resampled for others, so that every rate holds the same notes."""
BAND_HZ = 22_000.0
"""No oscillator makes a partial above this."""


@dataclass(frozen=True, slots=True)
class KeyPress:
    """A MIDI key, held for ``hold_s`` seconds and recorded for another ``release_s`` seconds."""

    key: int
    velocity: int
    hold_s: float = 3.0
    release_s: float = 1.0

    @property
    def f0_hz(self) -> float:
        """Frequency of the key in equal temperament, A4 = 440 Hz."""
        return float(440.0 * 2.0 ** ((self.key - 69) / 12.0))

    @property
    def velocity_fraction(self) -> float:
        """Velocity as a fraction of 127."""
        return self.velocity / 127.0

    @property
    def samples(self) -> int:
        """Length of the note at ``RATE_HZ``."""
        return round((self.hold_s + self.release_s) * RATE_HZ)

    def seconds(self) -> Array:
        """Time of every sample in seconds, [samples]."""
        return np.arange(self.samples) / RATE_HZ

    def octaves_above(self, key: int) -> float:
        """Return the distance from another key in octaves."""
        return (self.key - key) / 12.0


class Voice(Protocol):
    """A random instrument; only the noise within notes is still random."""

    @property
    def family(self) -> str:
        """One of NSynth's families."""

    def render(self, key_press: KeyPress, rng: np.random.Generator) -> Array:
        """Render the note, shape [samples], at any level, band-limited to ``BAND_HZ``."""
