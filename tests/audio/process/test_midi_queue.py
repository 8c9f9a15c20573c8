"""The queue of MIDI events: offsets in blocks, capacity, and live playing compared with an offline render."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, seed
from hypothesis import strategies as st

from synth_app.audio.process.event_budget import EventBudget
from synth_app.audio.process.midi_queue import MidiQueue
from synth_app.audio.process.player import Inbox, Install, Player
from synth_app.audio.protocol.telemetry import Telemetry, TelemetryWriter
from synth_app.engine.engine import Engine, prepare_instrument, render_events
from synth_app.modelfile import save_model_file
from synth_app.patch import (
    ENGINE_RATE,
    Controller,
    Event,
    Message,
    NoteOff,
    NoteOn,
    Panic,
    Patch,
    Pedal,
    SoundOff,
    Zones,
)
from tests.engine.conftest import SPECS, exact_model


def test_every_event_takes_effect_one_block_after_it_arrived() -> None:
    queue, now = MidiQueue(), 100.0
    for age_samples in (200, 128, 127, 64, 1, 0, -1):  # before the start of the block
        queue.put(now - age_samples / ENGINE_RATE, Pedal(down=True))
    assert [offset for offset, _ in queue.due(now, 128, EventBudget())] == [0, 0, 0, 64, 112, 112]
    late = queue.due(now + 1.0, 128, EventBudget())
    assert [offset for offset, _ in late] == [0], "the event that arrived as the block began"


@seed(9)
@given(st.lists(st.floats(0.0, 0.01), max_size=30), st.integers(1, 600))
def test_offsets_rise_and_stay_within_the_block(ages: list[float], frames: int) -> None:
    queue = MidiQueue()
    for age in ages:  # not in order, as from two ports
        queue.put(5.0 - age, Pedal(down=True))
    offsets = [offset for offset, _ in queue.due(5.0, frames, EventBudget())]
    assert offsets == sorted(offsets)
    assert len(offsets) == len(ages)
    assert all(0 <= offset < frames for offset in offsets)


def test_a_press_that_waits_takes_nothing_from_the_budget() -> None:
    budget = EventBudget()
    while budget.take(Pedal(down=True)):
        pass
    for _ in range(20):
        assert not budget.take(NoteOn(60)), "no event is left in this block"
    budget.refill(256)
    assert [budget.take(NoteOn(note)) for note in range(6)] == [True] * 6, "the presses that a pause has saved up"
    assert not budget.take(NoteOn(66))


def test_a_full_queue_drops_controllers_and_presses_but_no_releases_and_no_panic() -> None:
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
    taken = _take_all(queue)
    assert taken[-3:] == [Panic(), NoteOff(60), Pedal(down=False)]
    assert len(taken) == queue.CAPACITY + 3
    assert queue.dropped == dropped + 4 + 4


def _take_all(queue: MidiQueue) -> list[Message]:
    """Return the messages of as many blocks as they take; none is late."""
    budget, taken = EventBudget(), list[Message]()
    for _ in range(10_000):
        budget.refill(64)
        taken += [message for _, message in queue.due(0.01, 64, budget)]
    return taken


def test_a_burst_is_bounded_in_every_block_and_leaves_no_note_hanging() -> None:
    """10,000 events in a second: every other one presses a key, every release of a played key arrives."""
    rng, queue, budget, frames = np.random.default_rng(3), MidiQueue(), EventBudget(), 256
    events: list[tuple[float, Message]] = []
    for i in range(10_000):
        key = int(rng.integers(128))
        events.append((1e-4 * i, NoteOn(key) if i % 2 == 0 else NoteOff(key)))
    events += [(1.0, NoteOff(key)) for key in range(128)]
    held: set[int] = set()
    presses, waiting, now = 0, iter(events), 0.0
    coming = next(waiting, None)
    for _ in range(300):
        while coming is not None and coming[0] <= now:
            queue.put(*coming)
            coming = next(waiting, None)
        budget.refill(frames)
        block = [message for _, message in queue.due(now, frames, budget)]
        begun = sum(isinstance(message, NoteOn) for message in block)
        assert begun <= 6
        assert len(block) <= 256
        presses += begun
        for message in block:
            if isinstance(message, NoteOn):
                held.add(message.note)
            elif isinstance(message, NoteOff):
                held.discard(message.note)
        now += frames / ENGINE_RATE
    assert held == set()
    assert 400 < presses < 700, "as many as can be played"
    assert presses + budget.dropped + queue.dropped >= 5000, "all others are counted"


def test_a_chord_begins_in_one_block() -> None:
    queue, budget = MidiQueue(), EventBudget()
    for key in range(6):
        queue.put(0.0, NoteOn(60 + key))
    assert len(queue.due(0.001, 64, budget)) == 6


def test_a_full_queue_accepts_the_end_of_a_channel_whose_key_it_accepted() -> None:
    queue = MidiQueue()
    queue.put(0.0, NoteOn(60, 100, 3))
    for i in range(queue.CAPACITY):
        queue.put(0.0, Controller("bend", i / queue.CAPACITY))
    queue.put(0.0, SoundOff(2))
    queue.put(0.0, SoundOff(3))
    queue.put(0.0, SoundOff(3))  # nothing is left to end
    budget, taken = EventBudget(), list[Message]()
    for _ in range(200):
        budget.refill(64)
        taken += [message for _, message in queue.due(1.0, 64, budget)]
    assert taken[-1] == SoundOff(3)
    assert len(taken) == queue.CAPACITY + 1


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
