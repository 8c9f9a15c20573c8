"""What hands and feet do beside striking keys: pedal, bend, pressure, slide, wheel, zones and the beat. Plain data.

A channel, 0-15 as in MIDI, is whatever shares one bend and one pedal: a keyboard, a track, or a single finger where
zones are set up (MPE).
"""

from dataclasses import dataclass
from typing import Literal, get_args

Source = Literal["bend", "pressure", "slide", "wheel"]
SOURCES: tuple[Source, ...] = get_args(Source)
CHANNELS = 16
MEMBER_BEND_RANGE = 48.0  # semitones, of a zone's member channels until told otherwise (MPE 1.0, 2.4)


@dataclass(frozen=True)
class Pedal:
    """Sustain pedal: while it is down, keys that are let go sound on."""

    down: bool
    channel: int = 0


@dataclass(frozen=True)
class Controller:
    """A continuous controller moved, for all notes of its channel.

    ``value`` is -1 to 1 for "bend", in shares of the bend range, and 0 to 1 for the others; all rest at 0.
    """

    source: Source
    value: float
    channel: int = 0


@dataclass(frozen=True)
class KeyPressure:
    """Pressure on one held key, 0-1; the harder of it and the channel's pressure counts."""

    note: int
    value: float
    channel: int = 0


@dataclass(frozen=True)
class BendRange:
    """Semitones that a full bend of this channel moves; None leaves it to the sound's ``bend_range``."""

    semitones: float | None
    channel: int = 0


@dataclass(frozen=True)
class Zones:
    """MPE zones: how many member channels belong to the lower master (channel 0) and the upper one (15).

    What a master is told holds for all notes of its zone, beside what their own channels are told. Bend ranges go back
    to ``MEMBER_BEND_RANGE`` for members and to the sound's for all other channels.
    """

    lower: int = 0
    upper: int = 0

    def __post_init__(self) -> None:
        """Refuse zones that overlap."""
        if not (0 <= self.lower < CHANNELS and 0 <= self.upper < CHANNELS):
            raise ValueError(f"zones of {self.lower} and {self.upper} member channels; there are 15 at most")
        if self.lower and self.upper and self.lower + self.upper > CHANNELS - 2:
            raise ValueError(f"zones of {self.lower} and {self.upper} channels overlap; 14 fit beside two masters")

    def master(self, channel: int) -> int:
        """The channel whose messages hold for this one too; itself for masters and outside of zones."""
        if 1 <= channel <= self.lower:
            return 0
        return CHANNELS - 1 if CHANNELS - 1 - self.upper <= channel < CHANNELS - 1 else channel

    def members(self, master: int) -> tuple[int, ...]:
        """Channels that have this master, apart from itself."""
        return tuple(c for c in range(CHANNELS) if c != master and self.master(c) == master)


@dataclass(frozen=True)
class Tempo:
    """Quarter notes per minute from here on, by a clock or a file."""

    bpm: float


@dataclass(frozen=True)
class Transport:
    """The sequencer was started or stopped; with ``rewind`` its beat 0 is here, else it goes on where it was."""

    running: bool
    rewind: bool = True


PerformanceEvent = Pedal | Controller | KeyPressure | BendRange | Zones | Tempo | Transport
