"""PSM and PSMt: similarity of two internal representations, as a whole and in their worst moments."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth_app.evaluation.psm.adaptation import Float64s
from synth_app.evaluation.psm.auditory_model import internal_representation
from synth_app.support.errors import UserError

FRAME_S = 0.010
WORST_FRACTION = 0.05
_SAMPLES_PER_FRAME = {"filterbank": 8, "lowpass": 1}  # 10 ms at 800 Hz and at 100 Hz
_CONSTANT = 1e-12  # power, in model units squared, below which a channel is constant


@dataclass(frozen=True)
class Similarity:
    """Similarity of a degraded sound to its reference; 1 for identity.

    Attributes:
        psm: cross-correlation of the whole internal representations.
        psm_t: 5 % quantile of the instantaneous similarity, weighted by activity.
    """

    psm: float
    psm_t: float


class SimilarityMeter:
    """Compares degraded versions with one reference sound, whose representation is computed once.

    Args:
        reference: [samples], full scale 1.
        rate_hz: of all sounds. The auditory filters end below half of it.
        modulation: see ``internal_representation``.

    Raises:
        UserError: as ``internal_representation``.
    """

    def __init__(self, reference: NDArray[np.floating], rate_hz: int, modulation: str = "filterbank") -> None:
        self._reference, self._rate_hz, self._modulation = reference, rate_hz, modulation
        self._representation = internal_representation(reference, rate_hz, modulation)

    def compare_with(self, degraded: NDArray[np.floating], *, align_level: bool = True) -> Similarity:
        """Return the similarity of a degraded sound; see ``measure_similarity``."""
        if self._reference.shape != degraded.shape:
            shapes = f"{self._reference.shape} and {degraded.shape}"
            raise UserError(f"sounds of shapes {shapes} cannot be compared; cut them to one length")
        gain = _level_gain(self._reference, degraded) if align_level else 1.0
        representation = internal_representation(degraded.astype(np.float64) * gain, self._rate_hz, self._modulation)
        return compare(self._representation, representation, _SAMPLES_PER_FRAME[self._modulation])


def measure_similarity(
    reference: NDArray[np.floating],
    degraded: NDArray[np.floating],
    rate_hz: int,
    *,
    modulation: str = "filterbank",
    align_level: bool = True,
) -> Similarity:
    """Return PEMO-Q's PSM and PSMt of two sounds that are aligned in time.

    After Huber & Kollmeier 2006: the sounds get equal levels; x and y are the internal representations of reference and
    degraded sound. Where |y| < |x|, y becomes (x + y) / 2, because missing parts disturb less than added ones. Each
    modulation filter m gives the linear correlation r_m over time and auditory filters. PSM is their mean weighted by
    the power of y in m. The instantaneous PSM(t) is the same within 10 ms. PSMt is its 5 % quantile, weighted by
    activity.

    The definition of activity is ours: y's slowest modulation channel, averaged over auditory filters, where it is
    above rest (0). Moments that are masked by a sound that just ended, where the loops are below rest, have no weight.
    Delays are not estimated.

    Args:
        reference, degraded: [samples] of equal length, full scale 1.
        rate_hz: of both. The auditory filters end below half of it.
        modulation: see ``internal_representation``.
        align_level: scale the degraded sound to the reference's RMS.

    Raises:
        UserError: lengths differ, or as ``internal_representation``.
    """
    return SimilarityMeter(reference, rate_hz, modulation).compare_with(degraded, align_level=align_level)


def compare(x: Float64s, y: Float64s, samples_per_frame: int) -> Similarity:
    """Return the similarity of two internal representations [modulation filters, auditory filters, samples]."""
    y = np.where(np.abs(y) < np.abs(x), 0.5 * (x + y), y)
    whole = _weighted_correlation(x[:, None], y[:, None])
    frames = max(x.shape[2] // samples_per_frame, 1)
    xs, ys = (_cut(v, frames) for v in (x, y))
    moments = _weighted_correlation(xs, ys)
    activity = np.maximum(ys[0], 0.0).mean(axis=(1, 2))
    return Similarity(psm=float(whole[0]), psm_t=weighted_quantile(moments, activity, WORST_FRACTION))


def weighted_quantile(values: Float64s, weights: Float64s, fraction: float) -> float:
    """Return the smallest value at which the sorted values up to it have ``fraction`` of all weight."""
    order = np.argsort(values, kind="stable")
    filled = np.cumsum(weights[order])
    if filled[-1] <= 0.0:
        return float(values.min())
    return float(values[order[np.searchsorted(filled, fraction * filled[-1])]])


def _cut(v: Float64s, frames: int) -> Float64s:
    """Reshape [mods, channels, samples] to [mods, frames, channels, samples per frame]."""
    length = v.shape[2] // frames
    return v[:, :, : frames * length].reshape(*v.shape[:2], frames, length).transpose(0, 2, 1, 3)


def _weighted_correlation(x: Float64s, y: Float64s) -> Float64s:
    """Return correlations over all but the first two axes, averaged over the first by y's power; [second axis].

    Two constant channels have correlation 1, a constant and a varying one 0.
    """
    x, y = (v.reshape(*v.shape[:2], -1) for v in (x, y))
    power = (y**2).sum(axis=2)
    x, y = (v - v.mean(axis=2, keepdims=True) for v in (x, y))
    xx, yy, xy = (x**2).sum(axis=2), (y**2).sum(axis=2), (x * y).sum(axis=2)
    constant = (xx <= _CONSTANT).astype(int) + (yy <= _CONSTANT)
    r = np.where(constant == 0, xy / np.sqrt(np.maximum(xx * yy, _CONSTANT**2)), np.where(constant == 2, 1.0, 0.0))
    total = power.sum(axis=0)
    mean: Float64s = np.where(total > 0.0, (r * power).sum(axis=0) / np.where(total > 0.0, total, 1.0), r.mean(axis=0))
    return mean


def _level_gain(reference: NDArray[np.floating], degraded: NDArray[np.floating]) -> float:
    have, wanted = (float(np.sqrt(np.mean(np.square(v, dtype=np.float64)))) for v in (degraded, reference))
    return wanted / have if have > 0.0 and wanted > 0.0 else 1.0
