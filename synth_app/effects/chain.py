"""The effects one after another, as one thing for the engine."""

import math
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from synth_app.effects.chorus import Chorus
from synth_app.effects.delay import Delay
from synth_app.effects.limiter import Limiter
from synth_app.effects.reverb import Reverb
from synth_app.effects.steps import Samples
from synth_app.effects.tilt import TiltEq
from synth_app.params import PARAMS

GROUP = "effects"
EFFECTS = ("eq", "chorus", "delay", "reverb", "limiter")  # in their order; each has a parameter "*_on"
_PLACES = [i for i, spec in enumerate(PARAMS) if spec.group == GROUP]
_SAME_TEMPO = 1e-3  # a clock's tempo trembles by less; echoes must not cross over for that


class Effect(Protocol):
    """What happens to a block."""

    def process(self, out: Samples) -> None:
        """Change float32 [n, 2] in place."""

    def rest(self) -> bool:
        """Whether a block of zeros would stay one; then it is as if it had been processed."""


class EffectChain:
    """Tilt EQ, chorus, delay, reverb, limiter of one stereo signal.

    Everything happens on the sample clock: ``aim`` between two blocks has the same effect however the samples before
    and after are cut. Nothing is allocated while samples are processed.

    Args:
        rate: Hz.
    """

    def __init__(self, rate: float) -> None:
        smoothing = [_share(spec.smoothing_ms, rate) for spec in PARAMS]
        self._eq, self._limiter = TiltEq(rate, smoothing), Limiter(rate, smoothing)
        self._chorus, self._delay, self._reverb = (
            Chorus(rate, smoothing), Delay(rate, smoothing), Reverb(rate, smoothing),
        )  # fmt: skip
        self._effects: tuple[Effect, ...] = (self._eq, self._chorus, self._delay, self._reverb, self._limiter)
        self._tails = (self._chorus.tail, self._delay.tail, self._reverb.tail)
        self._aimed: tuple[float, ...] = ()
        self._tempo_bpm = 0.0

    @property
    def ringing(self) -> bool:
        """Whether something may sound on without any voice."""
        return any(tail.awake for tail in self._tails)

    def aim(self, params: Sequence[float] | NDArray[np.float64], tempo_bpm: float) -> None:
        """Glide to a sound's parameters, in table order; the first call is where the sound begins.

        Args:
            params: values in their units.
            tempo_bpm: quarter notes per minute.
        """
        if abs(tempo_bpm - self._tempo_bpm) < _SAME_TEMPO * self._tempo_bpm:
            tempo_bpm = self._tempo_bpm
        aimed = tuple(float(params[i]) for i in _PLACES)
        if aimed == self._aimed and tempo_bpm == self._tempo_bpm:
            return
        self._aimed, self._tempo_bpm = aimed, tempo_bpm
        values = np.array(params, np.float64)
        self._eq.aim(values)
        self._chorus.aim(values)
        self._delay.aim(values, tempo_bpm)
        self._reverb.aim(values)
        self._limiter.aim(values)

    def process(self, out: Samples) -> None:
        """Change float32 [n, 2] in place: finite samples in, finite samples out."""
        silent = not out.any()
        for effect in self._effects:
            if not (silent and effect.rest()):
                silent = False
                effect.process(out)

    def hush(self) -> None:
        """Let all tails fade away within 64 ms."""
        for tail in self._tails:
            tail.hush()


def _share(smoothing_ms: float, rate: float) -> float:
    """Of the way to the target, per sample, of a one-pole glide."""
    return 1.0 - math.exp(-1.0 / (1e-3 * smoothing_ms * rate)) if smoothing_ms > 0.0 else 1.0
