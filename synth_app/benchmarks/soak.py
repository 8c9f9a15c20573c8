"""Soak test: plays for minutes under heavy load and disturbances, and counts all failures."""

import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth_app.audio.client.audio_client import AudioClient
from synth_app.audio.protocol.messages import DeviceSettings, Fault, ModelLoaded, ModelRefused, Restarted
from synth_app.audio.protocol.telemetry import BLOCK
from synth_app.benchmarks.background_load import (
    SLOW_MOMENTS,
    STALLS,
    TRAINING,
    BackgroundProcess,
    collect_garbage,
    hold_gil,
)
from synth_app.benchmarks.launch import Launched, Reports, launch
from synth_app.benchmarks.random_player import PlayableModel, RandomPlayer
from synth_app.benchmarks.soak_figures import BlockTimes, Dropout, SchedulerStalls, SlowMoments, SoakFigures
from synth_app.patch import ENGINE_RATE, MAX_VOICES
from synth_app.support.early_process import ENGINE
from synth_app.support.errors import UserError

_STEP_S = 0.005  # interval of the main loop, and so between two patches of a burst
_DISTURB_INTERVAL_S = (1.0, 3.0)  # between two disturbances
_HOLD_GIL_S = (0.05, 0.4)
_REPORT_INTERVAL_S = 10.0
_SETTLE_S = 0.5
_SOUND_TIMEOUT_S = 60.0
_DEAD_S = 0.02  # after it a killed process writes nothing
_VOICES_BACK_S = 0.3  # from the first sound until all keys are sent again
_SPARE_AFTER_S = 1.0
_LOAD_S, _TAKE_OVER_S = 2.0, 0.1


@dataclass(frozen=True)
class SoakPlan:
    """Settings of a soak test.

    Attributes:
        models: paths of model files, played in turn.
        seconds: duration.
        settings: the output.
        voices: number of keys held, 1-64.
        model_change_every_s: seconds between two changes of the model.
        kill: kill the audio process once, half-way.
        train: run a training at the same time.
        seed: of the random notes, sliders and disturbances.
    """

    models: tuple[str, ...]
    seconds: float
    settings: DeviceSettings
    voices: int = 16
    model_change_every_s: float = 5.0
    kill: bool = False
    train: bool = True
    seed: int = 0

    def __post_init__(self) -> None:
        """Check the values."""
        if not self.models:
            raise UserError("there is no model to play; `synth-app models` lists the models")
        if not 0.0 < self.seconds <= 86_400.0:
            raise UserError(f"a soak test cannot last {self.seconds / 60:g} minutes; choose more than 0, at most 1440")
        if not 1 <= self.voices <= MAX_VOICES:
            raise UserError(f"{self.voices} voices; choose 1 to {MAX_VOICES}")


def soak(plan: SoakPlan, report: Callable[[str], None], *, engine: str = ENGINE) -> SoakFigures:
    """Run a soak test. The null clock plays if there is no default device.

    Args:
        plan: the settings.
        report: called with a line of figures every 10 s.
        engine: dotted name of the engine's module.

    Raises:
        UserError: the models cannot be loaded, or a process of the test does not start or ends too early.
    """
    models = [PlayableModel.of(path) for path in plan.models]
    reports = Reports()
    with AudioClient(reports, engine=engine, spare_after=_SPARE_AFTER_S) as client, contextlib.ExitStack() as stack:
        player = RandomPlayer(client, models, plan.voices, plan.model_change_every_s, plan.seed)
        launched = launch(client, reports, plan.settings, player.patch, allow_null_clock=True)
        training = stack.enter_context(BackgroundProcess(TRAINING)) if plan.train else None
        stall_monitor = stack.enter_context(BackgroundProcess(STALLS))
        slow_monitor = stack.enter_context(BackgroundProcess(SLOW_MOMENTS))
        monitors = (stall_monitor, slow_monitor)
        background: tuple[BackgroundProcess, ...] = (*monitors, training) if training else monitors
        _wait_for_start(background)
        run = _SoakRun(client, reports, player, plan, monitors)
        run.play(report)
        _require_running(background)
        return _figures(run, plan, launched, reports, training)


