"""ABX tests: the choice is fair, and the p-value is that of the binomial test."""

import numpy as np
import pytest
from scipy.stats import binom, binomtest

from synth_app.evaluation.abx import AbxResult, AbxTest, hidden_sides
from synth_app.support.errors import UserError


@pytest.mark.parametrize(("right", "trials"), [(0, 1), (1, 1), (9, 12), (12, 12), (6, 12), (60, 100)])
def test_the_p_value_is_that_of_the_binomial_test(right: int, trials: int) -> None:
    expected = binomtest(right, trials, 0.5, alternative="greater").pvalue
    assert AbxResult(right, trials).p_value == pytest.approx(expected, rel=1e-9)


def test_the_verdict_follows_the_usual_limit() -> None:
    heard = "10 of 12 right. You hear the difference. Guessing does as well in 1.9 % of such tests (p = 0.019)."
    assert AbxResult(10, 12).verdict() == heard
    missed = AbxResult(9, 12).verdict()
    assert missed.startswith("9 of 12 right. No difference was shown. Guessing does as well in 7.3 % of such tests")


@pytest.mark.parametrize(("trials", "least"), [(1, None), (4, None), (5, 5), (12, 10), (16, 12), (100, 59)])
def test_the_least_number_of_right_answers_is_the_first_that_guessing_rarely_gives(
    trials: int, least: int | None
) -> None:
    assert AbxResult(0, trials).least_right == least
    rare = [k for k in range(trials + 1) if binomtest(k, trials, 0.5, alternative="greater").pvalue <= 0.05]
    assert (rare[0] if rare else None) == least


def test_a_verdict_is_honest_about_too_few_trials() -> None:
    few = AbxResult(4, 4).verdict()
    assert "Too few trials to show a difference, whatever the answers" in few
    assert "No difference" not in few
    some = AbxResult(9, 12)
    assert some.power == pytest.approx(binom.sf(9, 12, 0.75))
    missed = f"So few trials miss a small difference in {100 * (1 - some.power):.0f} % of tests"
    assert missed in some.verdict()
    assert "small difference" not in AbxResult(50, 100).verdict()


def test_a_test_takes_one_answer_for_each_trial() -> None:
    test = AbxTest(("a", "b", "b"))
    assert (test.trial, test.x, test.complete) == (1, "a", False)
    test.answer("a")
    assert (test.trial, test.x) == (2, "b")
    assert test.result() == AbxResult(1, 1)
    test.answer("a")
    test.answer("b")
    assert (test.trial, test.complete, test.result()) == (3, True, AbxResult(2, 3))
    with pytest.raises(ValueError, match="every trial"):
        test.answer("a")


@pytest.mark.parametrize(
    ("answers", "text"),
    [
        ("aabbb", "Trials 1, 2, 4, 5 right; 3 wrong"),
        ("aaabba", "Trials 1–5 right; 6 wrong"),
        ("bbb", "Trials 1–3 wrong"),
        ("a", "Trial 1 right"),
    ],
)
def test_right_and_wrong_trials_are_listed(answers: str, text: str) -> None:
    test = AbxTest(("a", "a", "a", "b", "b", "b", "a"))
    for each in answers:
        test.answer("b" if each == "b" else "a")
    assert test.marks() == text


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
