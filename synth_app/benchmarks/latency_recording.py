"""Plays notes and slider steps through an audio process; records what was sent, when, and all rendered samples."""

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth_app.audio.client.audio_client import AudioClient
from synth_app.audio.protocol.messages import DeviceSettings, Fault, Meters, Restarted
from synth_app.audio.protocol.telemetry import Frames, Telemetry
from synth_app.benchmarks.latency_stimulus import LatencyStimulus
from synth_app.benchmarks.launch import Launched, Reports, launch
from synth_app.benchmarks.monitor import Monitor
from synth_app.benchmarks.onset_detection import AUDIBLE, SETTLE, STEADY
from synth_app.patch import Event, Message, NoteOff, NoteOn, SetPatch
from synth_app.patch.quality import Relief
from synth_app.support.early_process import ENGINE
from synth_app.support.errors import UserError

_HELD = 4800  # samples that a key is held
_SILENCE = 2400  # samples of silence before a key is pressed
_JITTER_S = 0.02  # longest random delay, so that events meet blocks and frames at every phase
_TIMEOUT_S = 10.0  # longest wait for samples


@dataclass(frozen=True)
class TimedMessage:
    """A message with the times at which it was sent and applied.

    Attributes:
        message: as sent.
        sent_s: time.perf_counter() just before sending.
        applied: engine clock in samples at which it took effect, the start of a block.
        block_start_s: time.perf_counter() at which the rendering of that block began.
    """

    message: Message
    sent_s: float
    applied: int
    block_start_s: float


@dataclass(frozen=True)
class LatencyRecording:
    """A performance with all its samples and times.

    Attributes:
        frames: float32 [n, 2], all samples rendered since engine clock ``start``.
        start: engine clock of the first sample.
        stimulus: note and slider step; its patch ``low`` was installed before the first message.
        messages: all messages in order: keys down and up, then slider steps.
        meters: at the end; counts are totals since the start of the process.
        launched: first reports of the process.
        monitor: recording of the output; None if it was not recorded.
        relieved: fraction of the blocks at reduced quality, because the machine was too busy.
    """

    frames: Frames
    start: int
    stimulus: LatencyStimulus
    messages: tuple[TimedMessage, ...]
    meters: Meters
    launched: Launched
    monitor: Monitor | None
    relieved: float = 0.0

    @property
    def events(self) -> tuple[Event, ...]:
        """The performance as events for an offline render."""
        return tuple(Event(timed.applied, timed.message) for timed in self.messages)

    @property
    def notes(self) -> tuple[TimedMessage, ...]:
        """All key presses except the last one, which is held for the slider steps."""
        return tuple(timed for timed in self.messages if isinstance(timed.message, NoteOn))[:-1]

    @property
    def changes(self) -> tuple[TimedMessage, ...]:
        """All slider steps."""
        return tuple(timed for timed in self.messages if isinstance(timed.message, SetPatch))


def record_latency(
    stimulus: LatencyStimulus,
    settings: DeviceSettings,
    trials: int,
    *,
    record: bool = False,
    seed: int = 0,
    engine: str = ENGINE,
) -> LatencyRecording:
    """Press a key ``trials`` times, then hold it and move the slider as often; takes about 0.6 s per trial.

    The null clock plays if there is no default device. Arguments as ``measure_latency``; ``seed`` sets the delays.

    Raises:
        UserError: the model cannot be used, or the process reported a fault.
    """
    reports = Reports()
    with AudioClient(reports, engine=engine, spare_after=None) as client, contextlib.ExitStack() as stack:
        launched = launch(client, reports, settings, stimulus.low, allow_null_clock=True)
        monitor = stack.enter_context(Monitor()) if record and launched.state.running else None
        recorder = LatencyRecorder(client, seed)
        for _ in range(trials):
            recorder.press(stimulus.key)
        recorder.send(NoteOn(stimulus.key))
        recorder.wait(SETTLE)
        for i in range(trials):
            recorder.move(stimulus.high if i % 2 == 0 else stimulus.low)
        recording = recorder.recording(stimulus, launched, monitor)
    broken = [report.problem for report in reports.all(Fault)] + [report.reason for report in reports.all(Restarted)]
    if broken or recording.meters.faults:
        raise UserError(f"the latency cannot be measured: {'; '.join(broken) or 'a block of sound failed'}")
    return recording


