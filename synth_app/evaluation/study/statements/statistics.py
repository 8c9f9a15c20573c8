"""Paired comparisons of two models over the same notes: BCa bootstrap over instruments, Wilcoxon, Holm."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any
from warnings import catch_warnings, simplefilter

import numpy as np
from numpy.typing import NDArray

from synth_app.evaluation.metrics.frame_rules import RuleErrors

Float64s = NDArray[np.float64]
Statistic = Callable[..., Float64s]
LEVEL = 0.05  # one minus the confidence of an interval
RESAMPLES = 9999
_MIN_UNITS = 5  # no interval is computed for fewer instruments


class Resampled:
    """The bootstrap distribution of a statistic over paired samples of units: intervals at any confidence."""

    def __init__(self, samples: tuple[NDArray[Any], ...], statistic: Statistic) -> None:
        self._samples, self._statistic = samples, statistic
        self.interval = lru_cache(self._interval)

    @cached_property
    def _found(self) -> Any:
        return self._bootstrap(n_resamples=RESAMPLES, rng=np.random.default_rng(0))

    def _bootstrap(self, **options: Any) -> Any:
        from scipy.stats import DegenerateDataWarning, bootstrap

        with np.errstate(invalid="ignore", divide="ignore"), catch_warnings():
            simplefilter("ignore", DegenerateDataWarning)  # see _interval
            return bootstrap(self._samples, self._statistic, paired=True, vectorized=True, batch=200,
                             method="BCa", **options)  # fmt: skip

    def _interval(self, level: float) -> tuple[float, float]:
        """Return the BCa interval, or that of percentiles where most resamples are one value and BCa is undefined."""
        found = self._bootstrap(n_resamples=0, bootstrap_result=self._found, confidence_level=1.0 - level)
        low, high = float(found.confidence_interval.low), float(found.confidence_interval.high)
        if np.isfinite(low) and np.isfinite(high):
            return low, high
        low, high = np.quantile(found.bootstrap_distribution, (level / 2.0, 1.0 - level / 2.0))
        return float(low), float(high)


@dataclass(frozen=True)
class Comparison:
    """Comparison of one model with another.

    Attributes:
        value: ratio of pooled RMSE, or difference of means.
        low, high: bounds of the 95 % interval; NaN for too few units.
        p: p-value of Wilcoxon's signed-rank test, two-sided, over the units' own values.
        units: number of instruments resampled.
        by_seed: the value of each seed, if there are several.
        resampled: for intervals at other confidences; None without an interval.
    """

    value: float
    low: float
    high: float
    p: float
    units: int
    by_seed: tuple[float, ...] = ()
    resampled: Resampled | None = field(default=None, compare=False, repr=False)

    @property
    def decided(self) -> bool:
        """Whether there is an interval."""
        return bool(np.isfinite(self.low) and np.isfinite(self.high))

    @property
    def spread(self) -> float | None:
        """Standard deviation between seeds; None for one seed."""
        return float(np.std(self.by_seed, ddof=1)) if len(self.by_seed) > 1 else None

    def under(self, limit: float, tests: int = 1) -> bool:
        """Return whether the whole interval is below a limit; its confidence is 1 - 0.05 / ``tests``."""
        return self._bounds(tests)[1] < limit

    def over(self, limit: float, tests: int = 1) -> bool:
        """Return whether the whole interval is above a limit; its confidence is 1 - 0.05 / ``tests``."""
        return self._bounds(tests)[0] > limit

    def _bounds(self, tests: int) -> tuple[float, float]:
        """Return the interval; NaN, which is on no side of a limit, if there is none."""
        if tests == 1 or self.resampled is None:
            return self.low, self.high
        return self.resampled.interval(LEVEL / tests)

    def __str__(self) -> str:
        """Return the value with its interval and the spread between seeds."""
        interval = f" [{self.low:.3f}, {self.high:.3f}]" if self.decided else ""
        spread = f" (± {self.spread:.3f} between {len(self.by_seed)} seeds)" if self.spread is not None else ""
        return f"{self.value:.3f}{interval}{spread}"


@dataclass(frozen=True)
class Claim:
    """One claim of a statement: a comparison whose interval is on one side of a limit."""

    found: Comparison
    limit: float
    below: bool

    def supported(self, tests: int = 1) -> bool:
        """Return whether the whole interval, at confidence 1 - 0.05 / ``tests``, is where the claim says."""
        return self.found.under(self.limit, tests) if self.below else self.found.over(self.limit, tests)

    @property
    def opposite(self) -> "Claim":
        """The claim that the whole interval is on the other side."""
        return Claim(self.found, self.limit, not self.below)


def holm(claims: Sequence[Claim]) -> list[int]:
    """Return the indices of the claims that hold where any of them may (Holm 1979).

    Step by step, those of the remaining ``m`` claims hold whose intervals at confidence 1 - 0.05 / m are on the claimed
    side, until none is left that does. The probability that any of them is wrong is at most 5 %.
    """
    left, holding = list(range(len(claims))), list[int]()
    while passing := [i for i in left if claims[i].supported(len(left))]:
        holding += passing
        left = [i for i in left if i not in passing]
    return sorted(holding)


def units_of(notes: Sequence[str]) -> tuple[str, ...]:
    """Return the resampling unit of each note: its instrument.

    Errors of notes of one instrument are correlated on both splits: over single notes, intervals would be too narrow.
    """
    return tuple(note.rsplit("-", 2)[0] for note in notes)


def compare_rmse(a: RuleErrors, b: RuleErrors, units: Sequence[str]) -> Comparison:
    """Return the pooled RMSE of a over that of b, on the same frames of the same notes.

    The interval is BCa (Efron 1987) over units. Wilcoxon's test takes each unit's own RMSE.
    """
    frames = np.array(a.frames, np.float64)
    squares = np.array([a.mean_squares, b.mean_squares]) * frames
    sums = sum_by_unit(np.vstack([squares, frames]), units)
    sums = sums[:, sums[2] > 0]
    own = np.sqrt(sums[:2] / sums[2])
    return _compare((sums[0], sums[1]), _root_ratio, own)


def compare_means(a: Sequence[float] | Float64s, b: Sequence[float] | Float64s, units: Sequence[str]) -> Comparison:
    """Return the mean over units of a minus that of b; a unit's value is the mean over its notes."""
    sums = sum_by_unit(np.array([a, b, np.ones(len(a))]), units)
    means = sums[:2] / sums[2]
    return _compare((means[0], means[1]), _mean_difference, means)