def _wait_for_start(background: tuple[BackgroundProcess, ...]) -> None:
    """Wait until all processes run."""
    while not all(one.kind for one in background):
        _require_running(background)
        time.sleep(_STEP_S)


def _require_running(background: tuple[BackgroundProcess, ...]) -> None:
    for one in background:
        if one.ended:
            raise UserError(f"{one.module} ended too early, so the test is not valid; free some memory and try again")


class _SoakRun:
    """A running soak test."""

    def __init__(
        self,
        client: AudioClient,
        reports: Reports,
        player: RandomPlayer,
        plan: SoakPlan,
        monitors: tuple[BackgroundProcess, BackgroundProcess],
    ) -> None:
        """``monitors`` are those of stalls and of slow moments."""
        self._client, self._reports, self.player, self._plan = client, reports, player, plan
        self._stall_monitor, self._slow_monitor = monitors
        self._underruns_at: list[float] = []  # time.perf_counter() at which each was seen
        self._rng = np.random.default_rng([plan.seed, 1])
        self._blocks: list[NDArray[Any]] = []
        self._longest_gap_s = 0.0
        self._last_start: float | None = None
        self.voices: list[int] = []
        self.app_stalls, self.app_stalled_s = 0, 0.0
        self.sound_again_s: float | None = None
        self.voices_again: int | None = None

    def play(self, report: Callable[[str], None]) -> None:
        """Play the whole plan."""
        player, plan = self.player, self._plan
        player.begin()
        time.sleep(_SETTLE_S)
        self.before = self._client.telemetry.meters()
        self._index = self._client.telemetry.blocks_written
        stalls_before = len(self._stall_monitor.numbers) // 2 * 2
        slow_before = len(self._slow_monitor.numbers) // 2 * 2
        began = time.monotonic()
        disturb_at, report_at = began + _DISTURB_INTERVAL_S[0], began + _REPORT_INTERVAL_S
        while (now := time.monotonic()) < began + plan.seconds:
            player.step()
            self._read_blocks()
            if now >= disturb_at:
                self._disturb()
                disturb_at = now + self._rng.uniform(*_DISTURB_INTERVAL_S)
            if now >= report_at:
                report_at += _REPORT_INTERVAL_S
                report(self._status_line(now - began))
            if plan.kill and self.sound_again_s is None and self._kill_is_due(now - began):
                self._kill()
            time.sleep(_STEP_S)
        self.seconds = time.monotonic() - began
        self._read_blocks()
        self.after = self._client.telemetry.meters()
        self._summarize(
            _pairs(self._stall_monitor.numbers[stalls_before:]), _pairs(self._slow_monitor.numbers[slow_before:])
        )

    def _summarize(self, stalls: Sequence[tuple[float, float]], runs: Sequence[tuple[float, float]]) -> None:
        """Set ``stalls``, ``slow`` and ``dropouts`` from stalls (end in s, ms) and slow runs (start in s, slowness)."""
        blocks = np.concatenate([np.zeros(0, BLOCK), *self._blocks])
        self.stalls = SchedulerStalls.of(self._stall_monitor.kind, [length_ms for _, length_ms in stalls])
        machine = [end for end, _ in stalls] if self.stalls.by_machine else []
        self.slow = SlowMoments.of(runs, blocks, self._underruns_at, machine)
        self.dropouts = Dropout.find(blocks, self._underruns_at, self._model_changes())

    @property
    def times(self) -> BlockTimes:
        """Times of all blocks so far."""
        blocks = np.concatenate([np.zeros(0, BLOCK), *self._blocks])
        span_s = 1e-3 * float(blocks["span_ms"].max(initial=0.0))
        return BlockTimes.of(blocks["start"], blocks["work_ms"], span_s, self._longest_gap_s, self._model_changes())

    def _model_changes(self) -> list[tuple[float, float]]:
        """Return (begin, end) of each change of the model, from the request until just after it was loaded."""
        loaded = self._reports.times(ModelLoaded)
        return [
            (requested, min((at for at in loaded if at > requested), default=requested + _LOAD_S) + _TAKE_OVER_S)
            for requested in self.player.model_changes
        ]

    def _read_blocks(self) -> None:
        """Read the block records since the last call."""
        blocks, self._index, lost = self._client.telemetry.blocks_since(self._index)
        new = self._client.telemetry.underruns - self.before.underruns - len(self._underruns_at)
        self._underruns_at += [time.perf_counter()] * new
        if lost:
            raise UserError("the computer was busy for many seconds and blocks were missed; try again later")
        if not len(blocks):
            return
        starts = blocks["start"] if self._last_start is None else np.append(self._last_start, blocks["start"])
        self._last_start = float(starts[-1])
        self._longest_gap_s = max(self._longest_gap_s, float(np.diff(starts).max(initial=0.0)))
        self._blocks.append(blocks)
        self.voices.append(self._client.telemetry.voices)

    def _disturb(self) -> None:
        """Keep all threads of the app from running for a while."""
        garbage = self._rng.uniform() < 0.3
        self.app_stalled_s += collect_garbage() if garbage else hold_gil(self._rng.uniform(*_HOLD_GIL_S))
        self.app_stalls += 1

    def _kill_is_due(self, elapsed_s: float) -> bool:
        """Return whether to kill now: half-way if the spare process is ready, else near the end."""
        fraction = elapsed_s / self._plan.seconds
        return fraction >= 0.9 or (fraction >= 0.5 and self._client.spare_pid is not None)

    def _kill(self) -> None:
        """Kill the audio process and wait until there is sound again."""
        telemetry = self._client.telemetry
        if self._client.pid is None:
            return
        self._read_blocks()
        killed = time.monotonic()
        self._client.kill()
        time.sleep(_DEAD_S)
        index = telemetry.written
        while not telemetry.read_since(index)[0].any():
            if time.monotonic() > killed + _SOUND_TIMEOUT_S:
                raise UserError(f"no sound within {_SOUND_TIMEOUT_S:.0f} s after the process was killed; see the log")
            time.sleep(0.001)
        self.sound_again_s = time.monotonic() - killed
        time.sleep(_VOICES_BACK_S)
        self.voices_again = telemetry.voices
        self._last_start = None  # the gap comes from the kill
        self._index = telemetry.blocks_written

    def _status_line(self, elapsed_s: float) -> str:
        meters, times = self._client.telemetry.meters(), self.times
        return (
            f"{elapsed_s // 60:3.0f}:{elapsed_s % 60:02.0f}  underruns {meters.underruns - self.before.underruns}, "
            f"late {meters.late_blocks - self.before.late_blocks}, worst {times.worst_ms:.2f} ms, "
            f"p99 {times.p99_ms:.2f}, voices {meters.voices}, "
            f"faults {meters.faults}, models {len(self._reports.all(ModelLoaded))}"
        )


