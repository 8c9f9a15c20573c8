"""The learned metric: sounds of one instrument lie near each other, whatever their keys."""

from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synth_app.evaluation.similarity.features import FEATURES
from synth_app.support.errors import UserError
from synth_app.support.resources import resource_folder
from synth_app.support.tensor_files import read_arrays, save_arrays

METRIC_FILE = resource_folder("assets") / "similarity" / "metric.safetensors"
_MIDDLE_KEY, _KEY_SCALE = 60.0, 24.0
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Metric:
    """A map of features to points whose distance tells how unlike two sounds are.

    It is linear in the terms: the features, and their deviations from ``center`` times the key. With those, a feature
    may count for more at high keys than at low ones. The key is (MIDI pitch - 60) / 24.

    Attributes:
        center: float32 [FEATURES].
        trend: float32 [2, terms], what the terms gain with the key and with its square.
        mean, scale: float32 [terms], of what is left.
        axes: float32 [terms, dimensions].
    """

    center: NDArray[np.float32]
    trend: NDArray[np.float32]
    mean: NDArray[np.float32]
    scale: NDArray[np.float32]
    axes: NDArray[np.float32]

    def __post_init__(self) -> None:
        """Refuse arrays that do not fit each other. Raises ValueError."""
        terms = 2 * FEATURES
        shapes = (self.center.shape, self.trend.shape, self.mean.shape, self.scale.shape, self.axes.shape[:1])
        if shapes != ((FEATURES,), (2, terms), (terms,), (terms,), (terms,)) or self.axes.ndim != 2:
            raise ValueError(f"arrays of the shapes {shapes} are no metric of {FEATURES} features")

    def points(self, features: Floats, pitches: Floats) -> NDArray[np.float32]:
        """Return the points of sounds, float32 [n, dimensions], for features [n, FEATURES] and MIDI pitches [n]."""
        left = terms(features, pitches, self.center) - key_powers(pitches) @ self.trend
        return np.asarray((left - self.mean) / self.scale @ self.axes, np.float32)


def key_powers(pitches: Floats) -> Floats:
    """Return the key and its square, on the scale of ``Metric.trend``: float64 [n, 2]."""
    key = (np.asarray(pitches, np.float64) - _MIDDLE_KEY) / _KEY_SCALE
    return np.column_stack([key, key**2])


def terms(features: Floats, pitches: Floats, center: NDArray[np.floating]) -> Floats:
    """Return the features, and their deviations from ``center`` times the key: float64 [n, 2 FEATURES]."""
    return np.concatenate([features, (features - center) * key_powers(pitches)[:, :1]], axis=1)


@lru_cache(maxsize=1)
def shipped_metric() -> Metric:
    """Return the metric that comes with the program. Raises UserError if its file is missing or damaged."""
    arrays = read_arrays(METRIC_FILE)
    try:
        return Metric(**(arrays or {}))
    except (TypeError, ValueError) as error:
        raise UserError(f"{METRIC_FILE} is missing or damaged; install synth_app again") from error


def save_metric(metric: Metric, path: Path) -> None:
    """Write a metric. Raises UserError if the file cannot be written."""
    save_arrays(path, {field.name: getattr(metric, field.name) for field in fields(Metric)})
