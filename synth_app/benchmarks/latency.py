"""Measures latency through the real audio process: key to first sound, and slider to half of the change.

Each event is timed in two consecutive parts:

- *wait*: from just before the app sends the event until the audio process begins the block that applies it. It
  contains the pipe, the scheduler, and the time until the device requests its next block.
- *engine*: from that block's first sample to the target sample. It is counted in rendered samples (telemetry ring),
  so it depends only on the events' clock times; an offline render has the same.

Their sum is the time until the sample leaves the audio process. The device's buffer comes after it and is reported as
the system states it. Where the output's monitor can be recorded, a third figure contains it:

- *recorded*: from just before the app sends the event until the target sample returns from the monitor. Nothing is
  subtracted: it includes all buffers of the device, the monitor and the recorder.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from synth_app.audio.protocol.messages import DeviceSettings
from synth_app.benchmarks.latency_recording import LatencyRecording, TimedMessage, record_latency
from synth_app.benchmarks.latency_stimulus import choose_stimulus
from synth_app.benchmarks.monitor import find_excerpt
from synth_app.benchmarks.onset_detection import SETTLE, WINDOW, first_audible, half_change
from synth_app.patch import ENGINE_RATE
from synth_app.patch.quality import DEFAULT_QUALITY
from synth_app.support.early_process import ENGINE
from synth_app.support.errors import UserError

TRIALS = 12
_LOOK_BACK, _LOOK_ON = 2400, 9600  # samples before and after the target sample that are located in the recording
_RECORDED_WITHIN_S = 2.0


@dataclass(frozen=True)
class Latency:
    """Latency of one kind of event; one number per event, in the order played.

    Attributes:
        wait_ms: from sending to the start of the block that applied the event.
        engine_samples: from that block's first sample to the target sample.
        block: samples per block.
        recorded_ms: from sending to the sample's return from the monitor; empty if that was not recorded.
    """

    wait_ms: tuple[float, ...]
    engine_samples: tuple[float, ...]
    block: int
    recorded_ms: tuple[float, ...] = ()

    @property
    def total_ms(self) -> tuple[float, ...]:
        """Times from sending until the sample leaves the audio process."""
        return tuple(
            wait + samples / ENGINE_RATE * 1e3 for wait, samples in zip(self.wait_ms, self.engine_samples, strict=True)
        )

    @property
    def median_ms(self) -> float:
        """Median of ``total_ms``."""
        return float(np.median(self.total_ms))

    def as_dict(self) -> dict[str, float | None]:
        """Return medians and worst cases, for JSON."""
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
        """Return one line: medians and, in brackets, worst cases."""
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
    """All measured latencies and the conditions of the measurement."""

    device: str
    running: bool  # False: no device, the null clock ran
    rate: int
    block: int
    device_latency_ms: float  # after the audio process, as the system states it
    priority: str
    underruns: int
    late_blocks: int
    relieved: float  # fraction of the blocks at reduced quality
    note: str  # bank note played
    dimension: int  # latent dimension that was changed
    note_on: Latency
    control: Latency

    def as_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
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
        """Return lines for a terminal."""
        less = f"\n  machine too busy: {self.relieved:.0%} of the blocks at reduced quality" if self.relieved else ""
        after = f"its buffer adds {self.device_latency_ms:.1f} ms" if self.running else "no device"
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
    """Measure on an output, or on the null clock if there is no default output; takes about 0.6 s per trial.

    Args:
        model: path of the model file; ``choose_stimulus`` chooses the note and the slider.
        settings: the output, its rate and block size.
        trials: number of keys pressed, and of slider steps.
        quality: name of one of ``patch.quality.QUALITIES``.
        record: also record the monitor of the default output with ``parec``; useful only if that is the output.
        engine: dotted name of the engine's module.

    Raises:
        UserError: the model cannot be used, the machine is too busy, or there is nothing to record.
    """
    if trials < 1:
        raise UserError(f"{trials} trials; choose at least 1")
    return latency_figures(
        record_latency(choose_stimulus(model, quality), settings, trials, record=record, engine=engine)
    )


def latency_figures(recording: LatencyRecording) -> LatencyFigures:
    """Return the latency of every event of a recording. Errors as ``half_change`` and ``first_audible``."""
    state, meters = recording.launched.state, recording.meters
    note_on = [_onset(recording, timed) for timed in recording.notes]
    control = [half_change(recording.frames, timed.applied - recording.start) for timed in recording.changes]
    return LatencyFigures(
        device=recording.launched.device,
        running=state.running,
        rate=state.settings.rate if state.running else ENGINE_RATE,
        block=state.settings.block,
        device_latency_ms=state.latency_ms,
        priority=meters.priority,
        underruns=meters.underruns,
        late_blocks=meters.late_blocks,
        relieved=recording.relieved,
        note=recording.stimulus.note,
        dimension=recording.stimulus.dimension,
        note_on=_latency(recording, recording.notes, note_on),
        control=_latency(recording, recording.changes, control),
    )


def _onset(recording: LatencyRecording, timed: TimedMessage) -> float:
    """Return the samples from a key's block to its first sound."""
    at = timed.applied - recording.start
    return float(first_audible(recording.frames[at : at + SETTLE]))


def _latency(recording: LatencyRecording, messages: tuple[TimedMessage, ...], samples: list[float]) -> Latency:
    recorded = [_recorded_ms(recording, timed, count) for timed, count in zip(messages, samples, strict=True)]
    return Latency(
        wait_ms=tuple((timed.block_start_s - timed.sent_s) * 1e3 for timed in messages),
        engine_samples=tuple(samples),
        block=recording.launched.state.settings.block,
        recorded_ms=tuple(ms for ms in recorded if ms is not None),
    )


def _recorded_ms(recording: LatencyRecording, timed: TimedMessage, samples: float) -> float | None:
    """Return when the target sample returned from the monitor; None if it is not found in the recording."""
    monitor = recording.monitor
    if monitor is None:
        return None
    position = timed.applied - recording.start + round(samples)
    first = max(position - _LOOK_BACK, 0)
    monitored = monitor.samples()
    low, high = monitor.index_at(timed.sent_s - 1.0), monitor.index_at(timed.sent_s + _RECORDED_WITHIN_S)
    found = find_excerpt(monitored[low:high], recording.frames[first : position + _LOOK_ON])
    if found is None:
        return None
    return (monitor.arrived_s(low + found + position - first) - timed.sent_s) * 1e3
