"""ABX tests: whether two sounds can be told apart by ear, with the probability of as good a result by guessing.

In each trial, X is one of A and B, chosen at random. The listener says which. (Munson and Gardner, "Standardizing
auditory tests", J. Acoust. Soc. Am. 22, 1950.)
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from synth_app.support.errors import UserError

Side = Literal["a", "b"]
SIDES: tuple[Side, Side] = ("a", "b")
MAX_TRIALS = 100
SIGNIFICANT = 0.05


def hidden_sides(trials: int, seed: int | None = None) -> tuple[Side, ...]:
    """Choose X of each trial at random.

    Args:
        trials: 1 to ``MAX_TRIALS``.
        seed: for the same choice again; None chooses differently each time.

    Raises:
        UserError: the number of trials is out of range.
    """
    if not 1 <= trials <= MAX_TRIALS:
        raise UserError(f"{trials} trials; choose 1 to {MAX_TRIALS}: 12 to 16 are usual")
    return tuple(SIDES[i] for i in np.random.default_rng(seed).integers(0, 2, trials))


@dataclass(frozen=True)
class AbxResult:
    """Right answers of a test.

    Attributes:
        right: number of right answers. trials: number of all answers.
    """

    right: int
    trials: int

    @classmethod
    def of(cls, hidden: Sequence[Side], answers: Sequence[Side]) -> "AbxResult":
        """Compare answers with what was hidden; both have the same length."""
        return cls(sum(x == y for x, y in zip(hidden, answers, strict=True)), len(hidden))

    @property
    def p_value(self) -> float:
        """Probability of at least as many right answers by guessing: one-sided binomial test with 1/2."""
        return sum(math.comb(self.trials, k) for k in range(self.right, self.trials + 1)) / 2.0**self.trials

    def verdict(self) -> str:
        """Return the result in words."""
        figures = f"{self.right} of {self.trials} right, p = {self.p_value:.3f}"
        if self.p_value <= SIGNIFICANT:
            return f"{figures}: you hear a difference."
        return f"{figures}: no difference was shown; guessing gives as good a result often enough."
