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
_MARKS = ((True, "right"), (False, "wrong"))
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
        """Probability that such a test shows a small difference: one that a listener gets right 3 times out of 4."""
        return 0.0 if self.least_right is None else _at_least(self.least_right, self.trials, _LISTENER)

    @property
    def score(self) -> str:
        """The right answers in words: ``4 of 5 right``."""
        return f"{self.right} of {self.trials} right"

    def meaning(self) -> str:
        """Return what the score means: whether a difference is heard, and what so few trials can miss."""
        if self.least_right is None:
            return f"Too few trials to show a difference, whatever the answers: {USUAL_TRIALS} are usual."
        guessing = f"Guessing does as well in {_percent(self.p_value)} of such tests (p = {self.p_value:.3f})."
        if self.p_value <= SIGNIFICANT:
            return f"You hear the difference. {guessing}"
        text = f"No difference was shown. {guessing}"
        if self.power >= _ENOUGH_POWER:
            return text
        return f"{text} So few trials miss a small difference in {_percent(1.0 - self.power)} of tests."

    def verdict(self) -> str:
        """Return score and meaning."""
        return f"{self.score}. {self.meaning()}"


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

    def marks(self) -> str:
        """Return which answers are right: ``Trials 1, 2, 4, 5 right; 3 wrong``. Raises ValueError without an answer."""
        if not self.answers:
            raise ValueError("no trial has its answer")
        right = [x == y for x, y in zip(self.hidden, self.answers, strict=False)]
        parts = [([i for i, each in enumerate(right, 1) if each == kind], word) for kind, word in _MARKS]
        text = "; ".join(f"{_numbers(trials)} {word}" for trials, word in parts if trials)
        return f"{'Trial' if len(right) == 1 else 'Trials'} {text}"


def _numbers(trials: Sequence[int]) -> str:
    """Return ascending numbers as a list; three or more in a row as a range."""
    runs = list[list[int]]()
    for trial in trials:
        if runs and trial == runs[-1][-1] + 1:
            runs[-1].append(trial)
        else:
            runs.append([trial])
    texts = [f"{run[0]}–{run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs]
    return ", ".join(texts)


def _percent(fraction: float) -> str:
    """Return a fraction in percent; a small one with a decimal."""
    percent = 100.0 * fraction
    return f"{percent:.1f} %" if percent < 10.0 else f"{percent:.0f} %"


def _by_guessing(right: int, trials: int) -> float:
    return _at_least(right, trials, 0.5)


def _at_least(right: int, trials: int, probability: float) -> float:
    """Return the probability of ``right`` or more right answers, each being right with the given probability."""
    return sum(
        math.comb(trials, k) * probability**k * (1.0 - probability) ** (trials - k) for k in range(right, trials + 1)
    )
