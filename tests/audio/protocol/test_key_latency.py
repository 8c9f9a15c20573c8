"""Key latency: keys are matched with the blocks that applied them."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from synth_app.audio.protocol.key_latency import KeyLatency
from synth_app.audio.protocol.telemetry import BLOCK, Telemetry, TelemetryWriter


def blocks(*rows: tuple[int, float]) -> NDArray[Any]:
    """Return block records of (applied, start)."""
    records = np.zeros(len(rows), BLOCK)
    records["applied"], records["start"] = zip(*rows, strict=True)
    return records


def test_a_key_waits_for_the_first_block_that_takes_a_message_after_it() -> None:
    waits = KeyLatency()
    waits.blocks_read(blocks((-1, 9.0)))
    assert waits.median_ms is None
    waits.key_sent(9.001)
    waits.blocks_read(blocks((-1, 9.0053), (512, 9.0106)))
    assert waits.median_ms == pytest.approx(9.6)
    waits.blocks_read(blocks((512, 9.016)))
    assert waits.median_ms == pytest.approx(9.6), "nothing new was applied"


def test_two_keys_in_one_block_and_one_too_late_for_it() -> None:
    waits = KeyLatency()
    waits.blocks_read(blocks((0, 0.0)))
    for at_s in (1.000, 1.004, 1.006):
        waits.key_sent(at_s)
    waits.blocks_read(blocks((256, 1.005)))
    assert waits.median_ms == pytest.approx((5.0 + 1.0) / 2)
    waits.blocks_read(blocks((512, 1.010)))
    assert waits.median_ms == pytest.approx(4.0)


def test_the_median_is_of_the_latest_keys_without_lost_ones() -> None:
    waits = KeyLatency()
    waits.blocks_read(blocks((0, 0.0)))
    waits.key_sent(0.0)
    waits.blocks_read(blocks((1, 5.0)))
    assert waits.median_ms is None
    for i in range(30):
        at_s = 10.0 + i
        waits.key_sent(at_s)
        waits.blocks_read(blocks((10 + i, at_s + (0.008 if i < 20 else 0.002))))
    assert waits.median_ms == pytest.approx(2.0)


def test_meters_contain_the_key_latency() -> None:
    with Telemetry() as reader:
        writer = TelemetryWriter(reader.name)
        try:
            writer.write_block(64, 0, 1.0, 0.001, 0.002, -1)
            assert reader.meters().key_wait_ms is None
            reader.key_latency.key_sent(1.0005)
            writer.write_block(128, 1, 1.002, 0.001, 0.002, 64)
            assert reader.meters().key_wait_ms == pytest.approx(1.5)
        finally:
            writer.close()
