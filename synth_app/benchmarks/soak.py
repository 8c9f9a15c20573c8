"""Plays for minutes as hard as an app can, while the machine is kept busy, and counts everything that went wrong."""

import contextlib
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth_app.audio.client.audio_client import AudioClient
from synth_app.audio.protocol.messages import DeviceSettings, Fault, ModelLoaded, ModelRefused, Restarted
from synth_app.audio.protocol.telemetry import BLOCK
from synth_app.benchmarks.background_load import PAUSES, TRAINING, Beside, collect_garbage, stand_still
from synth_app.benchmarks.launch import Launched, Reports, launch
from synth_app.benchmarks.random_player import Playable, RandomPlayer
from synth_app.benchmarks.soak_figures import BlockTimes, SchedulerStalls, SoakFigures
from synth_app.patch import ENGINE_RATE, MAX_VOICES
from synth_app.support.early_process import ENGINE
from synth_app.support.errors import UserError

_STEP_S = 0.005  # between two looks at the clock, and so between two sounds of a slider storm
_HINDER_EVERY_S = (1.0, 3.0)  # between two stand-stills of the app
_STILL_S = (0.05, 0.4)
_TELL_EVERY_S = 10.0
_SETTLE_S = 0.5
_BACK_WITHIN_S = 60.0
_DEAD_S = 0.02  # after which a killed process writes nothing more
_VOICES_BACK_S = 0.3  # after the first sound, by when all keys have been sent again
_SPARE_AFTER_S = 1.0
_LOAD_S, _TAKE_OVER_S = 2.0, 0.1


