"""Fit of the shape of soft strokes, from recordings of one note at several velocities."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth_app.modelfile.soft_shape import BANDS, VELOCITY_SPAN, band_basis, pack_soft
from synth_app.spectrum import FrameSpec

Float64s = NDArray[np.float64]
_PIVOT_HZ, _LOWEST_HZ = 1000.0, 20.0  # of the engine's tilt
_NEUTRAL_VELOCITY, _VELOCITY_RANGE = 100, 126  # as in the engine
_AUDIBLE_DB, _AUDIBLE_SLOPE_DB = -65.0, 6.0  # re the frame's maximum
_LEAST_CHANGE_DB = 1.5  # RMS: recordings that differ less are one recording at several levels
_COMPARED_S = 2.0
_FLOOR_PERCENTILE, _ABOVE_FLOOR_DB = 5.0, 22.0  # random levels of noise span about as much
_SMOOTHING, _LEAST_WEIGHT, _LEAST_SUM = 1e-3, 1e-4, 0.5


@dataclass(frozen=True)
class Stroke:
    """A recording of a note: MIDI velocity, and frames [frames, bins] in dB from its onset on."""

    velocity: int
    frames_db: NDArray[np.floating]


def fit_soft(recording: Stroke, others: Sequence[Stroke], spec: FrameSpec, tilt_db_per_octave: float) -> bytes:
    """Return the shape of a stroke ``VELOCITY_SPAN`` softer, as ``pack_soft``; empty if the strokes sound alike.

    The engine tilts the spectra of soft strokes too; the shape is what is left to add. Its mean level is 0: the level
    of a stroke is the engine's own.

    Args:
        recording: the one that the note's correction was fitted to.
        others: of the same note at other velocities.
        spec: of the frames.
        tilt_db_per_octave: the engine's tilt from the softest to the hardest stroke.
    """
    hz = np.maximum(np.arange(spec.bins) * spec.sample_rate / spec.n_fft, _LOWEST_HZ)
    octaves = np.log2(hz / _PIVOT_HZ)
    most = round(_COMPARED_S / spec.hop_seconds)
    own = _levels_db(recording, most)
    rows, changes, steps = [], [], []
    for other in others:
        frames = min(len(own), len(other.frames_db))
        softer = (recording.velocity - other.velocity) / VELOCITY_SPAN
        if not softer or frames < 2:
            continue
        theirs = _levels_db(other, most)
        change = _weighted_change_db(own[:frames], theirs[:frames], _floor_db(other, most))
        tilt = tilt_db_per_octave * (other.velocity - _NEUTRAL_VELOCITY) / _VELOCITY_RANGE * octaves
        rows.append((change - tilt) * softer)
        changes.append(change)
        steps.append(softer)
    weight = _audible(own).mean(axis=0)
    if not rows or max(_rms_about_mean(change, weight) for change in changes) < _LEAST_CHANGE_DB:
        return b""
    shape = np.sum(rows, axis=0) / float(np.sum(np.square(steps)))
    levels = _fit_bands(shape, weight)
    return pack_soft(levels - _loudness_change_db(band_basis(spec.bins) @ levels, own))


def _levels_db(stroke: Stroke, most: int) -> Float64s:
    frames = np.asarray(stroke.frames_db[:most], np.float64)
    return np.asarray(frames - frames.max(axis=1, keepdims=True))


def _audible(levels: Float64s) -> Float64s:
    return np.asarray(1.0 / (1.0 + np.exp((_AUDIBLE_DB - levels) / _AUDIBLE_SLOPE_DB)))


def _floor_db(stroke: Stroke, most: int) -> float:
    """Return the level re its maximum, per bin, up to which a recording may be noise of its file."""
    levels = np.asarray(stroke.frames_db[:most], np.float64)
    return float(np.percentile(levels, _FLOOR_PERCENTILE) - np.median(levels.max(axis=1)) + _ABOVE_FLOOR_DB)


def _weighted_change_db(own: Float64s, theirs: Float64s, floor_db: float) -> Float64s:
    """Return by how much the levels of another stroke differ, [bins], where they are audible in the recording.

    Levels at the floor of the other file tell only of a fall.
    """
    change = theirs - own
    weight = _audible(own) * ((theirs > floor_db) | (change < 0.0))
    return np.asarray((weight * change).sum(axis=0) / (weight.sum(axis=0) + _LEAST_SUM))


def _rms_about_mean(change: Float64s, weight: Float64s) -> float:
    mean = np.average(change, weights=weight)
    return float(np.sqrt(np.average((change - mean) ** 2, weights=weight)))


def _fit_bands(shape: Float64s, weight: Float64s) -> Float64s:
    """Return the levels [BANDS] whose interpolation is nearest to a shape [bins]; smooth where nothing is heard."""
    basis = band_basis(len(shape))
    root = np.sqrt(weight + _LEAST_WEIGHT)
    bends = np.diff(np.eye(BANDS), n=2, axis=0) * np.sqrt(_SMOOTHING * root @ root / BANDS)
    small = np.eye(BANDS) * np.sqrt(_SMOOTHING)
    system = np.concatenate([basis * root[:, None], bends, small])
    wanted = np.concatenate([shape * root, np.zeros(2 * BANDS - 2)])
    found: Float64s = np.linalg.lstsq(system, wanted, rcond=None)[0]
    return found


def _loudness_change_db(levels: Float64s, own: Float64s) -> float:
    """Return by how much levels [bins] change the power of frames."""
    power = 10.0 ** (own / 10.0)
    return float(10.0 * np.log10((power * 10.0 ** (levels / 10.0)).sum() / power.sum()))
