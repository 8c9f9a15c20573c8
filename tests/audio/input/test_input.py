"""Recording from an input: the ring, and the real process on the monitor of a null sink."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, TypeVar

import numpy as np
import pytest
import soundfile

from synth_app.audio.input import main
from synth_app.audio.input.input_client import InputClient
from synth_app.audio.input.input_ring import RING_FRAMES, InputRing
from synth_app.audio.input.messages import (
    InputLevel,
    InputList,
    InputReport,
    InputState,
    ListInputs,
    OpenInput,
    StartTake,
    StopTake,
    TakeEnded,
    TakeStarted,
)
from tests.audio.conftest import wait_until
from tests.audio.null_sink import RATE, NullSink

TONE_HZ, LEVEL = 440.0, 0.3
T = TypeVar("T")


def test_the_ring_gives_back_what_was_written_and_counts_what_is_lost() -> None:
    ring, rng = InputRing(), np.random.default_rng(1)
    samples = rng.standard_normal((RING_FRAMES + 5000, 2)).astype(np.float32)
    for start in range(0, len(samples), 700):
        ring.write(samples[start : start + 700])
    read, end, lost = ring.read_since(0)
    assert (end, lost) == (len(samples), 5000)
    assert np.array_equal(read, samples[5000:])


def test_one_channel_fills_both_and_others_are_left_out() -> None:
    ring = InputRing()
    ring.write(np.array([[0.5]], np.float32))
    ring.write(np.array([[0.1, 0.2, 0.9]], np.float32))
    assert ring.read_since(0)[0].tolist() == [[0.5, 0.5], [np.float32(0.1), np.float32(0.2)]]


class UnpluggableStream:
    """An input that disappears when it is told to."""

    name, rate, overflows = "Microphone", RATE, 0
    opened: ClassVar[list["UnpluggableStream"]] = []

    def __init__(self, wanted: OpenInput, ring: InputRing) -> None:
        self.active = True
        self.opened.append(self)

    def close(self) -> None:
        pass


def test_an_input_that_was_plugged_in_again_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    searches, reports = list[str](), list[InputReport]()
    monkeypatch.setattr(main, "InputStream", UnpluggableStream)
    monkeypatch.setattr(main, "rescan", lambda: searches.append("again"))
    process = main.InputProcess(reports.append)
    for _ in range(2):
        process.handle(OpenInput())
    assert searches == [], "it would close and open the sound system each time"
    UnpluggableStream.opened[-1].active = False
    wait_until(lambda: any(isinstance(each, InputState) and "disappeared" in each.problem for each in reports))
    process.handle(OpenInput())
    assert searches == ["again"]
    assert reports[-1] == InputState("Microphone", RATE) or isinstance(reports[-1], InputLevel)
    process.handle(OpenInput())
    assert searches == ["again"]
    process.close()


class Setup:
    """A client, and a tone that the null sink plays into its monitor."""

    def __init__(self, sink: NullSink, folder: Path) -> None:
        self.client, self.sink = InputClient(), sink
        self.reports: list[InputReport] = []
        tone = LEVEL * np.sin(2 * np.pi * TONE_HZ * np.arange(60 * RATE) / RATE)
        soundfile.write(folder / "tone.wav", np.stack([tone, tone], axis=1), RATE, "FLOAT")
        self._player = subprocess.Popen(["paplay", str(folder / "tone.wav")])

    def wait_for(self, kind: type[T], seconds: float = 15.0) -> T:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.reports += self.client.reports()
            for report in self.reports:
                if isinstance(report, kind):
                    self.reports.remove(report)
                    return report
            time.sleep(0.01)
        raise AssertionError(f"no {kind.__name__} in {self.reports}")

    def open(self, *, monitor: bool = False) -> None:
        self.client.send(OpenInput(monitor=monitor))
        state = self.wait_for(InputState)
        assert not state.problem
        assert state.rate == RATE

    def loud(self) -> InputLevel:
        while True:
            level = self.wait_for(InputLevel)
            if level.left > 0.9 * LEVEL:
                return level

    def close(self) -> None:
        self.client.close()
        self._player.kill()
        self._player.wait()


@pytest.fixture
def setup(null_sink: NullSink, tmp_path: Path) -> Iterator[Setup]:
    made = Setup(null_sink, tmp_path)
    yield made
    made.close()


@pytest.mark.device
def test_a_take_holds_what_the_input_hears(setup: Setup, tmp_path: Path) -> None:
    setup.client.send(ListInputs())
    assert setup.wait_for(InputList).devices[0].is_default
    setup.open()
    assert setup.loud().left == pytest.approx(LEVEL, abs=0.02)
    path = tmp_path / "take.wav"
    setup.client.send(StartTake(str(path), 120.0))
    setup.wait_for(TakeStarted)
    time.sleep(1.5)
    assert not path.exists(), "the file gets its name when it is whole"
    setup.client.send(StopTake())
    ended = setup.wait_for(TakeEnded)
    assert (ended.path, ended.problem) == (str(path), "")
    samples, rate = soundfile.read(path)
    assert len(samples) / rate == pytest.approx(ended.seconds)
    spectrum = np.abs(np.fft.rfft(samples[:RATE, 0]))
    assert spectrum.argmax() == TONE_HZ
    assert np.abs(samples).max() == pytest.approx(LEVEL, abs=0.02)


@pytest.mark.device
def test_a_take_ends_by_itself_at_its_limit(setup: Setup, tmp_path: Path) -> None:
    setup.open()
    setup.client.send(StartTake(str(tmp_path / "take.wav"), 0.5))
    setup.wait_for(TakeStarted)
    assert setup.wait_for(TakeEnded).seconds == 0.5
    assert soundfile.info(tmp_path / "take.wav").frames == RATE // 2


@pytest.mark.device
def test_a_discarded_take_leaves_no_file_and_a_closed_program_keeps_it(setup: Setup, tmp_path: Path) -> None:
    setup.open()
    for discard in (True, False):
        setup.client.send(StartTake(str(tmp_path / f"{discard}.wav"), 9.0))
        setup.wait_for(TakeStarted)
        setup.loud()
        if discard:
            setup.client.send(StopTake(discard=True))
            assert setup.wait_for(TakeEnded).path == ""
    time.sleep(0.3)
    setup.client.close()
    assert not (tmp_path / "True.wav").exists()
    assert soundfile.info(tmp_path / "False.wav").duration > 0.2


@pytest.mark.device
def test_the_input_is_heard_only_while_it_is_monitored(setup: Setup) -> None:
    def streams() -> int:
        return len(setup.sink.pactl("list", "short", "sink-inputs").stdout.splitlines())

    setup.open()
    alone = streams()
    setup.open(monitor=True)
    assert streams() == alone + 1


@pytest.mark.device
def test_an_input_that_disappears_keeps_the_take(setup: Setup, tmp_path: Path) -> None:
    setup.open()
    setup.client.send(StartTake(str(tmp_path / "take.wav"), 9.0))
    setup.wait_for(TakeStarted)
    setup.loud()
    time.sleep(0.5)
    setup.sink.kill()
    setup.client.send(StopTake())
    assert setup.wait_for(TakeEnded).seconds > 0.3
    assert soundfile.info(tmp_path / "take.wav").duration > 0.3


def test_without_an_input_the_reason_is_told(no_devices: None, tmp_path: Path) -> None:
    client = InputClient()
    try:
        client.send(OpenInput())
        client.send(StartTake(str(tmp_path / "take.wav"), 1.0))
        problems, end = list[str](), time.monotonic() + 15.0
        while len(problems) < 2 and time.monotonic() < end:
            problems += [each.problem for each in client.reports() if isinstance(each, InputState | TakeEnded)]
            time.sleep(0.01)
    finally:
        client.close()
    assert "no input" in problems[0]
    assert "no input" in problems[1]


def test_levels_that_nobody_reads_become_one_and_answers_stay() -> None:
    """A window that stands still for a minute must still learn that its recording has ended."""
    client = InputClient()
    client._keep(TakeStarted())
    for i in range(5000):
        client._keep(InputLevel(0.5 if i == 7 else 0.1, 0.2, i / 25.0))
    client._keep(TakeEnded("take.wav", 200.0))
    assert client.reports() == [TakeStarted(), InputLevel(0.5, 0.2, 4999 / 25.0), TakeEnded("take.wav", 200.0)]
    assert client.reports() == []
