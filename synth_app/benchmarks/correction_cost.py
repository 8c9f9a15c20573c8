"""What corrections and shares of noise cost per block: the same voices with and without them."""

import time
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from synth_app.engine.engine import Engine
from synth_app.engine.instrument import Instrument
from synth_app.modelfile import load_model_file
from synth_app.modelfile.content import ModelFile
from synth_app.patch.patch import ENGINE_RATE, MAX_VOICES, NoteOn, Patch

BLOCK = 128
VOICES = 32
_WARM_UP_BLOCKS = 40


@dataclass(frozen=True)
class CorrectionCost:
    """Medians of the time per block, rendered in turns, in ms.

    Attributes:
        voices, block: held voices, frames of a block.
        corrected_ms: with Detail 1.
        plain_ms: the same notes with neither corrections nor shares of noise.
    """

    voices: int
    block: int
    corrected_ms: float
    plain_ms: float

    def as_text(self) -> str:
        """Return one line for a terminal."""
        return (
            f"{self.voices} voices, ms per block of {self.block}: {self.corrected_ms:.3f} with corrections, "
            f"{self.plain_ms:.3f} without (x {self.corrected_ms / self.plain_ms:.2f})"
        )


def correction_cost(patch: Patch, seconds: float) -> CorrectionCost:
    """Measure with ``seconds`` of audio each.

    Raises:
        UserError: the model cannot be loaded.
    """
    file = load_model_file(patch.model)
    plain = replace(file, bank=tuple(replace(note, correction=None) for note in file.bank))
    engines = (holding(file, patch.with_param("detail", 1.0)), holding(plain, patch))
    medians = np.median(times_in_turns(engines, int(seconds * ENGINE_RATE / BLOCK)), axis=0) * 1e3
    return CorrectionCost(VOICES, BLOCK, *(float(ms) for ms in medians))


def holding(file: ModelFile, patch: Patch) -> Engine:
    """Return an engine that holds ``VOICES`` notes of different keys."""
    instrument = Instrument(file, patch.model, patch.quality, MAX_VOICES, seed=0)
    instrument.rehearse()
    engine = Engine()
    engine.install(instrument, patch)
    for i in range(VOICES):
        engine.post(NoteOn(36 + i))
    return engine


def times_in_turns(engines: tuple[Engine, ...], blocks: int) -> NDArray[np.float64]:
    """Render one block of 128 frames of each engine after the other; return seconds [blocks, engines]."""
    out = np.zeros((BLOCK, 2), np.float32)
    times = np.empty((_WARM_UP_BLOCKS + blocks, len(engines)))
    for row in times:
        for column, engine in enumerate(engines):
            start = time.perf_counter()
            engine.render(out)
            row[column] = time.perf_counter() - start
    return times[_WARM_UP_BLOCKS:]
