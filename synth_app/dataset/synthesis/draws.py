"""Random choices that patches are made of."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from scipy.interpolate import CubicSpline

from synth_app.dataset.synthesis.strike import RATE_HZ, Array

T = TypeVar("T")


def pick(rng: np.random.Generator, options: Sequence[T]) -> T:
    """One of the options, all equally likely."""
    return options[int(rng.integers(len(options)))]


def log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """A number whose logarithm is uniform between those of ``low`` and ``high``."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def chance(rng: np.random.Generator, probability: float) -> bool:
    """True with a probability."""
    return bool(rng.random() < probability)


def sometimes(rng: np.random.Generator, probability: float, low: float, high: float) -> float:
    """Uniform between ``low`` and ``high`` with a probability, else 0; draws as many numbers either way."""
    value = float(rng.uniform(low, high))
    return value if chance(rng, probability) else 0.0


def wander(rng: np.random.Generator, samples: int, knots_hz: float) -> Array:
    """A smooth random curve [samples] of zero mean and about unit deviation: a spline through normal knots."""
    count = max(4, round(samples / RATE_HZ * knots_hz) + 2)
    knots = rng.standard_normal(count)
    curve = CubicSpline(np.linspace(0.0, samples, count), knots - knots.mean())
    return np.asarray(curve(np.arange(samples)), np.float64)
