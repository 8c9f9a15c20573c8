"""ABX tests: the choice is fair, and the p-value is that of the binomial test."""

import numpy as np
import pytest
from scipy.stats import binomtest

from synth_app.evaluation.abx import AbxResult, hidden_sides
from synth_app.support.errors import UserError


@pytest.mark.parametrize(("right", "trials"), [(0, 1), (1, 1), (9, 12), (12, 12), (6, 12), (60, 100)])
def test_the_p_value_is_that_of_the_binomial_test(right: int, trials: int) -> None:
    expected = binomtest(right, trials, 0.5, alternative="greater").pvalue
    assert AbxResult(right, trials).p_value == pytest.approx(expected, rel=1e-9)


def test_the_verdict_follows_the_usual_limit() -> None:
    assert "you hear a difference" in AbxResult(10, 12).verdict()  # p = 0.019
    assert "no difference was shown" in AbxResult(9, 12).verdict()  # p = 0.073
    assert "p = 0.019" in AbxResult(10, 12).verdict()


def test_x_is_a_as_often_as_b_and_does_not_follow_a_pattern() -> None:
    sides = [side for seed in range(200) for side in hidden_sides(50, seed)]
    heads = np.array([side == "a" for side in sides], float)
    assert abs(heads.mean() - 0.5) < 0.015  # three standard deviations of 10,000 throws
    assert abs(np.corrcoef(heads[:-1], heads[1:])[0, 1]) < 0.03
    assert hidden_sides(16, 3) == hidden_sides(16, 3)
    assert len({hidden_sides(30) for _ in range(5)}) == 5


def test_answers_are_compared_one_by_one() -> None:
    assert AbxResult.of(("a", "b", "b"), ("a", "a", "b")) == AbxResult(2, 3)
    for trials in (0, 101):
        with pytest.raises(UserError, match="12 to 16"):
            hidden_sides(trials)
