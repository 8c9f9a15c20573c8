"""The player: order of messages per block, and failures of the engine."""

from collections.abc import Iterator

import numpy as np
import pytest

from synth_app.audio.process.player import Inbox, Install, Player
from synth_app.audio.protocol.telemetry import Telemetry, TelemetryWriter
from synth_app.patch import NoteOff, NoteOn, Patch, SetPatch
from tests.audio import fake_engine


class Setup:
    """A player on the fake engine, with its telemetry."""

    def __init__(self) -> None:
        self.telemetry = Telemetry()
        self.writer = TelemetryWriter(self.telemetry.name)
        self.engine = fake_engine.Engine()
        self.inbox = Inbox()
        self.player = Player(self.engine, self.inbox, self.writer)

    def install(self, path: str) -> None:
        self.inbox.put(Install(fake_engine.prepare_instrument(path), Patch(path)))


@pytest.fixture
def setup() -> Iterator[Setup]:
    setup = Setup()
    yield setup
    setup.writer.close()
    setup.telemetry.close()


def patch(level: float) -> SetPatch:
    return SetPatch(Patch("ok").with_param("sustain", level))


def test_the_ring_contains_exactly_the_rendered_samples(setup: Setup) -> None:
    setup.install("ok")
    setup.inbox.put(NoteOn(60))
    rendered = np.concatenate([setup.player.render(n).copy() for n in (1, 128, 4096, 33)])
    assert np.array_equal(rendered[:, 0], fake_engine.sine(60, 0, 4258))
    assert np.array_equal(setup.telemetry.read_since(0)[0], rendered)


def test_consecutive_patches_are_merged_but_never_overtake_a_note(setup: Setup) -> None:
    setup.install("ok")
    for item in (patch(0.1), patch(0.2), NoteOn(60), patch(0.3), NoteOff(60), patch(0.4), patch(0.5)):
        setup.inbox.put(item)
    setup.player.render(64)
    assert setup.engine.log[1:] == [patch(0.2), NoteOn(60), patch(0.3), NoteOff(60), patch(0.5)]


def test_a_failing_engine_gives_silence_and_is_counted(setup: Setup) -> None:
    setup.install("ok")
    setup.inbox.put(NoteOn(60))
    assert setup.player.render(64).any()
    setup.install("fails")
    assert not setup.player.render(64).any()
    assert isinstance(setup.player.fault, RuntimeError)
    assert setup.telemetry.meters().faults == 1
    setup.install("ok")
    assert setup.player.render(64).any()


def test_the_limiter_is_reported_once_per_block(setup: Setup) -> None:
    setup.install("loud")
    setup.player.render(64)
    assert setup.telemetry.meters().limited
    setup.install("ok")
    setup.player.render(64)
    assert not setup.telemetry.meters().limited


def test_a_full_inbox_keeps_every_note_and_the_newest_patch() -> None:
    inbox = Inbox()
    notes = [NoteOn(i % 128, 1 + i // 128) for i in range(3 * Inbox.CAPACITY)]
    for i, note in enumerate(notes):
        inbox.put(note)
        if i % 8 == 7:
            inbox.put(patch(i / len(notes)))
    assert len(inbox) <= len(notes) + Inbox.CAPACITY + 1
    taken: list[object] = []
    while len(inbox):
        while (item := inbox.get()) is not None:
            taken.append(item)
        inbox.flush()
    assert [item for item in taken if isinstance(item, NoteOn)] == notes
    assert taken[-1] == patch((len(notes) - 1) / len(notes))


def test_a_burst_from_the_app_is_bounded_told_and_leaves_no_note_hanging(setup: Setup) -> None:
    setup.install("ok")
    for i in range(5000):
        setup.inbox.put(NoteOn(i % 128))
        setup.inbox.put(NoteOff(i % 128))
    while len(setup.inbox):
        before = len(setup.engine.log)
        setup.player.render(256)
        new = setup.engine.log[before:]
        assert sum(isinstance(item, NoteOn) for item in new) <= 6
        assert len(new) <= 256
        setup.inbox.flush()
    assert setup.engine.active_voices == 0
    played = sum(isinstance(item, NoteOn) for item in setup.engine.log)
    assert played > 10
    assert setup.telemetry.meters().dropped_events == 5000 - played


def test_block_records_state_when_the_newest_message_was_applied(setup: Setup) -> None:
    setup.install("ok")
    for inbox in ((), (NoteOn(60),), (), (patch(0.1), patch(0.2)), ()):
        for item in inbox:
            setup.inbox.put(item)
        setup.player.render(64)
        setup.player.record_block_time(0.0, 0.001)
    blocks, _, _ = setup.telemetry.blocks_since(0)
    assert blocks["applied"].tolist() == [0, 64, 64, 192, 192]
    assert blocks["clock"].tolist() == [64, 128, 192, 256, 320]
    assert (blocks["cpu_ms"] > 0.0).all()
    assert (blocks["cpu_ms"] < 1e3).all()
