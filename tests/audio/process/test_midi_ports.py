"""RtMidi ports: listing, opening, refusals, systems without MIDI, and a virtual port where there is MIDI."""

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from synth_app.audio.process import midi_ports
from synth_app.support.errors import UserError

ALSA, JACK, DUMMY = 2, 3, 5


class BrokenError(Exception):
    """Replaces supriya_midi.RtMidiError."""


def fake_rtmidi(midi_in: Any) -> SimpleNamespace:
    return SimpleNamespace(
        get_compiled_apis=lambda: [ALSA, JACK, DUMMY],
        RtMidiAPI=SimpleNamespace(LINUX_ALSA=ALSA, RTMIDI_DUMMY=DUMMY),
        RtMidiError=BrokenError,
        MidiIn=midi_in,
    )


class FakeInput:
    """A MIDI service with two ports, one of which cannot be opened; stores all its instances."""

    made: list["FakeInput"]

    def __init__(self, api: int, name: str, queue: int) -> None:
        if api == ALSA:
            raise RuntimeError("no ALSA")
        assert api == JACK, "the library's dummy has no ports"
        self.opened, self.deleted, self.waiting = -1, False, [([0x90, 60, 1], 0.0)]
        FakeInput.made.append(self)

    def get_ports(self) -> list[str]:
        return ["Midi Through:Midi Through Port-0 14:0", "Keys 20:0", "Busy 24:0"]

    def get_port_count(self) -> int:
        return len(self.get_ports())

    def ignore_types(self, sysex: bool, timing: bool, active_sense: bool) -> None:
        assert (sysex, timing, active_sense) == (True, False, True)  # clock messages must arrive

    def open_port(self, number: int, name: str) -> None:
        if number == 2:
            raise BrokenError("taken")
        self.opened = number

    def get_message(self) -> tuple[Sequence[int], float] | None:
        return self.waiting.pop(0) if self.waiting else None

    def close_port(self) -> None:
        self.opened = -1

    def delete(self) -> None:
        self.deleted = True


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(midi_ports, "_lister", midi_ports._Lister())
    monkeypatch.setattr(FakeInput, "made", [], raising=False)


def test_ports_are_listed_and_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "supriya_midi", fake_rtmidi(FakeInput))
    assert midi_ports.list_ports() == ("Keys 20:0", "Busy 24:0")
    assert midi_ports.list_ports() == ("Keys 20:0", "Busy 24:0")
    assert len(FakeInput.made) == 1  # one connection serves all listings
    port = midi_ports.open_port("Keys 20:0")
    assert FakeInput.made[-1].opened == 1
    assert (port.read(), port.read()) == (([0x90, 60, 1], 0.0), None)
    port.close()
    assert FakeInput.made[-1].deleted


def test_ports_that_cannot_be_opened_are_reported_and_released(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "supriya_midi", fake_rtmidi(FakeInput))
    with pytest.raises(UserError, match=r"Busy 24:0 cannot be opened \(taken\)"):
        midi_ports.open_port("Busy 24:0")
    with pytest.raises(UserError, match="Gone 1:0 is no longer connected"):
        midi_ports.open_port("Gone 1:0")
    assert all(made.deleted for made in FakeInput.made)


class Serverless:
    """A service whose client can be made but finds no server, as JACK's does."""

    tried: list[int]

    def __init__(self, api: int, *_: object) -> None:
        Serverless.tried.append(api)

    def get_port_count(self) -> int:
        raise BrokenError("no server")


@pytest.mark.parametrize(
    ("exists", "tried", "message"),
    [
        (False, [JACK], r"no sequencer .*modprobe snd-seq.*computer keyboard and mouse still play"),
        (True, [ALSA, JACK], r"the system's MIDI service does not answer; computer keyboard and mouse still play"),
    ],
)
def test_a_system_without_midi_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, exists: bool, tried: list[int], message: str
) -> None:
    monkeypatch.setattr(Serverless, "tried", [], raising=False)
    monkeypatch.setitem(sys.modules, "supriya_midi", fake_rtmidi(Serverless))
    monkeypatch.setattr(midi_ports, "_SEQUENCER", tmp_path if exists else tmp_path / "seq")
    monkeypatch.setattr(sys, "platform", "linux")
    with pytest.raises(UserError, match=message):
        midi_ports.list_ports()
    assert Serverless.tried == tried


def test_a_library_that_cannot_be_loaded_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "supriya_midi", None)
    with pytest.raises(UserError, match="library cannot be loaded"):
        midi_ports.list_ports()


def test_a_virtual_port_is_received() -> None:
    """The real library: needs ALSA's sequencer or a running JACK."""
    import supriya_midi

    try:
        service = midi_ports._connect()
    except UserError as error:
        pytest.skip(str(error))
    device = supriya_midi.MidiOut(service.get_current_api(), "synth_app test")
    device.open_virtual_port("keys")
    try:
        (name,) = [each for each in midi_ports.list_ports() if "synth_app test" in each]
        port = midi_ports.open_port(name)
        sent = [[0x90, 60, 100], [0xB0, 1, 5], [0xE0, 0, 64], [0xF8], [0x80, 60, 0]]
        for message in sent:
            device.send_message(message)
        heard: list[Sequence[int]] = []
        end = time.monotonic() + 3.0
        while len(heard) < len(sent) and time.monotonic() < end:
            came = port.read()
            if came is None:
                time.sleep(0.002)
            else:
                heard.append(came[0])
        port.close()
    finally:
        device.delete()
        service.delete()
    assert heard == sent
    assert name not in midi_ports.list_ports()
