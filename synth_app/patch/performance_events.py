"""Performance events beside keys: pedal, bend, pressure, slide, wheel, zones, tempo and transport. Plain data.

The notes of a channel, 0-15 as in MIDI, share one bend and one pedal. A channel is a keyboard, a track, or with MPE
zones a single finger.
"""

from dataclasses import dataclass
from typing import Literal, get_args

Source = Literal["bend", "pressure", "slide", "wheel"]
SOURCES: tuple[Source, ...] = get_args(Source)
CHANNELS = 16
MEMBER_BEND_RANGE = 48.0  # semitones, default of a zone's member channels (MPE 1.0, section 2.4)


@dataclass(frozen=True)
class Pedal:
    """Sustain pedal: while it is down, released keys keep sounding."""

    down: bool
    channel: int = 0


@dataclass(frozen=True)
class SoundOff:
    """End of all notes of a channel at once, without their releases (All Sound Off). Its pedal and controllers stay."""

    channel: int = 0


@dataclass(frozen=True)
class Controller:
    """Position of a continuous controller, for all notes of its channel.

    ``value`` is -1 to 1 for "bend", as a fraction of the bend range, and 0 to 1 for the others; 0 is the neutral
    position of all.
    """

    source: Source
    value: float
    channel: int = 0


@dataclass(frozen=True)
class KeyPressure:
    """Pressure on one held key, 0-1; the larger of this and the channel's pressure counts."""

    note: int
    value: float
    channel: int = 0


@dataclass(frozen=True)
class BendRange:
    """Semitones of a full bend on this channel; None for the patch's ``bend_range``."""

    semitones: float | None
    channel: int = 0


@dataclass(frozen=True)
class Zones:
    """MPE zones: the numbers of member channels of the lower master (channel 0) and the upper one (15).

    A master's events apply to all notes of its zone, in addition to the events of their own channels. This event resets
    bend ranges: to ``MEMBER_BEND_RANGE`` for members, and to the patch's for all other channels.
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
        """Return the channel whose events also apply to this one; itself for masters and outside of zones."""
        if 1 <= channel <= self.lower:
            return 0
        return CHANNELS - 1 if CHANNELS - 1 - self.upper <= channel < CHANNELS - 1 else channel

    def members(self, master: int) -> tuple[int, ...]:
        """Return the channels that have this master, apart from itself."""
        return tuple(c for c in range(CHANNELS) if c != master and self.master(c) == master)


@dataclass(frozen=True)
class Tempo:
    """Tempo in quarter notes per minute, from a clock or a file."""

    bpm: float


@dataclass(frozen=True)
class Transport:
    """Start or stop of a sequencer; with ``rewind`` beat 0 is here, otherwise it continues at its position."""

    running: bool
    rewind: bool = True


PerformanceEvent = Pedal | SoundOff | Controller | KeyPressure | BendRange | Zones | Tempo | Transport
