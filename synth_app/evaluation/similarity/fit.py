"""Fits the metric: linear discriminant analysis of instruments, after the trend with the key is taken away."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth_app.evaluation.similarity.metric import Metric, key_powers, terms
from synth_app.support.eigenvectors import sorted_eigenvectors

Floats = NDArray[np.float64]
_SHRINKAGE = 0.2  # of the scatter within instruments towards a sphere; 0.4 finds 1 % less
_DIMENSIONS = 30
_INTERVALS = (12, 30)  # semitones: pairs of notes that an instrument's scatter is taken from
_MOST_NOTES = 16  # that count of an instrument, so that those with many keys do not outweigh the others


@dataclass(frozen=True, eq=False)
class LabelledSounds:
    """Sounds whose instruments are known.

    Attributes:
        features: float64 [n, FEATURES]. pitches: float64 [n], MIDI. instruments: int64 [n].
    """

    features: Floats
    pitches: Floats
    instruments: NDArray[np.int64]

    def of(self, chosen: NDArray[np.bool_]) -> "LabelledSounds":
        """Return some of the sounds."""
        return LabelledSounds(self.features[chosen], self.pitches[chosen], self.instruments[chosen])


def fit_metric(sounds: LabelledSounds) -> Metric:
    """Fit a metric to at least two instruments with notes an octave apart."""
    center = sounds.features.mean(axis=0)
    values = terms(sounds.features, sounds.pitches, center)
    trend = _trend(sounds, values)
    left = values - key_powers(sounds.pitches) @ trend
    mean, scale = left.mean(axis=0), left.std(axis=0) + 1e-6
    within, between = _scatters(sounds, (left - mean) / scale)
    size = len(within)
    within = (1.0 - _SHRINKAGE) * within + _SHRINKAGE * np.trace(within) / size * np.eye(size)
    powers, vectors = np.linalg.eigh(within)
    whitening = vectors / np.sqrt(powers) @ vectors.T
    found, axes = sorted_eigenvectors(whitening @ between @ whitening)
    found, axes = np.maximum(found[:_DIMENSIONS], 0.0), axes[:_DIMENSIONS]
    weighted = whitening @ axes.T * np.sqrt(found / (found + 1.0))
    f32 = np.float32
    return Metric(center.astype(f32), trend.astype(f32), mean.astype(f32), scale.astype(f32), weighted.astype(f32))


def _trend(sounds: LabelledSounds, values: Floats) -> Floats:
    """Return the least-squares slopes of values [n, terms] over the key within instruments, float64 [2, terms]."""
    powers, values = key_powers(sounds.pitches), values.copy()
    for instrument in np.unique(sounds.instruments):
        own = sounds.instruments == instrument
        powers[own] -= powers[own].mean(axis=0)
        values[own] -= values[own].mean(axis=0)
    return np.asarray(np.linalg.lstsq(powers, values, rcond=None)[0])


def _scatters(sounds: LabelledSounds, z: Floats) -> tuple[Floats, Floats]:
    """Return the scatter within instruments, over pairs at distant keys, and that of their means."""
    within, weight, means = np.zeros((z.shape[1],) * 2), 0.0, []
    for instrument in np.unique(sounds.instruments):
        own = np.flatnonzero(sounds.instruments == instrument)
        interval = np.abs(sounds.pitches[own][:, None] - sounds.pitches[own][None])
        a, b = np.nonzero(np.triu((interval >= _INTERVALS[0]) & (interval <= _INTERVALS[1])))
        if len(a):
            differences = z[own[a]] - z[own[b]]
            notes = min(len(own), _MOST_NOTES)
            within += differences.T @ differences / len(a) * notes / 2.0
            weight += notes
        means.append(z[own].mean(axis=0))
    return within / max(weight, 1.0), np.cov(np.array(means).T)