def _pairs(numbers: Sequence[float]) -> list[tuple[float, float]]:
    return list(zip(numbers[::2], numbers[1::2], strict=False))  # the last one may not be complete


def _figures(
    run: _SoakRun, plan: SoakPlan, launched: Launched, reports: Reports, training: BackgroundProcess | None
) -> SoakFigures:
    state, before, after = launched.state, run.before, run.after
    rate = state.settings.rate if state.running else ENGINE_RATE
    return SoakFigures(
        device=launched.device,
        running=state.running,
        rate=rate,
        block=state.settings.block,
        latency_ms=state.latency_ms,
        priority=after.priority,
        seconds=run.seconds,
        underruns=after.underruns - before.underruns,
        late_blocks=after.late_blocks - before.late_blocks,
        times=run.times,
        faults=after.faults - before.faults,
        fault_texts=tuple(report.problem for report in reports.all(Fault)),
        restarts=len(reports.all(Restarted)),
        voices_median=float(np.median(run.voices or [0])),
        voices_most=max(run.voices, default=0),
        notes=run.player.notes,
        patches=run.player.patches,
        models_loaded=len(reports.all(ModelLoaded)),
        models_refused=len(reports.all(ModelRefused)),
        app_stalls=run.app_stalls,
        app_stalled_s=run.app_stalled_s,
        training=training.kind if training else "",
        training_steps=int(training.numbers[-1]) if training and training.numbers else 0,
        stalls=run.stalls,
        slow=run.slow,
        dropouts=run.dropouts,
        killed=plan.kill,
        sound_again_s=run.sound_again_s,
        voices_again=run.voices_again,
    )
