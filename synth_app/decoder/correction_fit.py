"""Fit of a note's correction: what the decoder misses of its recording."""

import numpy as np
from numpy.typing import NDArray

from synth_app.decoder.model import Model
from synth_app.modelfile import BankNote
from synth_app.modelfile.correction import Correction, knot_basis

SHAPES = 8  # 9 KB a note at 1025 bins; three take half off the error that one mean leaves, eight two thirds
MOST_RAISED_DB = 40.0  # as the engine raises a decoded frame's maximum to 0 dB
_MAX_CORRECTION_DB = 40.0
_AUDIBLE_DB, _AUDIBLE_SLOPE_DB, _LEAST_WEIGHT = -65.0, 6.0, 0.05  # re the frame's maximum
_SMOOTHING = 1e-3  # of the knots: keeps a knot that no frame lies near at its neighbours' value


def fit_correction(
    model: Model, note: BankNote, frames_db: NDArray[np.floating], pitch: float, shapes: int = SHAPES
) -> Correction:
    """Fit the correction of a note.

    The differences are fitted by weighted least squares: first by values at the knots, then these by their strongest
    singular vectors (Eckart and Young 1936). Bins count by how audible they are in the recording.

    Args:
        model: decodes the note's path.
        note: the note, encoded.
        frames_db: [frames, bins], magnitudes of its recording in dB, as many as the path has.
        pitch: MIDI, fractions allowed, of the recording.
        shapes: number of moving shapes beside the mean.
    """
    floor = model.spec.floor_db
    wanted = _normalized(np.asarray(frames_db, np.float64), floor)
    decoded = _normalized(decoded_frames_db(model, note, pitch), floor)
    miss = np.clip(wanted - decoded, -_MAX_CORRECTION_DB, _MAX_CORRECTION_DB)
    audible = 1.0 / (1.0 + np.exp((_AUDIBLE_DB - wanted) / _AUDIBLE_SLOPE_DB))
    bin_weight = np.sqrt(_LEAST_WEIGHT + audible.mean(axis=0))
    basis = knot_basis(np.arange(len(miss)), len(miss), Correction.KNOTS)
    mean = miss.mean(axis=0)
    left, right = _orthonormal(basis)
    u, s, v = np.linalg.svd(left.T @ ((miss - mean) * bin_weight), full_matrices=False)
    count = min(shapes, len(s))
    weights = np.zeros((shapes, Correction.KNOTS))
    rows = np.zeros((shapes, miss.shape[1]))
    weights[:count] = (right @ (u[:, :count] * s[:count])).T
    rows[:count] = v[:count] / bin_weight
    return Correction.of(np.concatenate([mean[None], rows]), weights)


def decoded_frames_db(model: Model, note: BankNote, pitch: float) -> NDArray[np.float64]:
    """Return the decoded frames of a note's path, [frames, bins] in dB, their maxima at 0 dB as in the engine."""
    frames = model.decode(note.z, 0.0, pitch).astype(np.float64)
    raised = np.clip(-frames.max(axis=1, keepdims=True), -MOST_RAISED_DB, MOST_RAISED_DB)
    out: NDArray[np.float64] = frames + raised
    return out


def _normalized(frames_db: NDArray[np.float64], floor_db: float) -> NDArray[np.float64]:
    out: NDArray[np.float64] = np.maximum(frames_db - frames_db.max(axis=1, keepdims=True), floor_db)
    return out


def _orthonormal(basis: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return orthonormal columns Q that span the basis, and R with ``basis @ R = Q``, of a smoothed inverse."""
    u, s, v = np.linalg.svd(basis, full_matrices=False)
    inverse = s / (s * s + _SMOOTHING * s.max() ** 2)
    return u, v.T * inverse
