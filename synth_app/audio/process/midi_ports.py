"""MIDI input ports through RtMidi (ALSA, JACK, CoreMIDI, Windows).

Messages are polled. A callback would need the GIL, which the library holds while closing a port waits for the port's
thread: a message at the wrong moment would deadlock the process. RtMidi's own threads put messages with their times
into its queue without Python.
"""

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from synth_app.support.errors import UserError

_ALSA_NUMBERS = re.compile(r" \d+:\d+$")  # numbers of client and port; they change when a device is plugged in again
_LOOPBACK_PORTS = ("Midi Through",)  # ALSA's loopback port, which would play everything twice
_SEQUENCER = Path("/dev/snd/seq")
_QUEUE = 2048  # messages that RtMidi keeps; more are lost


class OpenPort(Protocol):
    """An open MIDI input port."""

    def read(self) -> tuple[Sequence[int], float] | None:
        """Return the next message and its distance to the previous one in s; None if none waits."""

    def close(self) -> None:
        """Close the port."""


class PortModule(Protocol):
    """Interface of a module of MIDI ports: this one, or a substitute in tests."""

    def list_ports(self) -> tuple[str, ...]:
        """Return the names of all inputs. Raises UserError where the system has no MIDI."""

    def open_port(self, name: str) -> OpenPort:
        """Open a port. Raises UserError."""


class _Lister:
    """The connection to the system through which ports are listed."""

    def __init__(self) -> None:
        self._input: Any = None

    def names(self) -> tuple[str, ...]:
        if self._input is None:
            self._input = _connect()
        try:
            return tuple(self._input.get_ports())
        except _errors(_rtmidi()) as error:
            self._input = None
            raise UserError(f"the system's MIDI service does not answer ({error}); it is tried again") from error


_lister = _Lister()


def list_ports() -> tuple[str, ...]:
    """Return the names of all inputs except loopback ports.

    Raises:
        UserError: this system has no MIDI; the message says what is missing.
    """
    return tuple(name for name in _lister.names() if not name.startswith(_LOOPBACK_PORTS))


def device_name(port: str) -> str:
    """Return the part of a port's name that stays when its device is plugged in again."""
    return _ALSA_NUMBERS.sub("", port)


def port_title(port: str) -> str:
    """Return a port's name for display: without numbers, and without a repeated client name."""
    client, _, own = device_name(port).partition(":")
    return own if own.startswith(client) and own else f"{client}: {own}" if own else client


def open_port(name: str) -> OpenPort:
    """Open the port of that name.

    Raises:
        UserError: the port no longer exists or cannot be opened.
    """
    rtmidi = _rtmidi()
    midi_in = _connect()
    try:
        number = midi_in.get_ports().index(name)
        midi_in.ignore_types(sysex=True, timing=False, active_sense=True)
        midi_in.open_port(number, "in")
    except ValueError as error:
        midi_in.delete()
        raise UserError(f"MIDI port {name} is no longer connected; plug it in again") from error
    except _errors(rtmidi) as error:
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
    """Connect to the first of the system's MIDI services that answers."""
    rtmidi = _rtmidi()
    apis = rtmidi.RtMidiAPI
    absent = {apis.RTMIDI_DUMMY}  # it never has a port
    missing = "no MIDI: the system's MIDI service does not answer"
    if sys.platform.startswith("linux") and not _SEQUENCER.exists():
        absent.add(apis.LINUX_ALSA)
        missing = f"no MIDI: this system has no sequencer ({_SEQUENCER} is missing; `sudo modprobe snd-seq` loads it)"
    for service in (each for each in rtmidi.get_compiled_apis() if each not in absent):
        try:
            midi_in = rtmidi.MidiIn(service, "synth_app", _QUEUE)
            midi_in.get_port_count()  # JACK's client connects to its server only now
        except _errors(rtmidi):
            continue  # not running; try the next one
        return midi_in
    raise UserError(f"{missing}; computer keyboard and mouse still play")


def _rtmidi() -> Any:
    try:
        import supriya_midi
    except ImportError as error:
        raise UserError(
            f"no MIDI: its library cannot be loaded ({error}); computer keyboard and mouse still play"
        ) from error
    return supriya_midi


def _errors(rtmidi: Any) -> tuple[type[Exception], ...]:
    """Return what the library raises: RuntimeError in constructors, its own exception afterwards."""
    return RuntimeError, rtmidi.RtMidiError
