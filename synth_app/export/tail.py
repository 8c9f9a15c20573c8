"""The end of a render: how long to render on after the last event, and where to cut the file."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from synth_app.patch import ENGINE_RATE

MAX_TAIL_S = 30.0  # the longest release has fallen by 180 dB then, the longest reverb by 90
SILENT = 10.0 ** (-96.0 / 20.0)  # below the last of 16 bits


class RenderingEngine(Protocol):
    """The part of an engine that reports whether its output may continue."""

    clock: int

    @property
    def active_voices(self) -> int: ...
    @property
    def ringing(self) -> bool: ...
    def render(self, out: NDArray[np.float32]) -> None: ...


def render_tail(engine: RenderingEngine, block: int) -> list[NDArray[np.float32]]:
    """Render on until the effects are silent, for at most ``MAX_TAIL_S``.

    Returns:
        blocks of float32 [block, 2].
    """
    blocks: list[NDArray[np.float32]] = []
    last = engine.clock + round(MAX_TAIL_S * ENGINE_RATE)
    while engine.ringing and engine.clock < last:
        blocks.append(np.zeros((block, 2), np.float32))
        engine.render(blocks[-1])
    return blocks


def trim_silence(audio: NDArray[np.float32], min_samples: int) -> NDArray[np.float32]:
    """Cut the silence at the end, but keep at least the first ``min_samples`` samples."""
    active = np.flatnonzero(np.abs(audio).max(axis=1) >= SILENT)
    return audio[: max(min_samples, int(active[-1]) + 1 if len(active) else 0)]
