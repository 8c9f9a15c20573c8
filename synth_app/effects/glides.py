"""Values that glide between blocks' targets, and the state that all effects with a tail share."""

import math
from collections.abc import Callable, Sequence

import numpy as np

from synth_app.effects.sample_kernels import (
    AWAKE,
    DRY,
    FADE_LEFT,
    FADE_SAMPLES,
    MOVING,
    SEND,
    STATUS_SIZE,
    Floats,
    Glides,
    Ints,
)

Coefficients = Sequence[float]  # smoothing coefficient per sample of every parameter of the table


def new_glides(first: Sequence[float], coefficients: Coefficients) -> Glides:
    """Make values that start at ``first`` and do not glide yet."""
    now: Floats = np.array(first, np.float64)
    return Glides(now, now.copy(), np.array(coefficients, np.float64))


class Tail:
    """Mix, sleep and fade-out of an effect with a tail.

    Args:
        coefficients: of the values beside the dry and the sent gain.
        mix_coefficient: of these two gains.
    """

    def __init__(self, coefficients: Coefficients, mix_coefficient: float) -> None:
        first = (1.0, 0.0, *(0.0 for _ in coefficients))
        self.glides = new_glides(first, (mix_coefficient, mix_coefficient, *coefficients))
        self.status: Ints = np.zeros(STATUS_SIZE, np.int64)
        self._begun = False

    @property
    def awake(self) -> bool:
        """Whether the tail sounds, or may sound soon."""
        return bool(self.status[AWAKE])

    @property
    def idle(self) -> bool:
        """Whether the effect leaves all samples unchanged."""
        return not self.status[AWAKE] and self.glides.targets[SEND] == 0.0

    def set_targets(self, mix: float, set_values: Callable[[Floats], None]) -> None:
        """Glide to another mix at equal power; at mix 0 the tail rings out unchanged.

        Args:
            mix: gain of the effect relative to the input, 0-1.
            set_values: sets the targets of the other values; not called at mix 0.
        """
        now, targets = self.glides.now, self.glides.targets
        if self.idle:
            now[: SEND + 1] = targets[: SEND + 1]
        targets[DRY] = math.cos(0.5 * math.pi * mix) if mix < 1.0 else 0.0
        targets[SEND] = math.sin(0.5 * math.pi * mix)
        self.status[MOVING] = 1
        if mix > 0.0:
            set_values(targets)
        if not self._begun:
            now[:] = targets
            self._begun = True

    def skip_silence(self) -> bool:
        """Process a silent block by doing nothing, as ``asleep`` would; return False while the tail is awake."""
        if self.awake:
            return False
        self.glides.now[: SEND + 1] = self.glides.targets[: SEND + 1]
        return True

    def fade_out(self) -> None:
        """Fade the tail to silence within 64 ms."""
        if self.awake and not self.status[FADE_LEFT]:
            self.status[FADE_LEFT] = FADE_SAMPLES
