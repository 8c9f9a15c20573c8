"""Measures latency through the real audio process: from a key to its first sound, from a slider to half of the change.

Each event is timed in two stretches that follow one another:

- *wait*: from just before the app sends it until the audio process begins the block that applies it. This is the
  pipe, the scheduler, and the time until the device asks for its next block.
- *engine*: from that block's first sample to the sample looked for. It is counted in samples of what the engine
  rendered (the telemetry ring), so it depends on the events' clock times alone; an offline render has the same.

Their sum says when the sample leaves the audio process. The device's own buffer comes after that: it is reported
as the system states it and, where the output's monitor can be recorded, contained in a third figure:

- *recorded*: from just before the app sends the event until the very sample has come back from the monitor. Nothing
  is subtracted: it includes all buffers of the device, those of the monitor, and the recorder's.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from synth_app.audio.protocol.messages import DeviceSettings
from synth_app.benchmarks.latency_recording import LatencyRecording, LatencyTrial, record_take
from synth_app.benchmarks.latency_stimulus import choose_step
from synth_app.benchmarks.monitor import find_in
from synth_app.benchmarks.onset_detection import SETTLE, WINDOW, first_audible, half_change
from synth_app.patch import ENGINE_RATE
from synth_app.patch.quality import DEFAULT_QUALITY
from synth_app.support.early_process import ENGINE
from synth_app.support.errors import UserError

TRIALS = 12
_LOOK_BACK, _LOOK_ON = 2400, 9600  # samples around the one looked for that are searched for in the recording
_RECORDED_WITHIN_S = 2.0


@dataclass(frozen=True)
class Latency:
    """Latency of one kind of event; one number per trial, in the order played.

    Attributes:
        wait_ms: from sending to the start of the block that applied the event.
        engine_samples: from that block's first sample to the sample looked for.
        block: samples per block.
        recorded_ms: from sending to the sample's return from the monitor; empty where that was not recorded.
    """

    wait_ms: tuple[float, ...]
    engine_samples: tuple[float, ...]
    block: int
    recorded_ms: tuple[float, ...] = ()

    @property
    def total_ms(self) -> tuple[float, ...]:
        """From sending until the sample leaves the audio process."""
        return tuple(
            wait + samples / ENGINE_RATE * 1e3 for wait, samples in zip(self.wait_ms, self.engine_samples, strict=True)
        )

    @property
    def median_ms(self) -> float:
        """Median of ``total_ms``."""
        return float(np.median(self.total_ms))

    def as_dict(self) -> dict[str, float | None]:
        """Medians and worst cases, for JSON."""
        samples = self.engine_samples
        return {
            "median_ms": self.median_ms,
            "worst_ms": max(self.total_ms),
            "wait_median_ms": float(np.median(self.wait_ms)),
            "wait_worst_ms": max(self.wait_ms),
            "engine_median_ms": float(np.median(samples)) / ENGINE_RATE * 1e3,
            "engine_worst_ms": max(samples) / ENGINE_RATE * 1e3,
            "engine_median_samples": float(np.median(samples)),
            "engine_worst_samples": max(samples),
            "engine_worst_blocks": max(samples) / self.block,
            "recorded_median_ms": float(np.median(self.recorded_ms)) if self.recorded_ms else None,
            "recorded_worst_ms": max(self.recorded_ms, default=None),
            "trials": len(samples),
            "recorded_trials": len(self.recorded_ms),
        }

    def as_text(self) -> str:
        """One line: medians and, in brackets, worst cases."""
        d = self.as_dict()
        text = (
            f"{d['median_ms']:.1f} ms ({d['worst_ms']:.1f}): until its block {d['wait_median_ms']:.1f} "
            f"({d['wait_worst_ms']:.1f}) + in the engine {d['engine_median_ms']:.1f} ({d['engine_worst_ms']:.1f})"
        )
        if self.recorded_ms:
            text += f"; back from the monitor after {d['recorded_median_ms']:.1f} ({d['recorded_worst_ms']:.1f})"
        return text


@dataclass(frozen=True)
class LatencyFigures:
    """All that was measured, and under which circumstances."""

    device: str
    running: bool  # False: no device, the null clock pulled the blocks
    rate: int
    block: int
    device_latency_ms: float  # after the audio process, as the system states it
    priority: str
    underruns: int
    late_blocks: int
    relieved: float  # share of the blocks played at less than the quality asked for
    note: str  # bank note that was played
    dimension: int  # slider that was moved
    note_on: Latency
    control: Latency

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "device": self.device,
            "note_on_ms": self.note_on.median_ms,
            "control_ms": self.control.median_ms,
            "latency": {
                "rate": self.rate,
                "block": self.block,
                "device_latency_ms": self.device_latency_ms if self.running else None,
                "priority": self.priority,
                "underruns": self.underruns if self.running else None,
                "late_blocks": self.late_blocks,
                "relieved": self.relieved,
                "note": self.note,
                "dimension": self.dimension,
                "window_ms": WINDOW / ENGINE_RATE * 1e3,
                "note_on": self.note_on.as_dict(),
                "control": self.control.as_dict(),
            },
        }

    def as_text(self) -> str:
        """Lines for a terminal."""
        less = f"\n  too busy a machine: {self.relieved:.0%} of the blocks at less quality" if self.relieved else ""
        after = f"{self.device_latency_ms:.1f} ms of its own buffer come after it" if self.running else "no device"
        return (
            f"latency on {self.device} at {self.rate} Hz and {self.block} frames, median (worst of "
            f"{len(self.control.wait_ms)}); {after}\n"
            f"  key to first sound: {self.note_on.as_text()}\n"
            f"  slider to half of the change: {self.control.as_text()}{less}"
        )


def measure_latency(
    model: str,
    settings: DeviceSettings,
    trials: int = TRIALS,
    *,
    quality: str = DEFAULT_QUALITY,
    record: bool = False,
    engine: str = ENGINE,
) -> LatencyFigures:
    """Measure on an output, or on the null clock where there is no default one; about 0.6 s for each trial.

    Args:
        model: path of the model file; which slider of which note is moved is chosen by ``choose_step``.
        settings: the output, its rate and block size.
        trials: keys pressed, and slider steps made.
        quality: of ``engine.quality.QUALITIES``.
        record: also record the default output's monitor with ``parec``; makes sense only where that is the output.
        engine: dotted name of the engine's module.

    Raises:
        UserError: the model cannot be used, the machine is too busy, or there is nothing to record.
    """
    if trials < 1:
        raise UserError(f"{trials} trials; at least 1 is needed")
    return figures_of(record_take(choose_step(model, quality), settings, trials, record=record, engine=engine))


def figures_of(take: LatencyRecording) -> LatencyFigures:
    """Time every event of a take. Errors as ``half_change`` and ``first_audible``."""
    state, meters = take.launched.state, take.meters
    note_on = [_onset(take, trial) for trial in take.notes]
    control = [half_change(take.frames, trial.applied - take.start) for trial in take.changes]
    return LatencyFigures(
        device=take.launched.device,
        running=state.running,
        rate=state.settings.rate if state.running else ENGINE_RATE,
        block=state.settings.block,
        device_latency_ms=state.latency_ms,
        priority=meters.priority,
        underruns=meters.underruns,
        late_blocks=meters.late_blocks,
        relieved=take.relieved,
        note=take.step.note,
        dimension=take.step.dimension,
        note_on=_latency(take, take.notes, note_on),
        control=_latency(take, take.changes, control),
    )


def _onset(take: LatencyRecording, trial: LatencyTrial) -> float:
    """Samples from a key's block to its first sound."""
    at = trial.applied - take.start
    return float(first_audible(take.frames[at : at + SETTLE]))


def _latency(take: LatencyRecording, trials: tuple[LatencyTrial, ...], samples: list[float]) -> Latency:
    recorded = [_recorded_ms(take, trial, count) for trial, count in zip(trials, samples, strict=True)]
    return Latency(
        wait_ms=tuple((trial.began_s - trial.sent_s) * 1e3 for trial in trials),
        engine_samples=tuple(samples),
        block=take.launched.state.settings.block,
        recorded_ms=tuple(ms for ms in recorded if ms is not None),
    )


def _recorded_ms(take: LatencyRecording, trial: LatencyTrial, samples: float) -> float | None:
    """When the sample looked for came back; None where the recording does not hold what was rendered."""
    monitor = take.monitor
    if monitor is None:
        return None
    place = trial.applied - take.start + round(samples)
    first = max(place - _LOOK_BACK, 0)
    recording = monitor.samples()
    low, high = monitor.index_at(trial.sent_s - 1.0), monitor.index_at(trial.sent_s + _RECORDED_WITHIN_S)
    found = find_in(recording[low:high], take.frames[first : place + _LOOK_ON])
    if found is None:
        return None
    return (monitor.arrived_s(low + found + place - first) - trial.sent_s) * 1e3
