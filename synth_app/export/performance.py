"""Renders a performance: timed events go into the engine, and samples come out until the tail is silent."""

from collections.abc import Callable, Generator
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from synth_app.export.patch_text import patch_text
from synth_app.export.render import rendering_engine, write_audio
from synth_app.export.request import PerformanceRequest
from synth_app.export.tail import MAX_TAIL_S, SILENT, trim_silence
from synth_app.patch import ENGINE_RATE
from synth_app.support.files import check_target

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
    return np.concatenate([*performance_blocks(request, progress)])


def performance_blocks(
    request: PerformanceRequest, progress: Callable[[float], None] | None = None
) -> Generator[NDArray[np.float32]]:
    """Yield what ``render_performance`` returns in blocks, so that memory does not grow with the length.

    Arguments and errors as ``render_performance``.
    """
    with rendering_engine(request.patch) as engine:
        yield from _play(engine, request, progress)


def _play(
    engine: "Engine", request: PerformanceRequest, progress: Callable[[float], None] | None
) -> Generator[NDArray[np.float32]]:
    """Play a performance with an engine that has the model; arguments as ``render_performance``."""
    from synth_app.engine.engine import render_events

    tail: list[NDArray[np.float32]] = []  # the blocks that end after the performance: their silence is cut
    waiting = list(reversed(request.events))
    quiet_blocks = kept = 0
    max_samples = request.samples + round(MAX_TAIL_S * ENGINE_RATE)
    while engine.clock < request.samples or waiting or (quiet_blocks < _QUIET_BLOCKS and engine.clock < max_samples):
        due = []
        while waiting and waiting[-1].time < engine.clock + _BLOCK:
            due.append(waiting.pop())
        block = render_events(engine, due, _BLOCK)
        if engine.clock <= request.samples:
            kept = engine.clock
            yield block
        else:
            tail.append(block)
        active = engine.active_voices > 0 or engine.ringing
        silent = not active and float(np.abs(block).max()) < SILENT
        quiet_blocks = quiet_blocks + 1 if silent else 0
        if progress:
            progress(min(engine.clock / max(request.samples, 1), 1.0))
    if tail:
        yield trim_silence(np.concatenate(tail), request.samples - kept)


def render_performance_file(request: PerformanceRequest, progress: Callable[[float], None] | None = None) -> float:
    """Render and write a performance.

    Returns:
        the file's length in seconds.

    Raises:
        UserError: as ``render_performance`` and ``write_audio``.
    """
    check_target(request.path)
    with closing(performance_blocks(request, progress)) as blocks:
        return write_audio(request, blocks, patch_text(request))
