"""MIDI ports that come, go, refuse and storm, through the input's own thread and through the real audio process."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from synth_app.audio import AudioClient, MidiPlayed, MidiState, ModelLoaded, Restarted
from synth_app.audio.process.midi_input import MidiInput, _Heard
from synth_app.audio.process.midi_ports import device_name, port_title
from synth_app.audio.process.midi_queue import MidiQueue
from synth_app.midi import ControllerMoved, MidiSettings, Translator
from synth_app.patch import Controller, Message, NoteOff, NoteOn, Patch, Pedal, SetPatch, Zones
from tests.audio import fake_midi
from tests.audio.conftest import FAKE_ENGINE, NO_DEVICE, Probe, wait_until
from tests.audio.fake_midi import Plug, Port

ALL = MidiSettings()


class Desk:
    """An input on fake ports, with everything that it tells and plays."""

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

    def hears(self, *expected: Message) -> None:
        def all_there() -> bool:
            self.played += [message for _, message in self.queue.due(time.perf_counter(), 64)]
            return len(self.played) >= len(expected)

        wait_until(all_there)
        assert self.played == list(expected)
        self.played.clear()


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv(fake_midi.FOLDER, str(tmp_path / "ports"))
    monkeypatch.setattr("synth_app.audio.process.midi_input._LOOK_EVERY_S", 0.05)
    monkeypatch.setattr("synth_app.audio.process.midi_input._LOOK_AGAIN_S", 0.1)
    desk = Desk(tmp_path / "ports")
    yield desk
    desk.input.stop()


def test_ports_come_and_go_while_it_runs(desk: Desk) -> None:
    desk.input.set(ALL)
    assert desk.state(lambda _: True) == MidiState(ALL, (), ())
    desk.plug.come("Keys")
    desk.state(lambda state: state.open == ("Keys",))
    desk.plug.come("Pads")
    desk.state(lambda state: state.open == ("Keys", "Pads"))
    desk.plug.send("Keys", [0x90, 60, 100], [0xB0, 64, 127], [0xE0, 0, 0])
    desk.plug.send("Pads", [0x99, 36, 10])
    wait_until(lambda: len(desk.queue._items) == 4)
    desk.queue._items.clear()
    desk.plug.go("Keys")  # with a key, the pedal and the wheel held
    desk.state(lambda state: state.open == ("Pads",))
    released = [Controller(source, 0.0) for source in ("bend", "pressure", "slide", "wheel")]
    desk.hears(NoteOff(60), Pedal(down=False), *released)
    desk.plug.send("Pads", [0x99, 36, 0])
    desk.hears(NoteOff(36, 9))


def test_only_the_chosen_port_is_heard_and_waited_for(desk: Desk) -> None:
    desk.plug.come("Keys 20:0")
    desk.plug.come("Pads 24:0")
    desk.input.set(MidiSettings(port="Keys 28:0"))  # what it was called before it was plugged in again
    state = desk.state(lambda state: state.open == ("Keys 20:0",))
    assert state.ports == ("Keys 20:0", "Pads 24:0")
    desk.plug.go("Keys 20:0")
    assert "Keys 28:0 is not connected" in desk.state(lambda state: not state.open).problem
    desk.plug.come("Keys 32:1")
    assert desk.state(lambda state: state.open == ("Keys 32:1",)).problem == ""
    desk.input.set(MidiSettings(port=""))
    assert desk.state(lambda state: not state.open).problem == ""


@pytest.mark.parametrize(
    ("port", "device"), [("Keys:Keys MIDI 1 20:0", "Keys:Keys MIDI 1"), ("Net 5", "Net 5"), ("A 1:2 b", "A 1:2 b")]
)
def test_device_names(port: str, device: str) -> None:
    assert device_name(port) == device


def test_titles_of_ports() -> None:
    assert port_title("Keystation 61:Keystation 61 MIDI 1 20:0") == "Keystation 61 MIDI 1"
    assert port_title("keyboard:out") == "keyboard: out"
    assert port_title("Launch Control XL 24:0") == "Launch Control XL"


def test_no_sequencer_is_told_and_tried_again(desk: Desk) -> None:
    desk.plug.come("Keys")
    desk.plug.system(there=False)
    desk.input.set(ALL)
    assert desk.state(lambda _: True).problem == "no MIDI: this system has no sequencer"
    desk.plug.system(there=True)
    assert desk.state(lambda state: state.open == ("Keys",)).problem == ""
    desk.plug.send("Keys", [0x90, 60, 100])
    desk.hears(NoteOn(60))
    desk.plug.system(there=False)
    desk.state(lambda state: not state.open)
    desk.hears(NoteOff(60))


def test_a_port_that_refuses_does_not_silence_the_others(desk: Desk) -> None:
    desk.plug.come("A", "busy\n")
    desk.plug.come("B")
    desk.input.set(ALL)
    assert desk.state(lambda state: state.open == ("B",)).problem == "MIDI port A cannot be opened"
    desk.plug.come("A")
    assert desk.state(lambda state: set(state.open) == {"A", "B"}).problem == ""


def test_another_mode_lets_go_and_sets_the_zones(desk: Desk) -> None:
    desk.plug.come("Keys")
    desk.input.set(ALL)
    desk.state(lambda state: state.open == ("Keys",))
    desk.plug.send("Keys", [0x95, 60, 100])
    desk.hears(NoteOn(60, 100, 5))
    desk.input.set(MidiSettings(mode="mpe"))
    desk.state(lambda state: state.settings.mode == "mpe" and state.open == ("Keys",))
    desk.hears(NoteOff(60, 5), Zones(lower=15))
    desk.input.set(MidiSettings(mode="channel", channel=2))
    desk.state(lambda state: state.settings.mode == "channel" and state.open == ("Keys",))
    desk.plug.send("Keys", [0x95, 60, 100], [0x92, 61, 100])
    desk.hears(Zones(), NoteOn(61, 100, 2))


def test_news_are_the_latest_and_not_too_many(desk: Desk) -> None:
    desk.plug.come("Keys")
    desk.input.set(ALL)
    desk.state(lambda state: state.open == ("Keys",))
    began = time.monotonic()
    for value in range(128):
        desk.plug.send("Keys", [0xB0, 7, value], [0xB1, 7, 127 - value])
        time.sleep(0.002)
    desk.plug.send("Keys", [0x90, 60, 100])

    def news() -> list[MidiPlayed]:
        return [report for report in desk.reports if isinstance(report, MidiPlayed)]

    wait_until(lambda: bool(news()) and news()[-1].held == {60})
    moved = [each for report in news() for each in report.controllers]
    assert [each for each in moved if each.channel == 0][-1] == ControllerMoved(0, 7, 127)
    assert [each for each in moved if each.channel == 1][-1] == ControllerMoved(1, 7, 0)
    assert len(news()) <= (time.monotonic() - began) / 0.01 + 2
    assert desk.queue.due(time.perf_counter(), 64)[-1][1] == NoteOn(60)  # nothing of it waits in the queue


def test_a_port_s_own_clock_is_kept_but_never_runs_ahead(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("")
    heard = _Heard(Port(tmp_path / "x"), Translator())
    assert heard.came(10.0008, 0.0) == 10.0008  # fetched late
    assert heard.came(10.0101, 0.009) == pytest.approx(10.0098)
    assert heard.came(10.0150, 0.009) == 10.0150  # it cannot have come later than it was fetched: the first was late
    assert heard.came(10.0200, 0.004) == pytest.approx(10.0190)
    assert heard.came(12.5, 2.4) == 12.5  # after a pause both clocks start anew


# ---- through the audio process


class ModelSwitcher(Probe):
    """A client of the real process, which has fake ports."""

    def __init__(self) -> None:
        super().__init__()
        self.client = AudioClient(self._heard, engine=FAKE_ENGINE, midi=fake_midi.__name__, spare_after=None)


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[ModelSwitcher, Plug]]:
    monkeypatch.setenv(fake_midi.FOLDER, str(tmp_path / "ports"))
    plug, stage = Plug(tmp_path / "ports"), ModelSwitcher()
    plug.come("Keys")
    yield stage, plug
    stage.client.close()


def test_a_key_sounds_through_the_process_and_after_its_restart(stage: tuple[ModelSwitcher, Plug]) -> None:
    probe, plug = stage
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
    probe.client._child.kill()  # type: ignore[union-attr]
    probe.wait_for(Restarted)
    probe.wait_for(ModelLoaded)
    probe.wait_for(MidiState, lambda state: state.open == ("Keys",))
    plug.send("Keys", [0x90, 69, 100])
    probe.wait_sound()
