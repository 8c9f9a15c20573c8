"""ABX tests: whether two sounds can be told apart by ear, with the probability of as good a result by guessing.

In each trial, X is one of A and B, chosen at random. The listener says which. (Munson and Gardner, "Standardizing
auditory tests", J. Acoust. Soc. Am. 22, 1950.)
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from synth_app.support.errors import UserError

Side = Literal["a", "b"]
SIDES: tuple[Side, Side] = ("a", "b")
MAX_TRIALS = 100
SIGNIFICANT = 0.05
USUAL_TRIALS = 16
_LISTENER, _ENOUGH_POWER = 0.75, 0.8  # right answers of the listener who should be found, and in how many tests


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
        return _by_guessing(self.right, self.trials)

    @property
    def least_right(self) -> int | None:
        """Fewest right answers that show a difference; None if even all of them would not."""
        found = (right for right in range(self.trials + 1) if _by_guessing(right, self.trials) <= SIGNIFICANT)
        return next(found, None)

    @property
    def power(self) -> float:
        """Probability that a listener who is right three times out of four shows a difference in such a test."""
        return 0.0 if self.least_right is None else _at_least(self.least_right, self.trials, _LISTENER)

    def verdict(self) -> str:
        """Return the result in words, with what so few trials can show."""
        figures = f"{self.right} of {self.trials} right, p = {self.p_value:.3f}"
        if self.p_value <= SIGNIFICANT:
            return f"{figures}: you hear a difference."
        if self.least_right is None:
            return f"{figures}: so few trials show nothing, whatever the answers; do {USUAL_TRIALS}."
        text = f"{figures}: no difference was shown; guessing gives as good a result often enough."
        if self.power >= _ENOUGH_POWER:
            return text
        return (
            f"{text} There can still be one: in {self.trials} trials, a listener who is right three times out of four "
            f"reaches the {self.least_right} right answers that count in {100 * self.power:.0f} % of the tests."
        )


@dataclass
class AbxTest:
    """A test while it is taken.

    Attributes:
        hidden: what X is in each trial.
        answers: given so far.
    """

    hidden: tuple[Side, ...]
    answers: list[Side] = field(default_factory=list)

    @property
    def trial(self) -> int:
        """Number of the present trial, from 1; after the last one, of that."""
        return min(len(self.answers) + 1, len(self.hidden))

    @property
    def x(self) -> Side:
        """What X is in the present trial."""
        return self.hidden[self.trial - 1]

    @property
    def complete(self) -> bool:
        """Whether every trial has its answer."""
        return len(self.answers) == len(self.hidden)

    def answer(self, side: Side) -> None:
        """Answer the present trial. Raises ValueError after the last one."""
        if self.complete:
            raise ValueError("every trial has its answer")
        self.answers.append(side)

    def result(self) -> AbxResult:
        """Return the result of the answers so far."""
        return AbxResult.of(self.hidden[: len(self.answers)], self.answers)


def _by_guessing(right: int, trials: int) -> float:
    return _at_least(right, trials, 0.5)


def _at_least(right: int, trials: int, probability: float) -> float:
    """Return the probability of ``right`` or more right answers, each being right with the given probability."""
    return sum(
        math.comb(trials, k) * probability**k * (1.0 - probability) ** (trials - k) for k in range(right, trials + 1)
    )
