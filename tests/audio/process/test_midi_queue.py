"""The queue of MIDI events: offsets in blocks, capacity, and live playing compared with an offline render."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, seed
from hypothesis import strategies as st

from synth_app.audio.process.midi_queue import MidiQueue
from synth_app.audio.process.player import Inbox, Install, Player
from synth_app.audio.protocol.telemetry import Telemetry, TelemetryWriter
from synth_app.engine.engine import Engine, prepare_instrument, render_events
from synth_app.modelfile import save_model_file
from synth_app.patch import ENGINE_RATE, Controller, Event, Message, NoteOff, NoteOn, Panic, Patch, Pedal, Zones
from tests.engine.conftest import SPECS, exact_model


def test_every_event_takes_effect_one_block_after_it_arrived() -> None:
    queue, now = MidiQueue(), 100.0
    for age_samples in (200, 128, 127, 64, 1, 0, -1):  # before the start of the block
        queue.put(now - age_samples / ENGINE_RATE, NoteOn(60))
    assert [offset for offset, _ in queue.due(now, 128)] == [0, 0, 0, 64, 112, 112]
    assert [offset for offset, _ in queue.due(now + 1.0, 128)] == [0]  # the event that arrived as the block began


@seed(9)
@given(st.lists(st.floats(0.0, 0.01), max_size=30), st.integers(1, 600))
def test_offsets_rise_and_stay_within_the_block(ages: list[float], frames: int) -> None:
    queue = MidiQueue()
    for age in ages:  # not in order, as from two ports
        queue.put(5.0 - age, NoteOn(60))
    offsets = [offset for offset, _ in queue.due(5.0, frames)]
    assert offsets == sorted(offsets)
    assert len(offsets) == len(ages)
    assert all(0 <= offset < frames for offset in offsets)


def test_a_full_queue_drops_controllers_and_presses_but_no_releases() -> None:
    queue = MidiQueue()
    queue.put(0.0, NoteOn(60))
    queue.put(0.0, Pedal(down=True))
    for i in range(queue.CAPACITY):
        queue.put(0.0, Controller("bend", i / queue.CAPACITY))
    dropped = queue.dropped
    assert dropped == 2
    for message in (NoteOn(61), NoteOff(61), Panic(), Controller("wheel", 0.5), NoteOff(60), NoteOff(60)):
        queue.put(0.0, message)
    for _ in range(5):
        queue.put(0.0, Pedal(down=False))
    taken = [message for _, message in queue.due(1.0, 64)]
    assert taken[-2:] == [NoteOff(60), Pedal(down=False)]
    assert len(taken) == queue.CAPACITY + 2
    assert queue.dropped == dropped + 5 + 4


class Live:
    """A player on the real engine, with a clock that the test sets."""

    def __init__(self, model: str) -> None:
        self.telemetry = Telemetry()
        self.writer = TelemetryWriter(self.telemetry.name)
        self.queue, inbox = MidiQueue(), Inbox()
        self.posted: list[Event] = []
        self.engine = Engine()
        post = self.engine.post

        def noted(message: Message) -> None:
            self.posted.append(Event(self.engine.clock, message))
            post(message)

        self.engine.post = noted  # type: ignore[method-assign]  # a witness
        self.player = Player(self.engine, inbox, self.writer, self.queue)
        inbox.put(Install(prepare_instrument(model), Patch(model)))


@pytest.fixture
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    path = tmp_path_factory.mktemp("live") / "exact.safetensors"
    save_model_file(path, exact_model(SPECS[48_000]))
    live = Live(str(path))
    yield live
    live.writer.close()
    live.telemetry.close()


def test_live_samples_equal_an_offline_render_of_the_events(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of many sizes and events at odd times give the samples of one offline render of the same events."""
    rng = np.random.default_rng(4)
    now, out = 10.0, []
    monkeypatch.setattr("synth_app.audio.process.player.time.perf_counter", lambda: now)
    script: list[Message] = [
        Zones(lower=3),
        NoteOn(60, 90, 1),
        Controller("bend", 0.05, 1),
        NoteOn(64, 50, 2),
        Pedal(down=True),
        NoteOff(60, 1),
        Controller("bend", -1.0, 0),
        NoteOn(67, 120, 1),
        Pedal(down=False),
        NoteOff(64, 2),
        NoteOff(67, 1),
    ]
    for i, message in enumerate(script):
        live.queue.put(10.0 + 0.0037 * i, message)
    while now < 10.1:
        frames = int(rng.choice([64, 100, 256, 333]))
        out.append(live.player.render(frames).copy())
        now += frames / ENGINE_RATE
    heard = np.concatenate(out)
    assert [event.message for event in live.posted] == script
    times = np.array([event.time for event in live.posted])
    assert len(set(times)) > 8  # not all at the start of a block
    assert live.player.fault is None
    offline = Engine()
    patch = Patch(live.engine.model)
    offline.install(prepare_instrument(patch.model), patch)
    np.testing.assert_array_equal(heard, render_events(offline, live.posted, len(heard)))
    assert np.abs(heard).max() > 1e-3


def test_distances_between_notes_do_not_depend_on_blocks(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    """Notes 5 ms apart stay 5 ms apart to 1/3 ms, in blocks of 5.3 ms."""
    now = 10.0
    monkeypatch.setattr("synth_app.audio.process.player.time.perf_counter", lambda: now)
    for i in range(10):
        live.queue.put(10.001 + 0.005 * i, NoteOn(60 + i))
    while now < 10.1:
        live.player.render(256)
        now += 256 / ENGINE_RATE
    times = np.array([event.time for event in live.posted])
    assert len(times) == 10
    assert np.abs(np.diff(times) - 240).max() <= 16
