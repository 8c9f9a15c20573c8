"""PSM and PSMt: how alike two internal representations are, as a whole and in their worst moments."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth_app.evaluation.psm.adaptation import Float64s
from synth_app.evaluation.psm.ear import internal_representation
from synth_app.support.errors import UserError

FRAME_S = 0.010
WORST_SHARE = 0.05
_SAMPLES_PER_FRAME = {"filterbank": 8, "lowpass": 1}  # 10 ms at 800 Hz and at 100 Hz
_STILL = 1e-12  # power, in model units squared, of a channel without any change


@dataclass(frozen=True)
class Similarity:
    """Of a degraded sound to its reference; 1 for identity.

    Attributes:
        psm: cross-correlation of the whole internal representations.
        psm_t: the 5 % quantile of the instantaneous similarity, weighted by activity.
    """

    psm: float
    psm_t: float


class Listener:
    """Someone who knows the reference, and is given degraded versions of it.

    Args:
        reference: [samples], full scale 1.
        rate_hz: of it and of all that follow; the auditory filters end below half of it.
        modulation: see ``internal_representation``.

    Raises:
        UserError: as ``internal_representation``.
    """

    def __init__(self, reference: NDArray[np.floating], rate_hz: int, modulation: str = "filterbank") -> None:
        self._reference, self._rate_hz, self._modulation = reference, rate_hz, modulation
        self._heard = internal_representation(reference, rate_hz, modulation)

    def compare_with(self, degraded: NDArray[np.floating], *, align_level: bool = True) -> Similarity:
        """How alike a degraded sound is; see ``measure_similarity``."""
        if self._reference.shape != degraded.shape:
            shapes = f"{self._reference.shape} and {degraded.shape}"
            raise UserError(f"sounds of shapes {shapes} cannot be compared; cut them alike")
        gain = _level_gain(self._reference, degraded) if align_level else 1.0
        heard = internal_representation(degraded.astype(np.float64) * gain, self._rate_hz, self._modulation)
        return compare(self._heard, heard, _SAMPLES_PER_FRAME[self._modulation])


def measure_similarity(
    reference: NDArray[np.floating],
    degraded: NDArray[np.floating],
    rate_hz: int,
    *,
    modulation: str = "filterbank",
    align_level: bool = True,
) -> Similarity:
    """PEMO-Q's PSM and PSMt of two sounds that are already aligned in time.

    After Huber & Kollmeier 2006: the sounds are made equal in level; x and y are the internal representations of
    reference and degraded sound. Where |y| < |x|, y becomes (x + y) / 2, since what is missing disturbs less than
    what is added. Each modulation filter m gives the linear correlation r_m over time and auditory filters, and PSM is
    their mean weighted by the power of y in m. The instantaneous PSM(t) is the same within 10 ms, and PSMt its 5 %
    quantile where each moment counts by its activity.

    Our choice is what activity means: y's slowest modulation channel, averaged over auditory filters, as far as it is
    above rest (0). So moments that are masked by a sound that just ended, where the loops are under rest, do not
    count. Delays are not looked for.

    Args:
        reference, degraded: [samples] of equal length, full scale 1.
        rate_hz: of both; the auditory filters end below half of it.
        modulation: see ``internal_representation``.
        align_level: bring the degraded sound to the reference's RMS.

    Raises:
        UserError: lengths differ, or as ``internal_representation``.
    """
    return Listener(reference, rate_hz, modulation).compare_with(degraded, align_level=align_level)


def compare(x: Float64s, y: Float64s, samples_per_frame: int) -> Similarity:
    """The measures of two internal representations [modulation filters, auditory filters, samples]."""
    y = np.where(np.abs(y) < np.abs(x), 0.5 * (x + y), y)
    whole = _weighted_correlation(x[:, None], y[:, None])
    frames = max(x.shape[2] // samples_per_frame, 1)
    xs, ys = (_cut(v, frames) for v in (x, y))
    moments = _weighted_correlation(xs, ys)
    activity = np.maximum(ys[0], 0.0).mean(axis=(1, 2))
    return Similarity(psm=float(whole[0]), psm_t=weighted_quantile(moments, activity, WORST_SHARE))


def weighted_quantile(values: Float64s, weights: Float64s, share: float) -> float:
    """The least value at which the values up to it, sorted, hold ``share`` of all weight."""
    order = np.argsort(values, kind="stable")
    filled = np.cumsum(weights[order])
    if filled[-1] <= 0.0:
        return float(values.min())
    return float(values[order[np.searchsorted(filled, share * filled[-1])]])


def _cut(v: Float64s, frames: int) -> Float64s:
    """[mods, channels, samples] to [mods, frames, channels, samples per frame]."""
    length = v.shape[2] // frames
    return v[:, :, : frames * length].reshape(*v.shape[:2], frames, length).transpose(0, 2, 1, 3)


def _weighted_correlation(x: Float64s, y: Float64s) -> Float64s:
    """Correlation over all but the first two axes, averaged over the first, weighted by the power of y; [second axis].

    Two channels that are both without change are alike; one alone is unlike.
    """
    x, y = (v.reshape(*v.shape[:2], -1) for v in (x, y))
    power = (y**2).sum(axis=2)
    x, y = (v - v.mean(axis=2, keepdims=True) for v in (x, y))
    xx, yy, xy = (x**2).sum(axis=2), (y**2).sum(axis=2), (x * y).sum(axis=2)
    still = (xx <= _STILL).astype(int) + (yy <= _STILL)
    r = np.where(still == 0, xy / np.sqrt(np.maximum(xx * yy, _STILL**2)), np.where(still == 2, 1.0, 0.0))
    total = power.sum(axis=0)
    mean: Float64s = np.where(total > 0.0, (r * power).sum(axis=0) / np.where(total > 0.0, total, 1.0), r.mean(axis=0))
    return mean


def _level_gain(reference: NDArray[np.floating], degraded: NDArray[np.floating]) -> float:
    have, wanted = (float(np.sqrt(np.mean(np.square(v, dtype=np.float64)))) for v in (degraded, reference))
    return wanted / have if have > 0.0 and wanted > 0.0 else 1.0
