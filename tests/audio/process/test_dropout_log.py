"""Log lines about dropouts: only when a counter rose, and not more often than every five seconds."""

import pytest

from synth_app.audio.process.dropout_log import DropoutLog
from synth_app.audio.protocol.telemetry import Telemetry, TelemetryWriter


def test_new_dropouts_are_logged_at_most_every_five_seconds(caplog: pytest.LogCaptureFixture) -> None:
    with Telemetry() as telemetry:
        writer = TelemetryWriter(telemetry.name)
        writer.count("underruns")
        log = DropoutLog(writer)
        log.check(0.0)
        assert caplog.messages == [], "an earlier dropout is not logged again"
        writer.count("underruns")
        writer.write_block(128, 1, 0.0, 0.02, 0.01)
        log.check(4.9)
        assert caplog.messages == []
        log.check(5.0)
        log.check(10.0)
        assert [text.partition(": ")[2] for text in caplog.messages] == ["underruns 1, late blocks 1, faults 0"]
        writer.close()
