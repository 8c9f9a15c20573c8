"""What the filter costs per block: the same voices with it and without it."""

from dataclasses import dataclass

import numpy as np

from synth_app.benchmarks.correction_cost import BLOCK, VOICES, holding, times_in_turns
from synth_app.modelfile import load_model_file
from synth_app.patch.patch import ENGINE_RATE, Patch


@dataclass(frozen=True)
class FilterCost:
    """Medians of the time per block, rendered in turns, in ms.

    Attributes:
        voices, block: held voices, frames of a block.
        off_ms: without the filter.
        on_ms: with a low-pass of four poles that follows its envelope, keys and velocity.
    """

    voices: int
    block: int
    off_ms: float
    on_ms: float

    def as_text(self) -> str:
        """Return one line for a terminal."""
        return (
            f"{self.voices} voices, ms per block of {self.block}: {self.on_ms:.3f} with the filter, "
            f"{self.off_ms:.3f} without (x {self.on_ms / self.off_ms:.2f})"
        )


def filter_cost(patch: Patch, seconds: float) -> FilterCost:
    """Measure with ``seconds`` of audio each.

    Raises:
        UserError: the model cannot be loaded.
    """
    file = load_model_file(patch.model)
    filtered = patch
    for name in ("filter_on", "filter_poles", "filter_env_oct", "filter_key", "filter_velocity_oct"):
        filtered = filtered.with_param(name, 1.0)
    # an engine that is made later is up to 4 % faster, so each kind is made first and last
    engines = tuple(holding(file, each) for each in (patch, filtered, filtered, patch))
    first, second, third, last = np.median(times_in_turns(engines, int(seconds * ENGINE_RATE / BLOCK)), axis=0) * 1e3
    return FilterCost(VOICES, BLOCK, float(first + last) / 2, float(second + third) / 2)
