"""Log lines about dropouts, at most every five seconds, and at debug level about each change of relief."""

import logging
from collections.abc import Iterator

import pytest

from synth_app.audio.process.dropout_log import DropoutLog
from synth_app.audio.protocol.telemetry import Telemetry, TelemetryWriter
from synth_app.patch.quality import Relief


@pytest.fixture
def writer() -> Iterator[TelemetryWriter]:
    with Telemetry() as telemetry:
        writer = TelemetryWriter(telemetry.name)
        yield writer
        writer.close()


def render(writer: TelemetryWriter, work_ms: float, voices: int = 1, relief: Relief = Relief.NONE) -> None:
    """Write the record of a block of 10 ms."""
    writer.set_relief(relief)
    writer.write_block(128, voices, 0.0, 1e-3 * work_ms, 0.01)


def test_new_dropouts_are_logged_at_most_every_five_seconds(
    writer: TelemetryWriter, caplog: pytest.LogCaptureFixture
) -> None:
    writer.count("underruns")
    log = DropoutLog(writer)
    log.check(0.0)
    assert caplog.messages == [], "an earlier dropout is not logged again"
    writer.count("underruns")
    render(writer, 2.0, 3)
    render(writer, 20.0, 31, Relief.FEWER_VOICES)
    render(writer, 3.0, 2, Relief.FEWER_VOICES)
    log.check(4.9)
    assert caplog.messages == []
    log.check(5.0)
    log.check(10.0)
    assert caplog.messages == [
        "trouble in the last 5 s: 1 underruns, 1 late blocks, 0 faults, worst block 20.0 ms of 10.0 ms, 31 voices, "
        "relief 'fewer voices', load 12 %"
    ]


def test_the_worst_block_is_of_the_last_five_seconds(writer: TelemetryWriter, caplog: pytest.LogCaptureFixture) -> None:
    log = DropoutLog(writer)
    render(writer, 9.0)
    log.check(0.0)
    render(writer, 2.0)
    writer.count("underruns")
    log.check(5.0)
    writer.count("faults")
    log.check(10.0)
    assert ["worst block 2.0 ms of 10.0 ms" in text for text in caplog.messages] == [True, False]
    assert "1 faults, no block rendered" in caplog.messages[1]


def test_each_step_of_relief_is_logged_at_debug_level(
    writer: TelemetryWriter, caplog: pytest.LogCaptureFixture
) -> None:
    log = DropoutLog(writer)
    with caplog.at_level(logging.DEBUG):
        for relief in (Relief.NONE, Relief.NO_ITERATIONS, Relief.FEWER_FRAMES, Relief.FEWER_FRAMES):
            render(writer, 8.0, 4, relief)
        log.check(0.0)
        render(writer, 1.0, 2, Relief.NONE)
        log.check(0.05)
        log.check(0.1)
    assert caplog.messages == [
        "quality reduced from relief 'none' to 'no iterations' after a block of 8.0 ms of 10.0 ms with 4 voices",
        "quality reduced from relief 'no iterations' to 'fewer frames' "
        "after a block of 8.0 ms of 10.0 ms with 4 voices",
        "quality restored from relief 'fewer frames' to 'none' after a block of 1.0 ms of 10.0 ms with 2 voices",
    ]
