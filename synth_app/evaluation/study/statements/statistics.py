"""Paired comparisons of two models over the same notes: bootstrap intervals and Wilcoxon's signed-rank test."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth_app.evaluation.metrics.frame_rules import RuleErrors

Float64s = NDArray[np.float64]
CONFIDENCE = 0.95
RESAMPLES = 1999
_MIN_UNITS = 5  # no interval is computed for fewer notes or instruments


@dataclass(frozen=True)
class Comparison:
    """Comparison of one model with another.

    Attributes:
        value: ratio of pooled RMSE, or difference of means.
        low, high: bounds of the 95 % interval; NaN for too few units.
        p: p-value of Wilcoxon's signed-rank test, two-sided, over the units' own values.
        units: number of notes or instruments resampled.
    """

    value: float
    low: float
    high: float
    p: float
    units: int

    @property
    def decided(self) -> bool:
        """Whether there is an interval."""
        return bool(np.isfinite(self.low) and np.isfinite(self.high))

    def under(self, limit: float) -> bool:
        """Return whether the whole interval is below a limit."""
        return self.decided and self.high < limit

    def over(self, limit: float) -> bool:
        """Return whether the whole interval is above a limit."""
        return self.decided and self.low > limit

    def __str__(self) -> str:
        """Return the value with its interval."""
        if not self.decided:
            return f"{self.value:.3f}"
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def units_of(notes: Sequence[str], split: str) -> tuple[str, ...]:
    """Return the resampling unit of each note: the note, or on the instrument split its instrument.

    Errors of notes of one instrument are correlated. Where instruments were held out, they are the independent units.
    """
    return tuple(note.rsplit("-", 2)[0] if split == "instrument" else note for note in notes)


def compare_rmse(a: RuleErrors, b: RuleErrors, units: Sequence[str]) -> Comparison:
    """Return the pooled RMSE of a over that of b, on the same frames of the same notes.

    The interval is BCa (Efron 1987) over units. Wilcoxon's test takes each unit's own RMSE.
    """
    frames = np.array(a.frames, np.float64)
    squares = np.array([a.mean_squares, b.mean_squares]) * frames
    sums = _by_unit(np.vstack([squares, frames]), units)
    sums = sums[:, sums[2] > 0]
    own = np.sqrt(sums[:2] / sums[2])
    return _compare(sums[0], sums[1], _root_ratio, own[0], own[1])


def compare_means(a: Sequence[float] | Float64s, b: Sequence[float] | Float64s, units: Sequence[str]) -> Comparison:
    """Return the mean of a minus the mean of b, over the same notes."""
    sums = _by_unit(np.array([a, b, np.ones(len(a))]), units)
    means = sums[:2] / sums[2]
    return _compare(means[0], means[1], _mean_difference, means[0], means[1])


def _compare(x: Float64s, y: Float64s, statistic: Any, own_x: Float64s, own_y: Float64s) -> Comparison:
    from scipy.stats import bootstrap, wilcoxon

    value = float(statistic(x, y, axis=-1))
    nan = float("nan")
    if len(x) < _MIN_UNITS or np.array_equal(x, y):
        return Comparison(value, nan, nan, nan, len(x))
    found = bootstrap(
        (x, y), statistic, paired=True, vectorized=True, n_resamples=RESAMPLES, confidence_level=CONFIDENCE,
        batch=200, rng=np.random.default_rng(0),
    )  # fmt: skip
    interval = found.confidence_interval
    p = float(wilcoxon(own_x, own_y).pvalue)
    return Comparison(value, float(interval.low), float(interval.high), p, len(x))


def _by_unit(values: Float64s, units: Sequence[str]) -> Float64s:
    """Sum values [rows, notes] by unit to [rows, units]."""
    names, index = np.unique(np.array(units), return_inverse=True)
    out = np.zeros((len(values), len(names)))
    for row, of_notes in zip(out, values, strict=True):
        np.add.at(row, index, of_notes)
    return out


def _root_ratio(x: Float64s, y: Float64s, axis: int = -1) -> Float64s:
    return np.asarray(np.sqrt(x.sum(axis=axis) / y.sum(axis=axis)))


def _mean_difference(x: Float64s, y: Float64s, axis: int = -1) -> Float64s:
    return np.asarray(x.mean(axis=axis) - y.mean(axis=axis))
