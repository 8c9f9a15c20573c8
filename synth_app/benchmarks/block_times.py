"""Measures rendering times of blocks in the real audio process while it plays many voices."""

import time
from dataclasses import dataclass

import numpy as np

from synth_app.audio.client.audio_client import AudioClient
from synth_app.audio.protocol.messages import DeviceSettings
from synth_app.benchmarks.launch import Launched, Reports, launch
from synth_app.patch import MAX_VOICES, NoteOn, Patch
from synth_app.support.early_process import ENGINE
from synth_app.support.errors import UserError

_LOWEST_NOTE = 30
_SETTLE_S = 0.5


@dataclass(frozen=True)
class LiveFigures:
    """Figures of one run of the audio process."""

    device: str  # "": null clock
    rate: int
    block: int
    voices: int  # sounding at the end
    blocks: int
    p50_ms: float
    p99_ms: float
    max_ms: float
    deadline_ms: float  # duration of a block
    late_blocks: int
    underruns: int
    faults: int
    startup_seconds: float  # from the request until Ready
    latency_ms: float  # of the device, as the system reports it
    priority: str


def measure_live(
    settings: DeviceSettings, patch: Patch, voices: int, seconds: float, *, engine: str = ENGINE
) -> LiveFigures:
    """Play ``voices`` held notes of ``patch`` for ``seconds`` in a new audio process, and measure its blocks.

    Raises:
        UserError: the device or the model cannot be used, or voices is not in 0-64.
    """
    if not 0 <= voices <= MAX_VOICES:
        raise UserError(f"{voices} voices; choose 0 to {MAX_VOICES}")
    reports = Reports()
    with AudioClient(reports, engine=engine, spare_after=None) as client:
        launched = launch(client, reports, settings, patch)
        for note in range(_LOWEST_NOTE, _LOWEST_NOTE + voices):
            client.send(NoteOn(note))
        time.sleep(_SETTLE_S)
        return _measure(client, launched, seconds)


def _measure(client: AudioClient, launched: Launched, seconds: float) -> LiveFigures:
    state, telemetry = launched.state, client.telemetry
    before, index = telemetry.meters(), telemetry.blocks_written
    work_ms = np.zeros(0, np.float32)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(min(1.0, max(end - time.monotonic(), 0.0)))
        blocks, index, _ = telemetry.blocks_since(index)
        work_ms = np.concatenate([work_ms, blocks["work_ms"]])
    after = telemetry.meters()
    if not len(work_ms):
        raise UserError("the device requested no block; choose another one")
    p50, p99, worst = np.percentile(work_ms, (50, 99, 100))
    return LiveFigures(
        device=state.name,
        rate=state.settings.rate,
        block=state.settings.block,
        voices=after.voices,
        blocks=len(work_ms),
        p50_ms=float(p50),
        p99_ms=float(p99),
        max_ms=float(worst),
        deadline_ms=state.settings.block / state.settings.rate * 1e3,
        late_blocks=after.late_blocks - before.late_blocks,
        underruns=after.underruns - before.underruns,
        faults=after.faults - before.faults,
        startup_seconds=launched.ready.startup_seconds,
        latency_ms=state.latency_ms,
        priority=after.priority,
    )
