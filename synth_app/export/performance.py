"""Renders a performance: timed events in, samples out until the last sound is gone."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from synth_app.export.ending import MAX_TAIL_S, SILENT, without_end
from synth_app.export.render import write_wav
from synth_app.export.request import PerformanceRequest
from synth_app.patch import ENGINE_RATE

_BLOCK = ENGINE_RATE // 10
_QUIET_BLOCKS = 3  # in a row, before the end is believed: an echo may be under way


def render_performance(
    request: PerformanceRequest, progress: Callable[[float], None] | None = None
) -> NDArray[np.float32]:
    """The performance as the live engine plays it.

    Args:
        request: what to play.
        progress: told the share done, 0-1.

    Returns:
        float32 [samples, 2] at ``ENGINE_RATE``: the performance and, for ``MAX_TAIL_S`` at most, what rings on.

    Raises:
        UserError: the model cannot be loaded.
    """
    from synth_app.engine.engine import Engine, prepare_instrument, render_events  # compiled kernels: only here

    engine = Engine()
    engine.install(prepare_instrument(request.patch.model, quality_name=request.patch.quality), request.patch)
    blocks: list[NDArray[np.float32]] = []
    waiting = list(reversed(request.events))
    quiet = 0
    longest = request.samples + round(MAX_TAIL_S * ENGINE_RATE)
    while engine.clock < request.samples or waiting or (quiet < _QUIET_BLOCKS and engine.clock < longest):
        due = []
        while waiting and waiting[-1].time < engine.clock + _BLOCK:
            due.append(waiting.pop())
        blocks.append(render_events(engine, due, _BLOCK))
        sounding = engine.active_voices > 0 or engine.ringing
        silent = not sounding and float(np.abs(blocks[-1]).max()) < SILENT
        quiet = quiet + 1 if silent else 0
        if progress:
            progress(min(engine.clock / max(request.samples, 1), 1.0))
    return without_end(np.concatenate(blocks), request.samples)


def render_performance_file(request: PerformanceRequest, progress: Callable[[float], None] | None = None) -> float:
    """Render and write; the file's length in seconds. Errors as the two steps."""
    audio = render_performance(request, progress)
    write_wav(request, audio)
    return len(audio) / ENGINE_RATE
