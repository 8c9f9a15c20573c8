"""Fit of a note's correction: what the decoder misses of its recording."""

import numpy as np
from numpy.typing import NDArray

from synth_app.decoder.heard_levels import heard_frames_db, noise_power
from synth_app.decoder.model import Model
from synth_app.modelfile import BankNote
from synth_app.modelfile.correction import Correction, knot_basis
from synth_app.modelfile.noise_share import unpack_noise
from synth_app.modelfile.path_smoothing import RESOLVED_BINS
from synth_app.spectrum import FrameSpec

SHAPES = 8  # 9 KB a note at 1025 bins; three take half off the error that one mean leaves, eight two thirds
MOST_RAISED_DB = 40.0  # as the engine raises a decoded frame's maximum to 0 dB
_MAX_CORRECTION_DB = 40.0
_AUDIBLE_DB, _AUDIBLE_SLOPE_DB, _LEAST_WEIGHT = -65.0, 6.0, 0.05  # re the frame's maximum
_NOISE_BIAS_DB = 2.51  # 10 log10(e^0.5772): the levels of a bin of Gaussian noise
_BIAS_REACH = 8  # frames to either side, several of which are independent
_PASSES, _MOST_LOST_DB = 2, 6.0  # of the fit to what is heard
_ATTACK_FRAMES = (2.0, 12.0)  # the phase stage's losses begin and are complete
_SMOOTH_BINS, _SMOOTH_RATIO = 1.0, 0.02  # half width in bins at 0 Hz, and its growth per bin
_SMOOTHING = 1e-3  # of the knots: keeps a knot that no frame lies near at its neighbours' value
_Basis = tuple[NDArray[np.float64], NDArray[np.float64]]  # as ``_orthonormal`` returns it


def fit_correction(
    model: Model, note: BankNote, frames_db: NDArray[np.floating], pitch: float, shapes: int = SHAPES,
    noise: bytes = b"", soft: bytes = b"", knots: int = Correction.KNOTS,
) -> Correction:  # fmt: skip
    """Fit the correction of a note.

    The differences are fitted by weighted least squares: first by values at the knots, then these by their strongest
    singular vectors (Eckart and Young 1936). Bins count by how audible they are in the recording.

    Args:
        model: decodes the note's path.
        note: the note, encoded.
        frames_db: [frames, bins], magnitudes of its recording in dB, as many as the path has.
        pitch: MIDI, fractions allowed, of the recording.
        shapes: number of moving shapes beside the mean.
        noise: share of noise of the recording, from ``fit_noise``.
        soft: shape of soft strokes, from ``fit_soft``.
        knots: number of the shapes' knots in time.
    """
    floor = model.spec.floor_db
    levels = np.asarray(frames_db, np.float64)
    wanted = _normalized(levels + _noise_fraction(levels, noise, model, pitch) * noise_bias_db(levels), floor)
    decoded = _normalized(decoded_frames_db(model, note, pitch), floor)
    miss = np.clip(wanted - decoded, -_MAX_CORRECTION_DB, _MAX_CORRECTION_DB)
    weight = np.sqrt(_LEAST_WEIGHT + _audible(wanted).mean(axis=0))
    lost = np.zeros_like(miss)
    resolved = partial_spacing(model.spec, pitch) >= RESOLVED_BINS  # the engine rebuilds the partials of lower notes
    count = _PASSES if noise and resolved else 0
    basis = _orthonormal(knot_basis(np.arange(len(miss)), len(miss), knots))
    heard = _smoothed_db(levels) if count else levels
    for passes in range(count + 1):
        mean, rows, weights = _fit_shapes(miss + lost, weight, shapes, basis)
        made = Correction.of(np.concatenate([mean[None], rows]), weights, noise, soft, max(note.velocity, 1))
        if passes < count:
            lost = np.clip(
                lost + _lost_levels_db(made, model, note, decoded, heard, pitch), -_MOST_LOST_DB, _MOST_LOST_DB
            )
    return made


