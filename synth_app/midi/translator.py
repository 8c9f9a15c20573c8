"""Translates MIDI messages into the engine's events: notes, pedal, bend, pressure, controllers, clock, MPE zones.

Each port or file has its own translator. References: MIDI 1.0 Detailed Specification 4.2, MIDI Polyphonic Expression
1.0 (RP-053). Program changes, release velocity, sostenuto and system exclusive messages are not used.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from synth_app.midi.clock import ClockFollower
from synth_app.midi.names import NOT_LEARNED, Cc, Kind, System
from synth_app.midi.settings import MidiSettings
from synth_app.patch.patch import Message, NoteOff, NoteOn
from synth_app.patch.performance_events import (
    CHANNELS,
    SOURCES,
    BendRange,
    Controller,
    KeyPressure,
    Pedal,
    SoundOff,
    Source,
    Tempo,
    Transport,
    Zones,
)

BEND_RANGE, ZONES, NO_PARAMETER = (0, 0), (0, 6), (127, 127)  # registered parameters: MSB, LSB
_LENGTH: dict[int, int] = {kind: 2 if kind in (Kind.PROGRAM, Kind.PRESSURE) else 3 for kind in Kind}


@dataclass(frozen=True)
class ControllerMoved:
    """New value of a controller that MIDI learn can assign: channel 0-15, number 0-119, value 0-127."""

    channel: int
    number: int
    value: int


Output = Message | ControllerMoved


class Translator:
    """Translates one stream of complete MIDI messages.

    Args:
        settings: which channels are used, and how; None for all channels.

    Attributes:
        held: (channel, note) of all held keys.
        running: whether a sequencer was started and not stopped yet.
    """

    def __init__(self, settings: MidiSettings | None = None) -> None:
        settings = settings or MidiSettings()
        self.held: set[tuple[int, int]] = set()
        self.running = False
        self._only_channel = settings.channel if settings.mode == "channel" else None
        self._zones = Zones(lower=CHANNELS - 1) if settings.mode == "mpe" else Zones()
        self._clock = ClockFollower()
        self._parameter = [NO_PARAMETER] * CHANNELS
        self._bend_semitones = [0] * CHANNELS  # semitones of the bend range received last
        self._moved_channels: set[int] = set()  # channels with controllers that moved
        self._pedals: set[int] = set()  # channels whose pedal is down

    @property
    def zones(self) -> Zones:
        """The current MPE zones; the engine must receive them before the first message."""
        return self._zones

    def feed(self, data: Sequence[int], time_s: float = 0.0) -> tuple[Output, ...]:
        """Translate one message.

        Args:
            data: its bytes, status first.
            time_s: arrival time, for the clock.

        Returns:
            Messages for the engine and controllers for MIDI learn. Empty for a message that is damaged, not used, or
            of another channel than the selected one.
        """
        if not data or data[0] < 0x80:
            return ()
        if data[0] >= 0xF0:
            return tuple(self._system(data[0], time_s)) if len(data) == 1 else ()
        kind, channel = data[0] >> 4, data[0] & 15
        if (
            len(data) != _LENGTH[kind]
            or max(data[1:]) > 127
            or (self._only_channel is not None and channel != self._only_channel)
        ):
            return ()
        return tuple(self._channel_message(kind, channel, data[1], data[2] if len(data) > 2 else 0))

    def release_keys(self) -> tuple[Message, ...]:
        """Return the release of all held keys and pedals of this stream."""
        keys = [NoteOff(note, channel) for channel, note in sorted(self.held)]
        pedals = [Pedal(down=False, channel=channel) for channel in sorted(self._pedals)]
        self.held.clear()
        self._pedals.clear()
        return (*keys, *pedals)

    def release_all(self) -> tuple[Message, ...]:
        """Return the release of all keys and pedals and the reset of all moved controllers, for a closed port."""
        out = [*self.release_keys()]
        for channel in sorted(self._moved_channels):
            out += [Controller(source, 0.0, channel) for source in SOURCES]
        self._moved_channels.clear()
        return tuple(out)

    def _channel_message(self, kind: int, channel: int, first: int, second: int) -> Iterable[Output]:
        match kind:
            case Kind.NOTE_ON if second > 0:
                self.held.add((channel, first))
                return (NoteOn(first, second, channel),)
            case Kind.NOTE_ON | Kind.NOTE_OFF if (channel, first) in self.held:
                self.held.remove((channel, first))
                return (NoteOff(first, channel),)
            case Kind.KEY_PRESSURE:
                return (KeyPressure(first, second / 127, channel),)
            case Kind.CONTROL:
                return self._control(channel, first, second)
            case Kind.PRESSURE:
                return (self._controller("pressure", first / 127, channel),)
            case Kind.BEND:
                return (self._controller("bend", _bend(first, second), channel),)
        return ()

    def _control(self, channel: int, number: int, value: int) -> Iterable[Output]:
        msb, lsb = self._parameter[channel]
        match number:
            case Cc.PEDAL:
                return self._pedal(channel, down=value >= 64)
            case Cc.DATA_MSB | Cc.DATA_LSB:
                return self._data_entry(channel, number, value)
            case Cc.RPN_MSB:
                self._parameter[channel] = (value, lsb)
            case Cc.RPN_LSB:
                self._parameter[channel] = (msb, value)
            case Cc.NRPN_MSB | Cc.NRPN_LSB:
                self._parameter[channel] = NO_PARAMETER
            case number if number >= Cc.ALL_SOUND_OFF:
                return self._mode(channel, number)
            case _:
                return self._plain_controller(channel, number, value)
        return ()

    def _mode(self, channel: int, number: int) -> Iterable[Message]:
        if number == Cc.ALL_SOUND_OFF:
            return self._all_sound_off(channel)
        if number == Cc.RESET_CONTROLLERS:
            return self._reset(channel)
        return self._all_notes_off(channel) if number >= Cc.ALL_NOTES_OFF else ()

    def _plain_controller(self, channel: int, number: int, value: int) -> list[Output]:
        out: list[Output] = []
        if number in (Cc.WHEEL, Cc.SLIDE):
            out.append(self._controller("wheel" if number == Cc.WHEEL else "slide", value / 127, channel))
        # In MPE every finger sends slide all the time, so MIDI learn would assign it by mistake.
        if number not in NOT_LEARNED and not (number == Cc.SLIDE and self._zones.master(channel) != channel):
            out.append(ControllerMoved(channel, number, value))
        return out

    def _controller(self, source: Source, value: float, channel: int) -> Controller:
        self._moved_channels.add(channel)
        return Controller(source, value, channel)

    def _pedal(self, channel: int, *, down: bool) -> tuple[Message, ...]:
        (self._pedals.add if down else self._pedals.discard)(channel)
        return (Pedal(down, channel),)

    def _reset(self, channel: int) -> list[Message]:
        """Reset all controllers except CC 74 (RP-015)."""
        sources: tuple[Source, ...] = ("bend", "pressure", "wheel")
        return [*self._pedal(channel, down=False), *(Controller(source, 0.0, channel) for source in sources)]

    def _all_notes_off(self, channel: int) -> list[Message]:
        """Return note-offs: releases sound and the pedal holds (MIDI 1.0). A master channel ends its whole zone."""
        return [NoteOff(note, of) for of, note in self._take_held((channel, *self._zones.members(channel)))]

    def _all_sound_off(self, channel: int) -> list[Message]:
        """Return the immediate end of all notes of a channel; a master channel ends its whole zone."""
        channels = (channel, *self._zones.members(channel))
        self._take_held(channels)
        return [SoundOff(each) for each in channels]

    def _take_held(self, channels: Sequence[int]) -> list[tuple[int, int]]:
        """Remove the held keys of the channels and return them, sorted."""
        ended = sorted(key for key in self.held if key[0] in channels)
        self.held.difference_update(ended)
        return ended

    def _data_entry(self, channel: int, number: int, value: int) -> Iterable[Message]:
        """Handle data entry of a registered parameter: bend range or zones."""
        parameter = self._parameter[channel]
        if parameter == BEND_RANGE:
            return self._bend_range(channel, number, value)
        if parameter == ZONES and number == Cc.DATA_MSB and channel in (0, CHANNELS - 1) and self._only_channel is None:
            return self._configure(channel, min(value, CHANNELS - 1))
        return ()

    def _bend_range(self, channel: int, number: int, value: int) -> list[Message]:
        """Set the bend range: semitones first, then optional cents. A member's range holds for its whole zone."""
        if number == Cc.DATA_MSB:
            self._bend_semitones[channel] = value
        semitones = self._bend_semitones[channel] + (value / 100 if number == Cc.DATA_LSB else 0.0)
        master = self._zones.master(channel)
        channels = (channel,) if master == channel else self._zones.members(master)
        return [BendRange(semitones, each) for each in channels]

    def _configure(self, master: int, members: int) -> list[Message]:
        """Handle an MPE configuration message: resize one zone and shrink the other to the remaining channels."""
        room = CHANNELS - 2 - members if members else CHANNELS - 1
        if master == 0:
            self._zones = Zones(members, max(min(self._zones.upper, room), 0))
        else:
            self._zones = Zones(max(min(self._zones.lower, room), 0), members)
        return [self._zones]

    def _system(self, status: int, time_s: float) -> Iterable[Message]:
        match status:
            case System.CLOCK:
                bpm = self._clock.tick(time_s)
                return () if bpm is None else (Tempo(bpm),)
            case System.START | System.CONTINUE:
                self._clock.restart()
                self.running = True
                return (Transport(running=True, rewind=status == System.START),)
            case System.STOP:
                self._clock.restart()
                self.running = False
                return (Transport(running=False),)
        return ()


def _bend(lsb: int, msb: int) -> float:
    """Map 14 bits to -1 ... 1; both ends and the centre (8192) are exact."""
    steps = (msb << 7 | lsb) - 8192
    return steps / 8192 if steps < 0 else steps / 8191