def resample(samples: tuple[NDArray[Any], ...], statistic: Statistic) -> Comparison:
    """Return a statistic of paired samples [..., units] with its BCa interval over units, without a p-value."""
    return _compare(samples, statistic, None)


def sum_by_unit(values: Float64s, units: Sequence[str]) -> Float64s:
    """Sum values [rows, notes] by unit to [rows, units]."""
    names, index = np.unique(np.array(units), return_inverse=True)
    out = np.zeros((len(values), len(names)))
    for row, of_notes in zip(out, values, strict=True):
        np.add.at(row, index, of_notes)
    return out


def _compare(samples: tuple[NDArray[Any], ...], statistic: Statistic, own: Float64s | None) -> Comparison:
    from scipy.stats import wilcoxon

    units, nan = samples[0].shape[-1], float("nan")
    value = float(statistic(*samples, axis=-1))
    equal = own is not None and np.array_equal(own[0], own[1])
    if units < _MIN_UNITS or equal:
        return Comparison(value, nan, nan, nan, units)
    resampled = Resampled(samples, statistic)
    low, high = resampled.interval(LEVEL)
    p = float(wilcoxon(own[0], own[1]).pvalue) if own is not None else nan
    return Comparison(value, low, high, p, units, resampled=resampled)


def _root_ratio(x: Float64s, y: Float64s, axis: int = -1) -> Float64s:
    return np.asarray(np.sqrt(x.sum(axis=axis) / y.sum(axis=axis)))


def _mean_difference(x: Float64s, y: Float64s, axis: int = -1) -> Float64s:
    return np.asarray(x.mean(axis=axis) - y.mean(axis=axis))
