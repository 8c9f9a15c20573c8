"""Recordings: the rendered samples exactly, a file only when it is complete, every loss reported."""

import resource
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from synth_app.audio.process.recorder import Recorder
from synth_app.audio.protocol.telemetry import RING_FRAMES, Frames, Telemetry, TelemetryWriter
from synth_app.support.errors import UserError
from tests.audio.conftest import wait_until


class Setup:
    """A recorder on a telemetry ring that the test writes."""

    def __init__(self, folder: Path) -> None:
        self.telemetry = Telemetry()
        self.writer = TelemetryWriter(self.telemetry.name)
        self.recorder = Recorder(self.telemetry)
        self.path = folder / "recording.wav"
        self._random = np.random.default_rng(1)

    def play(self, frames: int) -> Frames:
        noise = self._random.uniform(-1, 1, (frames, 2)).astype(np.float32)
        for start in range(0, frames, 128):
            self.writer.write_frames(noise[start : start + 128])
        return noise


@pytest.fixture
def setup(tmp_path: Path) -> Iterator[Setup]:
    setup = Setup(tmp_path)
    yield setup
    setup.recorder.discard()
    setup.writer.close()
    setup.telemetry.close()


def test_a_float_recording_is_bit_identical_from_start_to_stop(setup: Setup) -> None:
    setup.play(1000)
    setup.recorder.start(setup.path, 32)
    played = []
    for _ in range(4):
        played.append(setup.play(20_000))
        time.sleep(0.06)
    assert not setup.path.exists()
    assert setup.recorder.stop() == pytest.approx(80_000 / 48_000)
    setup.play(1000)
    audio, rate = soundfile.read(setup.path, dtype="float32")
    assert rate == 48_000
    assert soundfile.info(setup.path).subtype == "FLOAT"
    assert np.array_equal(audio, np.concatenate(played))


def test_a_24_bit_recording_is_exact_to_half_a_step(setup: Setup) -> None:
    setup.recorder.start(setup.path)
    played = setup.play(5000)
    setup.recorder.stop()
    audio, _ = soundfile.read(setup.path, dtype="float64")
    assert soundfile.info(setup.path).subtype == "PCM_24"
    assert np.abs(audio - np.clip(played, -1, 1 - 2.0**-23)).max() <= 2.0**-23


def test_discarding_keeps_an_existing_file(setup: Setup) -> None:
    setup.path.write_bytes(b"precious")
    setup.recorder.start(setup.path)
    setup.play(5000)
    setup.recorder.discard()
    assert setup.path.read_bytes() == b"precious"
    assert list(setup.path.parent.iterdir()) == [setup.path]
    assert not setup.recorder.running


def test_lost_samples_end_the_recording_keep_the_rest_and_are_reported(setup: Setup) -> None:
    setup.recorder.start(setup.path, 32)
    before = setup.play(3000)
    wait_until(lambda: setup.recorder.seconds > 0)
    setup.play(RING_FRAMES + 5000)
    with pytest.raises(UserError, match=r"samples were lost.*the first 0\.1 s are saved"):
        setup.recorder.stop()
    audio, _ = soundfile.read(setup.path, dtype="float32")
    assert np.array_equal(audio, before)


def test_a_full_disk_ends_the_recording_keeps_the_rest_and_is_reported(setup: Setup) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, hard))  # a longer file fails as on a full disk
    try:
        setup.recorder.start(setup.path, 32)
        before = setup.play(20_000)
        wait_until(lambda: setup.recorder.seconds > 0)
        setup.play(100_000)
        wait_until(lambda: setup.recorder.problem != "")
        with pytest.raises(UserError, match=r"cannot be written: files of this size.*the first 0\.4 s are saved"):
            setup.recorder.stop()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    audio, _ = soundfile.read(setup.path, dtype="float32")
    assert np.array_equal(audio[:20_000], before)


@pytest.mark.parametrize("bits", [8, 16, 33])
def test_other_depths_are_refused(setup: Setup, bits: int) -> None:
    with pytest.raises(UserError, match="24, or 32"):
        setup.recorder.start(setup.path, bits)


def test_a_missing_folder_is_refused_at_the_start(setup: Setup) -> None:
    with pytest.raises(UserError, match="choose a folder that exists"):
        setup.recorder.start(setup.path.parent / "nowhere" / "take.wav")
    assert not setup.recorder.running
    setup.recorder.start(setup.path)  # the recorder can be used again
    with pytest.raises(UserError, match="stop it first"):
        setup.recorder.start(setup.path)


def test_stopping_without_a_recording_is_refused(setup: Setup) -> None:
    with pytest.raises(UserError, match="no recording is running"):
        setup.recorder.stop()
