"""One key pressed, as every voice is told of it, and what a voice is."""

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
class Strike:
    """A MIDI key held for ``hold_s`` seconds, and the ``release_s`` after it that are kept."""

    key: int
    velocity: int
    hold_s: float = 3.0
    release_s: float = 1.0

    @property
    def f0_hz(self) -> float:
        """The key's frequency in equal temperament, A4 = 440 Hz."""
        return float(440.0 * 2.0 ** ((self.key - 69) / 12.0))

    @property
    def force(self) -> float:
        """Velocity as a fraction of 127."""
        return self.velocity / 127.0

    @property
    def samples(self) -> int:
        """Length of the note at ``RATE_HZ``."""
        return round((self.hold_s + self.release_s) * RATE_HZ)

    def seconds(self) -> Array:
        """Time of every sample, [samples]."""
        return np.arange(self.samples) / RATE_HZ

    def octaves_above(self, key: int) -> float:
        """Distance from another key in octaves."""
        return (self.key - key) / 12.0


class Voice(Protocol):
    """A drawn instrument: all its chance has fallen, but for the noise in each note."""

    @property
    def family(self) -> str:
        """One of NSynth's families."""

    def render(self, strike: Strike, rng: np.random.Generator) -> Array:
        """The note, shape [strike.samples], at any level; all of it band-limited to ``BAND_HZ``."""
