"""Random choices for the parameters of patches."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from scipy.interpolate import CubicSpline

from synth_app.dataset.synthesis.key_press import RATE_HZ, Array

T = TypeVar("T")


def pick(rng: np.random.Generator, options: Sequence[T]) -> T:
    """Draw one of the options with equal probability."""
    return options[int(rng.integers(len(options)))]


def log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """Draw a number that is log-uniform between ``low`` and ``high``."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def random_bool(rng: np.random.Generator, probability: float) -> bool:
    """Return True with a probability."""
    return bool(rng.random() < probability)


def uniform_or_zero(rng: np.random.Generator, probability: float, low: float, high: float) -> float:
    """Draw uniformly between ``low`` and ``high`` with a probability, else return 0.

    Both cases use two random numbers.
    """
    value = float(rng.uniform(low, high))
    return value if random_bool(rng, probability) else 0.0


def smooth_noise(rng: np.random.Generator, samples: int, knots_hz: float) -> Array:
    """Draw a smooth random curve [samples] of zero mean and about unit deviation: a spline through normal knots."""
    count = max(4, round(samples / RATE_HZ * knots_hz) + 2)
    knots = rng.standard_normal(count)
    curve = CubicSpline(np.linspace(0.0, samples, count), knots - knots.mean())
    return np.asarray(curve(np.arange(samples)), np.float64)