class LatencyRecorder:
    """Sends messages and collects the telemetry. It waits for samples, not for time, since the machine may be busy."""

    def __init__(self, client: AudioClient, seed: int) -> None:
        self._client = client
        self._rng = np.random.default_rng(seed)
        telemetry = client.telemetry
        self._blocks_from = self._block_index = max(telemetry.blocks_written - 1, 0)
        self._start = self._frame_index = telemetry.written
        self._frames: list[Frames] = []
        self._blocks: list[NDArray[Any]] = []
        self._sent: list[tuple[Message, float, int]] = []

    def send(self, message: Message) -> None:
        """Send a message; store it with the time and the number of blocks so far."""
        blocks = self._client.telemetry.blocks_written
        self._sent.append((message, time.perf_counter(), blocks))
        self._client.send(message)

    def wait(self, samples: int) -> None:
        """Wait until ``samples`` more samples are rendered, and then for a random delay."""
        until = self._client.telemetry.written + samples
        self._wait_until(lambda telemetry: telemetry.written >= until)
        time.sleep(self._rng.uniform(0.0, _JITTER_S))
        self._drain()

    def press(self, key: int) -> None:
        """Press a key in silence and release it."""
        self._wait_until(lambda telemetry: telemetry.meters().voices == 0)
        self._wait_until(lambda telemetry: bool(np.abs(telemetry.latest(_SILENCE)).max() < AUDIBLE / 2))
        self.wait(_SILENCE)
        self.send(NoteOn(key))
        self.wait(_HELD)
        self.send(NoteOff(key))
        self.wait(_SILENCE)

    def move(self, patch: Any) -> None:
        """Move the slider while a steady note sounds, and wait until the sound is steady again."""
        self.wait(STEADY)
        self.send(SetPatch(patch))
        self.wait(SETTLE + STEADY)

    def recording(self, stimulus: LatencyStimulus, launched: Launched, monitor: Monitor | None) -> LatencyRecording:
        """Return the recording, after a wait for the effects of the last message."""
        self.wait(2 * STEADY)
        blocks = np.concatenate(self._blocks)
        frames = np.concatenate(self._frames)
        meters = self._client.telemetry.meters()
        relieved = float(np.mean(blocks["relief"] > Relief.NONE))
        return LatencyRecording(
            frames, self._start, stimulus, tuple(self._timed_messages(blocks)), meters, launched, monitor, relieved
        )

    def _timed_messages(self, blocks: NDArray[Any]) -> list[TimedMessage]:
        """Find the block that applied each message: the first whose ``applied`` differs from that before sending."""
        messages = []
        for message, sent_s, index in self._sent:
            later = blocks[index - 1 - self._blocks_from :]
            moved = np.flatnonzero(later["applied"] != later["applied"][0])
            if not len(moved):
                raise UserError(f"{message} did not reach the engine; measure again")
            block = later[moved[0]]
            messages.append(TimedMessage(message, sent_s, int(block["applied"]), float(block["start"])))
        return messages

    def _wait_until(self, condition: Callable[[Telemetry], bool]) -> None:
        end = time.monotonic() + _TIMEOUT_S
        while not condition(self._client.telemetry):
            if time.monotonic() > end:
                raise UserError("the output device stopped playing, or a voice does not end; choose another device")
            time.sleep(0.002)

    def _drain(self) -> None:
        telemetry = self._client.telemetry
        frames, self._frame_index, frames_lost = telemetry.read_since(self._frame_index)
        blocks, self._block_index, blocks_lost = telemetry.blocks_since(self._block_index)
        if frames_lost or blocks_lost:
            raise UserError("the computer was busy for seconds; measure again when it is less busy")
        self._frames.append(frames)
        self._blocks.append(blocks)
