"""Renders a performance: timed events go into the engine, and samples come out until the tail is silent."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from synth_app.export.render import rendering_engine, write_audio
from synth_app.export.request import PerformanceRequest
from synth_app.export.tail import MAX_TAIL_S, SILENT, trim_silence
from synth_app.patch import ENGINE_RATE

if TYPE_CHECKING:
    from synth_app.engine.engine import Engine

_BLOCK = ENGINE_RATE // 10
_QUIET_BLOCKS = 3  # in a row that end the render: an echo may follow a single quiet block


def render_performance(
    request: PerformanceRequest, progress: Callable[[float], None] | None = None
) -> NDArray[np.float32]:
    """Render the performance as the live engine plays it.

    Args:
        request: what to play.
        progress: called with the fraction done, 0-1.

    Returns:
        float32 [samples, 2] at ``ENGINE_RATE``: the performance and its tail, at most ``MAX_TAIL_S`` long.

    Raises:
        UserError: the model cannot be loaded.
    """
    with rendering_engine(request.patch) as engine:
        return _play(engine, request, progress)


def _play(
    engine: "Engine", request: PerformanceRequest, progress: Callable[[float], None] | None
) -> NDArray[np.float32]:
    """Play a performance with an engine that has the model; arguments as ``render_performance``."""
    from synth_app.engine.engine import render_events

    blocks: list[NDArray[np.float32]] = []
    waiting = list(reversed(request.events))
    quiet_blocks = 0
    max_samples = request.samples + round(MAX_TAIL_S * ENGINE_RATE)
    while engine.clock < request.samples or waiting or (quiet_blocks < _QUIET_BLOCKS and engine.clock < max_samples):
        due = []
        while waiting and waiting[-1].time < engine.clock + _BLOCK:
            due.append(waiting.pop())
        blocks.append(render_events(engine, due, _BLOCK))
        active = engine.active_voices > 0 or engine.ringing
        silent = not active and float(np.abs(blocks[-1]).max()) < SILENT
        quiet_blocks = quiet_blocks + 1 if silent else 0
        if progress:
            progress(min(engine.clock / max(request.samples, 1), 1.0))
    return trim_silence(np.concatenate(blocks), request.samples)


def render_performance_file(request: PerformanceRequest, progress: Callable[[float], None] | None = None) -> float:
    """Render and write a performance.

    Returns:
        the file's length in seconds.

    Raises:
        UserError: as ``render_performance`` and ``write_audio``.
    """
    return write_audio(request, render_performance(request, progress))