def _fit_shapes(
    miss: NDArray[np.float64], weight: NDArray[np.float64], shapes: int, basis: _Basis
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return mean [bins], shapes [shapes, bins] and their weights at the knots [shapes, knots] of level differences.

    Args:
        miss: [frames, bins] in dB. weight: of the bins [bins]. shapes: their number. basis: of the knots in time.
    """
    mean = miss.mean(axis=0)
    left, right = basis
    u, s, v = np.linalg.svd(left.T @ ((miss - mean) * weight), full_matrices=False)
    count = min(shapes, len(s))
    weights = np.zeros((shapes, len(right)))
    rows = np.zeros((shapes, miss.shape[1]))
    weights[:count] = (right @ (u[:, :count] * s[:count])).T
    rows[:count] = v[:count] / weight
    return mean, rows, weights


def _audible(levels_db: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how audible levels re their frame's maximum are, 0-1."""
    out: NDArray[np.float64] = 1.0 / (1.0 + np.exp((_AUDIBLE_DB - levels_db) / _AUDIBLE_SLOPE_DB))
    return out


def noise_bias_db(frames_db: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the level of every bin's mean power over its mean level in dB, [bins]: 0 for tones, 2.5 dB for noise.

    A correction cannot follow the random levels of noise. It holds their mean in dB, at which the noise that is played
    would be too soft.

    Args:
        frames_db: [frames, bins].
    """
    half = min(_BIAS_REACH, (len(frames_db) - 1) // 2)
    sums = np.concatenate([np.zeros((1, frames_db.shape[1])), np.cumsum(frames_db, axis=0)])
    around = (sums[2 * half + 1 :] - sums[: -2 * half - 1]) / (2 * half + 1)
    deviation = frames_db[half : half + len(around)] - around
    bias: NDArray[np.float64] = 10.0 * np.log10(np.mean(10.0 ** (deviation / 10.0), axis=0))
    return np.minimum(bias, _NOISE_BIAS_DB)


def _noise_fraction(frames_db: NDArray[np.float64], noise: bytes, model: Model, pitch: float) -> NDArray[np.float64]:
    """Return the mean fraction of noise in every bin, [bins]; 0 if the share of noise is not known."""
    if not noise:
        return np.zeros(frames_db.shape[1])
    power = np.mean(10.0 ** (frames_db / 10.0), axis=0, keepdims=True)
    share_db = unpack_noise(noise).mean(axis=0, keepdims=True, dtype=np.float64)
    noise_level = noise_power(power, share_db, partial_spacing(model.spec, pitch))
    return np.asarray(np.minimum(noise_level / np.maximum(power, 1e-30), 1.0)[0])


def _lost_levels_db(
    correction: Correction, model: Model, note: BankNote, decoded: NDArray[np.float64], wanted: NDArray[np.float64],
    pitch: float,
) -> NDArray[np.float64]:  # fmt: skip
    """Return by how much levels [frames, bins] are heard below those of the recording, in the mean after its attack.

    ``wanted`` are the recording's, smoothed.
    """
    n, at = len(decoded), np.arange(len(decoded))
    share = correction.noise_db(at, n).astype(np.float64) if correction.noise else None
    made = decoded + correction.levels_db(at, n) + note.gain_db[:, None]
    heard = heard_frames_db(made, share, pitch, model.spec)
    found = _smoothed_db(heard)
    settled = np.clip((at - _ATTACK_FRAMES[0]) / (_ATTACK_FRAMES[1] - _ATTACK_FRAMES[0]), 0.0, 1.0)[:, None]
    weight = settled * _audible(wanted - wanted.max(axis=1, keepdims=True))
    missing = (weight * np.clip(wanted - found, -30.0, 30.0)).sum(axis=0) / (weight.sum(axis=0) + 1.0)
    return np.asarray(settled * missing)


def _smoothed_db(frames_db: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return levels of the power about every bin, in widths that grow with frequency as those of hearing do."""
    power = 10.0 ** (np.asarray(frames_db, np.float64) / 10.0)
    bins = power.shape[1]
    half = np.rint(_SMOOTH_BINS + _SMOOTH_RATIO * np.arange(bins)).astype(int)
    sums = np.concatenate([np.zeros((len(power), 1)), np.cumsum(power, axis=1)], axis=1)
    low, high = np.maximum(np.arange(bins) - half, 0), np.minimum(np.arange(bins) + half + 1, bins)
    return np.asarray(10.0 * np.log10((sums[:, high] - sums[:, low]) / (high - low) + 1e-20))


def partial_spacing(spec: FrameSpec, pitch: float) -> float:
    """Return the distance of partials in bins at a MIDI pitch."""
    return float(440.0 * 2.0 ** ((pitch - 69.0) / 12.0) * spec.n_fft / spec.sample_rate)


def decoded_frames_db(model: Model, note: BankNote, pitch: float) -> NDArray[np.float64]:
    """Return the decoded frames of a note's path, [frames, bins] in dB, their maxima at 0 dB as in the engine."""
    frames = model.decode(note.z, 0.0, pitch).astype(np.float64)
    raised = np.clip(-frames.max(axis=1, keepdims=True), -MOST_RAISED_DB, MOST_RAISED_DB)
    out: NDArray[np.float64] = frames + raised
    return out


def _normalized(frames_db: NDArray[np.float64], floor_db: float) -> NDArray[np.float64]:
    out: NDArray[np.float64] = np.maximum(frames_db - frames_db.max(axis=1, keepdims=True), floor_db)
    return out


def _orthonormal(basis: NDArray[np.float64]) -> _Basis:
    """Return orthonormal columns Q that span the basis, and R with ``basis @ R = Q``, of a smoothed inverse."""
    u, s, v = np.linalg.svd(basis, full_matrices=False)
    inverse = s / (s * s + _SMOOTHING * s.max() ** 2)
    return u, v.T * inverse
