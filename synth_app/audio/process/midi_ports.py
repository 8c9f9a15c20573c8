"""MIDI input ports through RtMidi (ALSA, JACK, CoreMIDI, Windows): which there are, and what they receive.

Messages are fetched, not called back: python-rtmidi's callbacks take the interpreter lock, which it keeps while closing
a port waits for the port's thread. So a message at the wrong moment would stop the process. RtMidi's own threads put
messages with their times into its queue without Python.
"""

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from synth_app.support.errors import UserError

_ALSA_NUMBERS = re.compile(r" \d+:\d+$")  # of client and port: they change when a device is plugged in again
_NOT_PLAYED = ("Midi Through",)  # ALSA's own loop: would play everything twice
_SEQUENCER = Path("/dev/snd/seq")
_QUEUE = 2048  # messages that wait in RtMidi; more are lost


class OpenPort(Protocol):
    """A port that is being listened to."""

    def read(self) -> tuple[Sequence[int], float] | None:
        """The next whole message, and the seconds between its coming and that of the one before; None if none waits."""

    def close(self) -> None:
        """Receive nothing more."""


class PortModule(Protocol):
    """What a module must offer to be asked for MIDI: this one, or a stand-in."""

    def list_ports(self) -> tuple[str, ...]:
        """Names of the inputs there are. Raises UserError where the system has no MIDI."""

    def open_port(self, name: str) -> OpenPort:
        """Listen to a port. Raises UserError."""


class _Lister:
    """Keeps the one connection to the system through which ports are listed."""

    def __init__(self) -> None:
        self._input: Any = None

    def names(self) -> tuple[str, ...]:
        if self._input is None:
            self._input = _connect()
        rtmidi_error = _rtmidi().RtMidiError
        try:
            return tuple(self._input.get_ports())
        except rtmidi_error as error:
            self._input = None
            raise UserError(f"the system's MIDI does not answer ({error})") from error


_lister = _Lister()


def list_ports() -> tuple[str, ...]:
    """Names of the inputs that can be played.

    Raises:
        UserError: this system has no MIDI; says what is missing.
    """
    return tuple(name for name in _lister.names() if not name.startswith(_NOT_PLAYED))


def device_name(port: str) -> str:
    """The part of a port's name that stays when its device is plugged in again."""
    return _ALSA_NUMBERS.sub("", port)


def port_title(port: str) -> str:
    """A port's name as people would say it: without numbers, and without the client's name in front of itself."""
    client, _, own = device_name(port).partition(":")
    return own if own.startswith(client) and own else f"{client}: {own}" if own else client


def open_port(name: str) -> OpenPort:
    """Listen to the port of that name.

    Raises:
        UserError: it is gone, or the system does not let us in.
    """
    rtmidi = _rtmidi()
    midi_in = _connect()
    try:
        number = midi_in.get_ports().index(name)
        midi_in.ignore_types(sysex=True, timing=False, active_sense=True)
        midi_in.open_port(number, "in")
    except ValueError as error:
        midi_in.delete()
        raise UserError(f"MIDI port {name} is gone") from error
    except rtmidi.RtMidiError as error:
        midi_in.delete()
        raise UserError(f"MIDI port {name} cannot be opened ({error}); is another program using it?") from error
    return _Port(midi_in)


class _Port:
    def __init__(self, midi_in: Any) -> None:
        self._input = midi_in

    def read(self) -> tuple[Sequence[int], float] | None:
        message: tuple[Sequence[int], float] | None = self._input.get_message()
        return message

    def close(self) -> None:
        self._input.close_port()
        self._input.delete()


def _connect() -> Any:
    """A connection to the first of the system's MIDI services that answers."""
    rtmidi = _rtmidi()
    if sys.platform.startswith("linux") and not _SEQUENCER.exists():
        services = [api for api in rtmidi.get_compiled_api() if api != rtmidi.API_LINUX_ALSA]
        missing = f"no MIDI: this system has no sequencer ({_SEQUENCER} is missing; `sudo modprobe snd-seq` loads it)"
    else:
        services, missing = rtmidi.get_compiled_api(), "no MIDI: the system's MIDI service does not answer"
    for service in services:
        try:
            return rtmidi.MidiIn(service, "synth_app", _QUEUE)
        except rtmidi.RtMidiError:
            continue  # not running; the next one may
    raise UserError(f"{missing}; keys and mouse play as before")


def _rtmidi() -> Any:
    try:
        import rtmidi
    except ImportError as error:
        raise UserError(f"no MIDI: its library cannot be loaded ({error}); keys and mouse play as before") from error
    return rtmidi
