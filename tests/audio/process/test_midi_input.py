"""MIDI ports that appear, vanish, refuse and send fast, through the input's thread and the real audio process."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from synth_app.audio import AudioClient, MidiPlayed, MidiState, ModelLoaded, Restarted
from synth_app.audio.process.event_budget import EventBudget
from synth_app.audio.process.midi_input import MidiInput, _OpenInput
from synth_app.audio.process.midi_ports import device_name, port_title
from synth_app.audio.process.midi_queue import MidiQueue
from synth_app.midi import ControllerMoved, MidiSettings, Translator
from synth_app.patch import Controller, Message, NoteOff, NoteOn, Patch, Pedal, SetPatch, Zones
from tests.audio import fake_midi
from tests.audio.conftest import FAKE_ENGINE, NO_DEVICE, Probe, wait_until
from tests.audio.fake_midi import Plug, Port

ALL = MidiSettings()


class Setup:
    """A MIDI input on fake ports, with all its reports and messages."""

    def __init__(self, folder: Path) -> None:
        self.plug = Plug(folder)
        self.reports: list[object] = []
        self.queue = MidiQueue()
        self.input = MidiInput(fake_midi.__name__, self.queue, self.reports.append)
        self.played: list[Message] = []

    def state(self, fits: Callable[[MidiState], bool]) -> MidiState:
        def states() -> list[MidiState]:
            return [report for report in self.reports if isinstance(report, MidiState)]

        wait_until(lambda: bool(states()) and fits(states()[-1]), 5.0)
        return states()[-1]

    def receives(self, *expected: Message) -> None:
        def all_there() -> bool:
            self.played += [message for _, message in self.queue.due(time.perf_counter(), 64, EventBudget())]
            return len(self.played) >= len(expected)

        wait_until(all_there)
        assert self.played == list(expected)
        self.played.clear()


@pytest.fixture
def setup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Setup]:
    monkeypatch.setenv(fake_midi.FOLDER, str(tmp_path / "ports"))
    monkeypatch.setattr("synth_app.audio.process.midi_input._SCAN_INTERVAL_S", 0.05)
    monkeypatch.setattr("synth_app.audio.process.midi_input._NO_MIDI_INTERVAL_S", 0.1)
    setup = Setup(tmp_path / "ports")
    yield setup
    setup.input.stop()


def test_ports_come_and_go_while_it_runs(setup: Setup) -> None:
    setup.input.set(ALL)
    assert setup.state(lambda _: True) == MidiState(ALL, (), ())
    setup.plug.add("Keys")
    setup.state(lambda state: state.open == ("Keys",))
    setup.plug.add("Pads")
    setup.state(lambda state: state.open == ("Keys", "Pads"))
    setup.plug.send("Keys", [0x90, 60, 100], [0xB0, 64, 127], [0xE0, 0, 0])
    setup.plug.send("Pads", [0x99, 36, 10])
    wait_until(lambda: len(setup.queue._items) == 4)
    setup.queue._items.clear()
    setup.plug.remove("Keys")  # while a key, the pedal and the wheel are held
    setup.state(lambda state: state.open == ("Pads",))
    released = [Controller(source, 0.0) for source in ("bend", "pressure", "slide", "wheel")]
    setup.receives(NoteOff(60), Pedal(down=False), *released)
    setup.plug.send("Pads", [0x99, 36, 0])
    setup.receives(NoteOff(36, 9))


def test_only_the_selected_port_is_opened_and_waited_for(setup: Setup) -> None:
    setup.plug.add("Keys 20:0")
    setup.plug.add("Pads 24:0")
    setup.input.set(MidiSettings(port="Keys 28:0"))  # its name before it was plugged in again
    state = setup.state(lambda state: state.open == ("Keys 20:0",))
    assert state.ports == ("Keys 20:0", "Pads 24:0")
    setup.plug.remove("Keys 20:0")
    assert "Keys 28:0 is not connected" in setup.state(lambda state: not state.open).problem
    setup.plug.add("Keys 32:1")
    assert setup.state(lambda state: state.open == ("Keys 32:1",)).problem == ""
    setup.input.set(MidiSettings(port=""))
    assert setup.state(lambda state: not state.open).problem == ""


@pytest.mark.parametrize(
    ("port", "device"), [("Keys:Keys MIDI 1 20:0", "Keys:Keys MIDI 1"), ("Net 5", "Net 5"), ("A 1:2 b", "A 1:2 b")]
)
def test_device_names(port: str, device: str) -> None:
    assert device_name(port) == device


def test_titles_of_ports() -> None:
    assert port_title("Keystation 61:Keystation 61 MIDI 1 20:0") == "Keystation 61 MIDI 1"
    assert port_title("keyboard:out") == "keyboard: out"
    assert port_title("Launch Control XL 24:0") == "Launch Control XL"


def test_no_sequencer_is_reported_and_tried_again(setup: Setup) -> None:
    setup.plug.add("Keys")
    setup.plug.set_system(there=False)
    setup.input.set(ALL)
    assert setup.state(lambda _: True).problem == "no MIDI: this system has no sequencer"
    setup.plug.set_system(there=True)
    assert setup.state(lambda state: state.open == ("Keys",)).problem == ""
    setup.plug.send("Keys", [0x90, 60, 100])
    setup.receives(NoteOn(60))
    setup.plug.set_system(there=False)
    setup.state(lambda state: not state.open)
    setup.receives(NoteOff(60))


def test_a_port_that_refuses_does_not_silence_the_others(setup: Setup) -> None:
    setup.plug.add("A", "busy\n")
    setup.plug.add("B")
    setup.input.set(ALL)
    assert setup.state(lambda state: state.open == ("B",)).problem == "MIDI port A cannot be opened"
    setup.plug.add("A")
    assert setup.state(lambda state: set(state.open) == {"A", "B"}).problem == ""


def test_another_mode_releases_keys_and_sets_the_zones(setup: Setup) -> None:
    setup.plug.add("Keys")
    setup.input.set(ALL)
    setup.state(lambda state: state.open == ("Keys",))
    setup.plug.send("Keys", [0x95, 60, 100])
    setup.receives(NoteOn(60, 100, 5))
    setup.input.set(MidiSettings(mode="mpe"))
    setup.state(lambda state: state.settings.mode == "mpe" and state.open == ("Keys",))
    setup.receives(NoteOff(60, 5), Zones(lower=15))
    setup.input.set(MidiSettings(mode="channel", channel=2))
    setup.state(lambda state: state.settings.mode == "channel" and state.open == ("Keys",))
    setup.plug.send("Keys", [0x95, 60, 100], [0x92, 61, 100])
    setup.receives(Zones(), NoteOn(61, 100, 2))


def test_activity_reports_have_the_latest_values_and_are_limited(setup: Setup) -> None:
    setup.plug.add("Keys")
    setup.input.set(ALL)
    setup.state(lambda state: state.open == ("Keys",))
    began = time.monotonic()
    for value in range(128):
        setup.plug.send("Keys", [0xB0, 7, value], [0xB1, 7, 127 - value])
        time.sleep(0.002)
    setup.plug.send("Keys", [0x90, 60, 100])

    def news() -> list[MidiPlayed]:
        return [report for report in setup.reports if isinstance(report, MidiPlayed)]

    wait_until(lambda: bool(news()) and news()[-1].held == {60})
    moved = [each for report in news() for each in report.controllers]
    assert [each for each in moved if each.channel == 0][-1] == ControllerMoved(0, 7, 127)
    assert [each for each in moved if each.channel == 1][-1] == ControllerMoved(1, 7, 0)
    assert len(news()) <= (time.monotonic() - began) / 0.01 + 2
    assert setup.queue.due(time.perf_counter(), 64, EventBudget())[-1][1] == NoteOn(60)  # no backlog in the queue


def test_the_clock_of_a_port_is_used_but_never_runs_ahead(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("")
    source = _OpenInput(Port(tmp_path / "x"), Translator())
    assert source.arrival_time(10.0008, 0.0) == 10.0008  # read late
    assert source.arrival_time(10.0101, 0.009) == pytest.approx(10.0098)
    # a message cannot arrive later than it is read, so the first one was read late
    assert source.arrival_time(10.0150, 0.009) == 10.0150
    assert source.arrival_time(10.0200, 0.004) == pytest.approx(10.0190)
    assert source.arrival_time(12.5, 2.4) == 12.5  # a pause synchronizes both clocks


# ---- through the audio process


class MidiProbe(Probe):
    """A client of the real process with fake ports."""

    def __init__(self) -> None:
        super().__init__()
        self.client = AudioClient(self._store, engine=FAKE_ENGINE, midi=fake_midi.__name__, spare_after=None)


@pytest.fixture
def midi_probe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[MidiProbe, Plug]]:
    monkeypatch.setenv(fake_midi.FOLDER, str(tmp_path / "ports"))
    plug, probe = Plug(tmp_path / "ports"), MidiProbe()
    plug.add("Keys")
    yield probe, plug
    probe.client.close()


def test_a_key_sounds_through_the_process_and_after_its_restart(midi_probe: tuple[MidiProbe, Plug]) -> None:
    probe, plug = midi_probe
    probe.client.start(NO_DEVICE)
    probe.client.set_midi(ALL)
    probe.client.send(SetPatch(Patch("ok")))
    probe.wait_for(ModelLoaded)
    probe.wait_for(MidiState, lambda state: state.open == ("Keys",))
    plug.send("Keys", [0x90, 69, 100], [0xB0, 20, 99])
    probe.wait_sound()
    played = probe.wait_for(MidiPlayed)
    assert played == MidiPlayed((ControllerMoved(0, 20, 99),), frozenset({69}))
    assert probe.client.telemetry.voices == 1
    plug.send("Keys", [0x80, 69, 0])
    wait_until(lambda: probe.client.telemetry.voices == 0)
    pid = probe.client.pid
    assert pid is not None
    current = probe.client._current
    assert current is not None
    current.kill()
    probe.wait_for(Restarted)
    probe.wait_for(ModelLoaded)
    probe.wait_for(MidiState, lambda state: state.open == ("Keys",))
    plug.send("Keys", [0x90, 69, 100])
    probe.wait_sound()
