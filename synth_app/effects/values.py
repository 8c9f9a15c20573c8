"""The numbers that an effect's loop reads: where they are, where they go, and how fast."""

import math
from collections.abc import Callable, Sequence

import numpy as np

from synth_app.effects.steps import AWAKE, DRY, HUSH, HUSH_SAMPLES, MARKS, MOVING, SEND, Floats, Ints

Smoothing = Sequence[float]  # share of the way per sample, for every parameter of the table


class Values:
    """Numbers that glide, as the three arrays of ``steps.glide``.

    Args:
        first: where they begin.
        shares: share of the way to the target per sample.
    """

    def __init__(self, first: Sequence[float], shares: Sequence[float]) -> None:
        self.now: Floats = np.array(first, np.float64)
        self.targets = self.now.copy()
        self.arrays = (self.now, self.targets, np.array(shares, np.float64))

    def jump(self) -> None:
        """Be at the targets."""
        self.now[:] = self.targets


class Tail:
    """The state that all effects with a tail share.

    Args:
        count: numbers that glide, beside the dry and the sent share.
        shares: of these numbers. mix_share: of those two.
    """

    def __init__(self, shares: Sequence[float], mix_share: float) -> None:
        self.values = Values((1.0, 0.0, *(0.0 for _ in shares)), (mix_share, mix_share, *shares))
        self.marks: Ints = np.zeros(MARKS, np.int64)
        self._begun = False

    @property
    def awake(self) -> bool:
        """Whether something sounds, or may sound soon."""
        return bool(self.marks[AWAKE])

    @property
    def idle(self) -> bool:
        """Whether it leaves all samples as they are."""
        return not self.marks[AWAKE] and self.values.targets[SEND] == 0.0

    def aim(self, mix: float, tell: Callable[[Floats], None]) -> None:
        """Go to another mix, 0-1, at equal power; at 0 the tail rings out just as it is.

        Args:
            mix: share of the effect.
            tell: called with the targets, to set the others; not at mix 0.
        """
        now, targets = self.values.now, self.values.targets
        if self.idle:
            now[: SEND + 1] = targets[: SEND + 1]
        targets[DRY] = math.cos(0.5 * math.pi * mix) if mix < 1.0 else 0.0
        targets[SEND] = math.sin(0.5 * math.pi * mix)
        self.marks[MOVING] = 1
        if mix > 0.0:
            tell(targets)
        if not self._begun:
            self.values.jump()
            self._begun = True

    def rest(self) -> bool:
        """As ``steps.asleep`` for a silent block; False while it is awake."""
        if self.awake:
            return False
        self.values.now[: SEND + 1] = self.values.targets[: SEND + 1]
        return True

    def hush(self) -> None:
        """Let the tail fade away at once."""
        if self.awake and not self.marks[HUSH]:
            self.marks[HUSH] = HUSH_SAMPLES
