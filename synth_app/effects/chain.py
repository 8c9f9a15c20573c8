"""The effects of ``synth_app.params.effects``, one after another."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from synth_app.effects.processor import EffectProcessor
from synth_app.effects.sample_kernels import Samples
from synth_app.params import EFFECTS, PARAMS
from synth_app.params.effects import GROUP

_SAME_TEMPO = 1e-3  # relative; smaller changes are jitter of a MIDI clock, and must not crossfade the echoes


class EffectChain:
    """All registered effects on one stereo signal.

    Everything runs on the sample clock, so the block size does not change the result. Processing allocates nothing.

    Args:
        rate: sample rate in Hz.
    """

    def __init__(self, rate: float) -> None:
        coefficients = [_smoothing_coefficient(spec.smoothing_ms, rate) for spec in PARAMS]
        self._effects: tuple[EffectProcessor, ...] = tuple(
            effect.load_processor()(rate, coefficients) for effect in EFFECTS
        )
        self._positions = [i for i, spec in enumerate(PARAMS) if spec.group == GROUP]
        self._latest: tuple[float, ...] = ()
        self._tempo_bpm = 0.0

    @property
    def ringing(self) -> bool:
        """Whether a tail may sound on without any voice."""
        return any(effect.ringing for effect in self._effects)

    def set_targets(self, params: Sequence[float] | NDArray[np.float64], tempo_bpm: float) -> None:
        """Glide to a patch's parameters; the first call sets them at once.

        Args:
            params: values in their units, in table order.
            tempo_bpm: quarter notes per minute.
        """
        if abs(tempo_bpm - self._tempo_bpm) < _SAME_TEMPO * self._tempo_bpm:
            tempo_bpm = self._tempo_bpm
        latest = tuple(float(params[i]) for i in self._positions)
        if latest == self._latest and tempo_bpm == self._tempo_bpm:
            return
        self._latest, self._tempo_bpm = latest, tempo_bpm
        values = np.array(params, np.float64)
        for effect in self._effects:
            effect.set_targets(values, tempo_bpm)

    def process(self, out: Samples) -> None:
        """Change finite float32 samples [n, 2] in place; the result is finite.

        Give a C-contiguous array: the first array of another layout compiles the kernels again, which takes seconds.
        """
        silent = not out.any()
        for effect in self._effects:
            if not (silent and effect.skip_silence()):
                silent = False
                effect.process(out)

    def fade_out(self) -> None:
        """Fade all tails to silence within 64 ms."""
        for effect in self._effects:
            effect.fade_out()


def _smoothing_coefficient(smoothing_ms: float, rate: float) -> float:
    """Return the fraction of the distance to the target that a one-pole glide covers per sample."""
    return 1.0 - math.exp(-1.0 / (1e-3 * smoothing_ms * rate)) if smoothing_ms > 0.0 else 1.0
