"""Plays notes and slider steps through an audio process and keeps what was sent, when, and every sample that came."""

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

_HELD = 4800  # samples that a key is held in a note trial
_QUIET = 2400  # samples of silence before a key is pressed
_JITTER_S = 0.02  # trials begin up to this much later, so that they meet blocks and frames at every phase
_STUCK_S = 10.0  # no such stretch of sound takes this long


@dataclass(frozen=True)
class LatencyTrial:
    """One message and what became of it.

    Attributes:
        message: what was sent.
        sent_s: time.perf_counter() just before.
        applied: engine clock at which it took effect, the start of a block.
        began_s: time.perf_counter() at which that block's rendering began.
    """

    message: Message
    sent_s: float
    applied: int
    began_s: float


@dataclass(frozen=True)
class LatencyRecording:
    """What was played.

    Attributes:
        frames: float32 [n, 2], every sample rendered since engine clock ``start``.
        start: engine clock of the first of them.
        sound: installed before the first message.
        trials: every message in order: keys down and up, then slider steps.
        meters: at the end; counts are of the whole life of the process.
        launched: on what it was played.
        monitor: what the output played, where it was recorded.
        relieved: share of the blocks in which the engine gave up quality, the machine being too busy.
    """

    frames: Frames
    start: int
    step: LatencyStimulus
    trials: tuple[LatencyTrial, ...]
    meters: Meters
    launched: Launched
    monitor: Monitor | None
    relieved: float = 0.0

    @property
    def events(self) -> tuple[Event, ...]:
        """The same performance for an offline render."""
        return tuple(Event(trial.applied, trial.message) for trial in self.trials)

    @property
    def notes(self) -> tuple[LatencyTrial, ...]:
        """The keys pressed for timing; not the last one, which is held for the slider steps."""
        return tuple(trial for trial in self.trials if isinstance(trial.message, NoteOn))[:-1]

    @property
    def changes(self) -> tuple[LatencyTrial, ...]:
        """The slider steps."""
        return tuple(trial for trial in self.trials if isinstance(trial.message, SetPatch))


def record_take(
    step: LatencyStimulus,
    settings: DeviceSettings,
    trials: int,
    *,
    record: bool = False,
    seed: int = 0,
    engine: str = ENGINE,
) -> LatencyRecording:
    """Press a key ``trials`` times, then hold it and move the slider as often; about 0.6 s for each trial.

    Raises:
        UserError: the model cannot be used, or the process did not play it without a fault. Where there is
            no default device the null clock plays.
    """
    reports = Reports()
    with AudioClient(reports, engine=engine, spare_after=None) as client, contextlib.ExitStack() as stack:
        launched = launch(client, reports, settings, step.low, fall_back=True)
        monitor = stack.enter_context(Monitor()) if record and launched.state.running else None
        stage = _Stage(client, seed)
        for _ in range(trials):
            stage.press(step.key)
        stage.send(NoteOn(step.key))
        stage.wait(SETTLE)
        for i in range(trials):
            stage.move(step.high if i % 2 == 0 else step.low)
        take = stage.take(step, launched, monitor)
    broken = [report.problem for report in reports.all(Fault)] + [report.reason for report in reports.all(Restarted)]
    if broken or take.meters.faults:
        raise UserError(f"the latency cannot be measured: {'; '.join(broken) or 'a block of sound failed'}")
    return take


class _Stage:
    """Sends, waits in samples rather than seconds (the machine may be busy), and gathers the ring as it goes."""

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
        """Send now; noted with the time and the number of blocks so far."""
        blocks = self._client.telemetry.blocks_written
        self._sent.append((message, time.perf_counter(), blocks))
        self._client.send(message)

    def wait(self, samples: int) -> None:
        """Wait until that many more samples were rendered, then a random while."""
        until = self._client.telemetry.written + samples
        self._until(lambda telemetry: telemetry.written >= until)
        time.sleep(self._rng.uniform(0.0, _JITTER_S))
        self._drain()

    def press(self, key: int) -> None:
        """Press a key out of silence and let it go."""
        self._until(lambda telemetry: telemetry.meters().voices == 0)
        self._until(lambda telemetry: bool(np.abs(telemetry.latest(_QUIET)).max() < AUDIBLE / 2))
        self.wait(_QUIET)
        self.send(NoteOn(key))
        self.wait(_HELD)
        self.send(NoteOff(key))
        self.wait(_QUIET)

    def move(self, patch: Any) -> None:
        """Move the slider, in a held sound that has come to rest, and let it come to rest."""
        self.wait(STEADY)
        self.send(SetPatch(patch))
        self.wait(SETTLE + STEADY)

    def take(self, step: LatencyStimulus, launched: Launched, monitor: Monitor | None) -> LatencyRecording:
        """Everything so far, and the rest of the last trial: it may have been applied a while after it was sent."""
        self.wait(2 * STEADY)
        blocks = np.concatenate(self._blocks)
        frames = np.concatenate(self._frames)
        meters = self._client.telemetry.meters()
        relieved = float(np.mean(blocks["relief"] > Relief.NONE))
        return LatencyRecording(
            frames, self._start, step, tuple(self._trials(blocks)), meters, launched, monitor, relieved
        )

    def _trials(self, blocks: NDArray[Any]) -> list[LatencyTrial]:
        """Find for each message the block that applied it: the first one whose mark is not the one before sending."""
        trials = []
        for message, sent_s, index in self._sent:
            later = blocks[index - 1 - self._blocks_from :]
            moved = np.flatnonzero(later["applied"] != later["applied"][0])
            if not len(moved):
                raise UserError(f"{message} did not reach the engine")
            block = later[moved[0]]
            trials.append(LatencyTrial(message, sent_s, int(block["applied"]), float(block["start"])))
        return trials

    def _until(self, holds: Callable[[Telemetry], bool]) -> None:
        end = time.monotonic() + _STUCK_S
        while not holds(self._client.telemetry):
            if time.monotonic() > end:
                raise UserError("the output device takes no more sound, or a voice never ended; choose another device")
            time.sleep(0.002)

    def _drain(self) -> None:
        telemetry = self._client.telemetry
        frames, self._frame_index, frames_lost = telemetry.read_since(self._frame_index)
        blocks, self._block_index, blocks_lost = telemetry.blocks_since(self._block_index)
        if frames_lost or blocks_lost:
            raise UserError("this computer stood still for seconds; measure again when it is less busy")
        self._frames.append(frames)
        self._blocks.append(blocks)
