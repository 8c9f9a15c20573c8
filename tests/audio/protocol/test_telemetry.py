"""The telemetry ring: readers see no overwritten data, losses are reported, and the ring survives its writer."""

import subprocess
import sys
import time
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_app.audio.protocol.telemetry import RING_BLOCKS, RING_FRAMES, Telemetry, TelemetryWriter


@pytest.fixture
def ring() -> Iterator[tuple[Telemetry, TelemetryWriter]]:
    with Telemetry() as reader:
        writer = TelemetryWriter(reader.name)
        yield reader, writer
        writer.close()


def numbered(start: int, count: int) -> np.ndarray:
    """Return frames whose values are their indices (exact in float32 up to 2^24)."""
    index = np.arange(start, start + count, dtype=np.float32)
    return np.stack([index, -index], axis=1)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 8193), st.booleans()), max_size=60))
def test_every_frame_is_read_once_in_order_or_reported_lost(steps: list[tuple[int, bool]]) -> None:
    with Telemetry() as reader:
        writer = TelemetryWriter(reader.name)
        written = index = expected = 0
        for count, read in [*steps, (1, True)]:
            writer.write_frames(numbered(written, count))
            written += count
            if read:
                frames, index, lost = reader.read_since(index)
                expected += lost
                assert np.array_equal(frames, numbered(expected, len(frames)))
                expected += len(frames)
        assert expected == index == written
        writer.close()


def test_a_slow_reader_gets_the_number_of_lost_frames(ring: tuple[Telemetry, TelemetryWriter]) -> None:
    reader, writer = ring
    total = RING_FRAMES + 5000
    for start in range(0, total, 1000):
        writer.write_frames(numbered(start, min(1000, total - start)))
    frames, index, lost = reader.read_since(0)
    assert (index, lost, len(frames)) == (total, 5000, RING_FRAMES)
    assert np.array_equal(frames, numbered(5000, RING_FRAMES))


def test_frames_being_overwritten_during_the_copy_are_dropped(ring: tuple[Telemetry, TelemetryWriter]) -> None:
    reader, writer = ring
    for start in range(0, RING_FRAMES, 1 << 14):
        writer.write_frames(numbered(start, 1 << 14))
    writer._header["begun"] += 300  # the writer is overwriting the oldest 300 frames
    frames, index, lost = reader.read_since(0)
    assert (index, lost, len(frames)) == (RING_FRAMES, 300, RING_FRAMES - 300)
    assert frames[0, 0] == 300


def test_latest_pads_what_does_not_exist_yet(ring: tuple[Telemetry, TelemetryWriter]) -> None:
    reader, writer = ring
    writer.write_frames(numbered(1, 3))
    assert np.array_equal(reader.latest(5)[:, 0], [0, 0, 1, 2, 3])
    assert np.array_equal(reader.latest(2)[:, 0], [2, 3])
    assert reader.latest(0).shape == (0, 2)
    with pytest.raises(ValueError, match="limit"):
        reader.latest(RING_FRAMES)


def test_meters_cover_the_time_since_the_same_readers_last_call(ring: tuple[Telemetry, TelemetryWriter]) -> None:
    reader, writer = ring
    other = Telemetry(reader.name)
    writer.write_frames(np.array([[0.25, -0.5], [0.1, 0.1]], np.float32))
    writer.write_block(clock=2, voices=3, start=time.perf_counter(), work_s=0.004, span_s=0.002)
    writer.count("limited_blocks")
    writer.count("underruns")
    writer.set_priority("real-time")
    first = reader.meters()
    assert (first.peak_left, first.peak_right, first.limited) == (0.25, 0.5, True)
    assert first.worst_ms == pytest.approx(4.0)
    assert (first.clock, first.voices, first.underruns, first.late_blocks) == (2, 3, 1, 1)
    assert first.load > 0
    assert first.priority == "real-time"
    second = reader.meters()
    assert (second.peak_left, second.peak_right, second.limited, second.worst_ms) == (0.0, 0.0, False, 0.0)
    assert second.underruns == 1
    assert other.meters().peak_right == 0.5  # every reader has its own last call
    other.close()


def test_load_approaches_the_fraction_of_the_deadline(ring: tuple[Telemetry, TelemetryWriter]) -> None:
    reader, writer = ring
    for _ in range(200):
        writer.write_block(0, 0, 0.0, work_s=0.001, span_s=0.004)
    assert reader.meters().load == pytest.approx(0.25, abs=0.001)


def test_each_block_reports_the_quality_reduction(ring: tuple[Telemetry, TelemetryWriter]) -> None:
    reader, writer = ring
    for relief in (0, 2, 0):
        writer.set_relief(relief)
        writer.write_block(0, 0, 0.0, 0.001, 0.002)
    assert reader.blocks_since(0)[0]["relief"].tolist() == [0, 2, 0]


def test_block_records_wrap(ring: tuple[Telemetry, TelemetryWriter]) -> None:
    reader, writer = ring
    for clock in range(RING_BLOCKS + 10):
        writer.write_block(clock, 0, 0.0, 0.001, 0.002)
    blocks, index, lost = reader.blocks_since(0)
    assert (index, lost) == (RING_BLOCKS + 10, 10)
    assert np.array_equal(blocks["clock"], np.arange(10, RING_BLOCKS + 10))


def test_the_ring_survives_a_killed_writer_and_the_next_one_continues() -> None:
    script = (
        "import os, sys, numpy as np\n"
        "from synth_app.audio.protocol.telemetry import TelemetryWriter\n"
        "writer = TelemetryWriter(sys.argv[1])\n"
        "writer.write_frames(np.ones((10, 2), np.float32))\n"
        "writer._header['begun'] += 1000  # dies in the middle of a block\n"
        "os.kill(os.getpid(), 9)\n"
    )
    with Telemetry() as reader:
        for round_ in (1, 2):
            done = subprocess.run([sys.executable, "-c", script, reader.name], capture_output=True, check=False)
            assert done.returncode == -9
            assert done.stderr == b""  # no warning of a resource tracker
            assert reader.written == 10 * round_
        writer = TelemetryWriter(reader.name)
        writer.write_frames(np.full((5, 2), 2, np.float32))
        frames, _, lost = reader.read_since(0)
        assert lost == 0
        assert np.array_equal(frames[:, 0], [1] * 20 + [2] * 5)
        writer.close()


def test_a_new_writer_discards_the_unfinished_block_of_the_last_one(ring: tuple[Telemetry, TelemetryWriter]) -> None:
    reader, writer = ring
    for start in range(0, RING_FRAMES, 1 << 14):
        writer.write_frames(numbered(start, 1 << 14))
    writer._header["begun"] += 1000
    following = TelemetryWriter(reader.name)
    assert reader.read_since(0)[2] == 0
    following.close()


def test_the_owner_removes_the_ring() -> None:
    reader = Telemetry()
    reader.close()
    with pytest.raises(FileNotFoundError):
        Telemetry(reader.name)
