"""When a rendered sound is over: no voice, no effect rings, and nothing is heard any more."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from synth_app.patch import ENGINE_RATE

MAX_TAIL_S = 30.0  # the longest release has fallen by 180 dB then, the longest reverb by 90
SILENT = 10.0 ** (-96.0 / 20.0)  # below the last of 16 bits


class Sounding(Protocol):
    """What of an engine says whether it may sound on."""

    clock: int

    @property
    def active_voices(self) -> int: ...
    @property
    def ringing(self) -> bool: ...
    def render(self, out: NDArray[np.float32]) -> None: ...


def ring_out(engine: Sounding, block: int) -> list[NDArray[np.float32]]:
    """What effects ring on for after the last sample rendered, ``MAX_TAIL_S`` at most: blocks float32 [block, 2]."""
    blocks: list[NDArray[np.float32]] = []
    last = engine.clock + round(MAX_TAIL_S * ENGINE_RATE)
    while engine.ringing and engine.clock < last:
        blocks.append(np.zeros((block, 2), np.float32))
        engine.render(blocks[-1])
    return blocks


def without_end(audio: NDArray[np.float32], shortest: int) -> NDArray[np.float32]:
    """Cut the silence after the last sound, but nothing of the first ``shortest`` samples."""
    sounding = np.flatnonzero(np.abs(audio).max(axis=1) >= SILENT)
    return audio[: max(shortest, int(sounding[-1]) + 1 if len(sounding) else 0)]