@dataclass(frozen=True)
class SoakPlan:
    """What is played and for how long.

    Attributes:
        models: paths of model files, swapped in turn.
        seconds: how long.
        settings: the output.
        voices: keys held all the time, 1-64.
        swap_every_s: seconds between two model swaps.
        kill: end the audio process by SIGKILL once, in the middle.
        train: run a training beside it.
        seed: of notes, sliders and disturbances.
    """

    models: tuple[str, ...]
    seconds: float
    settings: DeviceSettings
    voices: int = 16
    swap_every_s: float = 5.0
    kill: bool = False
    train: bool = True
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot be played."""
        if not self.models:
            raise UserError("there is no model to play; synth-app models lists those there are")
        if not 0.0 < self.seconds <= 86_400.0:
            raise UserError(f"a soak of {self.seconds / 60:g} minutes cannot be run; give more than 0, at most 1440")
        if not 1 <= self.voices <= MAX_VOICES:
            raise UserError(f"{self.voices} voices; there can be 1 to {MAX_VOICES}")


def soak(plan: SoakPlan, tell: Callable[[str], None], *, engine: str = ENGINE) -> SoakFigures:
    """Run a plan; ``tell`` gets a line every 10 s.

    Raises:
        UserError: the models cannot be loaded, or a process that is needed does not start or ends too early. Where
            there is no default device the null clock plays.
    """
    models = [Playable.of(path) for path in plan.models]
    reports = Reports()
    with AudioClient(reports, engine=engine, spare_after=_SPARE_AFTER_S) as client, contextlib.ExitStack() as stack:
        performer = RandomPlayer(client, models, plan.voices, plan.swap_every_s, plan.seed)
        launched = launch(client, reports, plan.settings, performer.patch, fall_back=True)
        training = stack.enter_context(Beside(TRAINING)) if plan.train else None
        pauses = stack.enter_context(Beside(PAUSES))
        beside: tuple[Beside, ...] = (pauses, training) if training else (pauses,)
        _await(beside)
        run = _Run(client, reports, performer, plan, pauses)
        run.play(tell)
        _require(beside)
        return _figures(run, plan, launched, reports, training)


def _await(beside: tuple[Beside, ...]) -> None:
    """Wait until they all have begun."""
    while not all(one.kind for one in beside):
        _require(beside)
        time.sleep(_STEP_S)


def _require(beside: tuple[Beside, ...]) -> None:
    for one in beside:
        if one.ended:
            raise UserError(f"{one.module} ended too early, so the soak says nothing; free some memory and try again")


class _Run:
    """One soak as it goes."""

    def __init__(
        self, client: AudioClient, reports: Reports, performer: RandomPlayer, plan: SoakPlan, pauses: Beside
    ) -> None:
        self._client, self._reports, self.performer, self._plan = client, reports, performer, plan
        self._pauses = pauses
        self._rng = np.random.default_rng([plan.seed, 1])
        self._blocks: list[NDArray[Any]] = []
        self._longest_gap_s = 0.0
        self._last_start: float | None = None
        self.voices: list[int] = []
        self.stand_stills, self.stood_still_s = 0, 0.0
        self.sound_again_s: float | None = None
        self.voices_again: int | None = None

    def play(self, tell: Callable[[str], None]) -> None:
        """Play the whole plan."""
        performer, plan = self.performer, self._plan
        performer.begin()
        time.sleep(_SETTLE_S)
        self.before = self._client.telemetry.meters()
        self._index = self._client.telemetry.blocks_written
        pauses_before = len(self._pauses.numbers)
        began = time.monotonic()
        hinder_at, tell_at = began + _HINDER_EVERY_S[0], began + _TELL_EVERY_S
        while (now := time.monotonic()) < began + plan.seconds:
            performer.step()
            self._look()
            if now >= hinder_at:
                self._hinder()
                hinder_at = now + self._rng.uniform(*_HINDER_EVERY_S)
            if now >= tell_at:
                tell_at += _TELL_EVERY_S
                tell(self._line(now - began))
            if plan.kill and self.sound_again_s is None and self._ripe(now - began):
                self._kill()
            time.sleep(_STEP_S)
        self.seconds = time.monotonic() - began
        self._look()
        self.after = self._client.telemetry.meters()
        self.pauses = SchedulerStalls.of(self._pauses.kind, self._pauses.numbers[pauses_before:])

    @property
    def times(self) -> BlockTimes:
        """Of all blocks so far."""
        blocks = np.concatenate([np.zeros(0, BLOCK), *self._blocks])
        span_s = 1e-3 * float(blocks["span_ms"].max(initial=0.0))
        return BlockTimes.of(blocks["start"], blocks["work_ms"], span_s, self._longest_gap_s, self._swaps())

    def _swaps(self) -> list[tuple[float, float]]:
        """From asking for a model until the engine has taken it over, a moment after it was loaded."""
        loaded = self._reports.times(ModelLoaded)
        return [
            (asked, min((at for at in loaded if at > asked), default=asked + _LOAD_S) + _TAKE_OVER_S)
            for asked in self.performer.swaps
        ]

    def _look(self) -> None:
        """Take the block records since the last time."""
        blocks, self._index, lost = self._client.telemetry.blocks_since(self._index)
        if lost:
            raise UserError("this computer stood still for many seconds; nothing can be said about its sound")
        if not len(blocks):
            return
        starts = blocks["start"] if self._last_start is None else np.append(self._last_start, blocks["start"])
        self._last_start = float(starts[-1])
        self._longest_gap_s = max(self._longest_gap_s, float(np.diff(starts).max(initial=0.0)))
        self._blocks.append(blocks)
        self.voices.append(self._client.telemetry.voices)

    def _hinder(self) -> None:
        """Keep every thread of the app from running for a while."""
        garbage = self._rng.uniform() < 0.3
        self.stood_still_s += collect_garbage() if garbage else stand_still(self._rng.uniform(*_STILL_S))
        self.stand_stills += 1

    def _ripe(self, elapsed_s: float) -> bool:
        """Whether to kill now: half-way, once the spare process is ready; near the end without it."""
        share = elapsed_s / self._plan.seconds
        return share >= 0.9 or (share >= 0.5 and self._client.spare_pid is not None)

    def _kill(self) -> None:
        """End the audio process and wait until there is sound again."""
        pid, telemetry = self._client.pid, self._client.telemetry
        if pid is None:
            return
        self._look()
        killed = time.monotonic()
        os.kill(pid, signal.SIGKILL)
        time.sleep(_DEAD_S)
        index = telemetry.written
        while not telemetry.read_since(index)[0].any():
            if time.monotonic() > killed + _BACK_WITHIN_S:
                raise UserError(f"there was no sound within {_BACK_WITHIN_S:.0f} s of the audio process' end")
            time.sleep(0.001)
        self.sound_again_s = time.monotonic() - killed
        time.sleep(_VOICES_BACK_S)
        self.voices_again = telemetry.voices
        self._last_start = None  # the gap is the kill's
        self._index = telemetry.blocks_written

    def _line(self, elapsed_s: float) -> str:
        meters, times = self._client.telemetry.meters(), self.times
        return (
            f"{elapsed_s // 60:3.0f}:{elapsed_s % 60:02.0f}  underruns {meters.underruns - self.before.underruns}, "
            f"late {meters.late_blocks - self.before.late_blocks}, worst {times.worst_ms:.2f} ms, "
            f"p99 {times.p99_ms:.2f}, voices {meters.voices}, "
            f"faults {meters.faults}, models {len(self._reports.all(ModelLoaded))}"
        )


def _figures(run: _Run, plan: SoakPlan, launched: Launched, reports: Reports, training: Beside | None) -> SoakFigures:
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
        notes=run.performer.notes,
        sounds=run.performer.sounds,
        models_loaded=len(reports.all(ModelLoaded)),
        models_refused=len(reports.all(ModelRefused)),
        stand_stills=run.stand_stills,
        stood_still_s=run.stood_still_s,
        training=training.kind if training else "",
        training_steps=int(training.numbers[-1]) if training and training.numbers else 0,
        pauses=run.pauses,
        killed=plan.kill,
        sound_again_s=run.sound_again_s,
        voices_again=run.voices_again,
    )
