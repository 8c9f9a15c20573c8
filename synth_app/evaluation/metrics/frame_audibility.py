"""Errors of decoded frames as they are heard: audible bins, mel bands, and the levels of partials."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from synth_app.evaluation.metrics.mel_distance import mel_filters
from synth_app.spectrum import FrameSpec

Float64s = NDArray[np.float64]
LOUD_DB, MEL_BANDS, MEL_RANGE_DB = -40.0, 40, 60.0
PARTIALS, PARTIAL_RANGE_DB, HIGHEST_PARTIAL_HZ = 30, 50.0, 15_000.0
_NEAR = 0.25  # half width of a partial's search range over the distance of partials
_LEAST_POWER = 1e-14


@dataclass(frozen=True)
class AudibleErrors:
    """Root mean square errors in dB over the frames of all notes.

    Attributes:
        loud_db: over bins within 40 dB of their frame's maximum.
        mel_db: over 40 mel bands; levels more than 60 dB below the frame's loudest band count as this limit.
        partials_db: of the loudest bin near each of the first 30 harmonics, if it is within 50 dB of the maximum.
        partials_bias_db: mean of true minus reconstructed level of these partials: above 0 if they are too quiet.
    """

    loud_db: float
    mel_db: float
    partials_db: float
    partials_bias_db: float


@dataclass
class _Sums:
    """Sums of squared errors, and their numbers."""

    loud: float = 0.0
    bins: int = 0
    mel: float = 0.0
    bands: int = 0
    partials: float = 0.0
    bias: float = 0.0
    peaks: int = 0


class AudibleError:
    """Accumulates audible errors note by note, for frames of one specification."""

    def __init__(self, spec: FrameSpec) -> None:
        self._bin_hz = spec.sample_rate / spec.n_fft
        self._highest_hz = min(HIGHEST_PARTIAL_HZ, 0.95 * spec.sample_rate / 2)
        self._filters = mel_filters(spec.sample_rate, spec.n_fft, min(MEL_BANDS, spec.bins // 4)).astype(np.float64)
        self._sums = _Sums()

    def add_note(self, made_db: NDArray[np.floating], true_db: NDArray[np.floating], pitch: float) -> None:
        """Add a note's reconstructed and true frames [n, bins] in dB re the true maximum; ``pitch`` is MIDI."""
        true, made = np.asarray(true_db, np.float64), np.asarray(made_db, np.float64)
        top, sums = true.max(axis=1, keepdims=True), self._sums
        loud = (true - made)[true > top + LOUD_DB]
        true_mel, made_mel = self._mel_db(true), self._mel_db(made)
        floor = true_mel.max(axis=1, keepdims=True) - MEL_RANGE_DB
        mel = np.maximum(true_mel, floor) - np.maximum(made_mel, floor)
        peaks_db = partial_levels_db(true, self._centers(pitch))
        miss = (peaks_db - partial_levels_db(made, self._centers(pitch)))[peaks_db > top - PARTIAL_RANGE_DB]
        added = _Sums(float(loud @ loud), loud.size, float(np.vdot(mel, mel)), mel.size,
                      float(miss @ miss), float(miss.sum()), miss.size)  # fmt: skip
        for field in fields(_Sums):
            setattr(sums, field.name, getattr(sums, field.name) + getattr(added, field.name))

    def result(self) -> AudibleErrors:
        """Return the errors so far; NaN where nothing was measured."""
        s = self._sums
        return AudibleErrors(
            loud_db=_root(s.loud, s.bins), mel_db=_root(s.mel, s.bands), partials_db=_root(s.partials, s.peaks),
            partials_bias_db=s.bias / s.peaks if s.peaks else float("nan"),
        )  # fmt: skip

    def _mel_db(self, frames_db: Float64s) -> Float64s:
        power = 10.0 ** (frames_db / 10.0) @ self._filters.T
        return np.asarray(10.0 * np.log10(np.maximum(power, _LEAST_POWER)))

    def _centers(self, pitch: float) -> Float64s:
        f0_hz = midi_hz(pitch)
        count = int(np.clip(self._highest_hz // f0_hz, 1, PARTIALS))
        return harmonic_bins(f0_hz / self._bin_hz, count)


def harmonic_bins(spacing_bins: float, count: int) -> Float64s:
    """Return the positions of the first ``count`` harmonics in bins, float64 [count]."""
    return np.arange(1, count + 1, dtype=np.float64) * np.float64(spacing_bins)


def midi_hz(pitch: float) -> float:
    """Return the frequency in Hz of a MIDI pitch, A4 = 440 Hz."""
    return float(440.0 * 2.0 ** ((pitch - 69.0) / 12.0))


def partial_levels_db(frames_db: NDArray[np.floating], centers: Float64s, near: float = _NEAR) -> Float64s:
    """Return the loudest bin near each harmonic, float64 [frames, harmonics].

    Args:
        frames_db: [frames, bins].
        centers: positions of the harmonics in bins; their first is also their distance.
        near: half width of the search range over that distance; the range is at least one bin to either side.
    """
    radius = max(1.0, centers[0] * near)
    parts = [frames_db[:, max(0, int(x - radius)) : int(x + radius) + 2].max(axis=1) for x in centers]
    return np.stack(parts, axis=1).astype(np.float64)


def _root(squares: float, count: int) -> float:
    return float(np.sqrt(squares / count)) if count else float("nan")
