"""A baseline for decoders: a hand-made harmonic envelope of 16 numbers per frame, with the pitch known.

Twelve cosine coefficients on the mel scale describe the levels of the partials, and four the levels between them, as in
a vocoder. A learned model of 16 latent dimensions should reconstruct notes better than this.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from synth_app.evaluation.metrics.frame_audibility import harmonic_bins, midi_hz, partial_levels_db
from synth_app.spectrum import FrameSpec, from_unit, window

Float64s = NDArray[np.float64]
PARTIAL_COEFFICIENTS, REST_COEFFICIENTS = 12, 4
_HIGHEST_HZ = 20_000.0
_NEAR = 0.3  # half width of a partial's search range over the distance of partials
_LOBE_BINS, _LOBE_STEPS = 3.9, 16  # half width of a partial's lobe in bins, and steps per bin of its table
_PARTIAL_SMOOTHING, _REST_SMOOTHING = 0.02, 0.16  # ridge weights of the squared order
_FEWEST_BETWEEN = 20  # bins; fewer cannot carry four coefficients
_LEAST_POWER = 1e-20


class HarmonicEnvelope:
    """The baseline as a reconstructor of scaled frames.

    Args:
        spec: of the frames.
    """

    def __init__(self, spec: FrameSpec) -> None:
        self._spec = spec
        taper = window(spec.window, spec.n_fft).astype(np.float64)
        self._lobe_power = (np.abs(np.fft.fft(taper, spec.n_fft * _LOBE_STEPS)) / taper.sum()) ** 2
        self._basis = lru_cache(maxsize=128)(self._make_basis)

    def __call__(self, unit: NDArray[np.float32], pitch: float) -> NDArray[np.float32]:
        """Return frames in dB, float32 [n, bins], for scaled frames [n, bins] of a note of MIDI ``pitch``."""
        frames_db = from_unit(unit, self._spec.floor_db).astype(np.float64)
        centers, between, to_partials, to_rest, lobes = self._basis(round(float(pitch), 2))
        peaks_db = partial_levels_db(frames_db, centers, _NEAR)
        mean_db = peaks_db.mean(axis=1, keepdims=True)
        partials_db = (peaks_db - mean_db) @ to_partials + mean_db
        rest_db = frames_db[:, between] @ to_rest
        power = 10.0 ** (partials_db / 10.0) @ lobes + 10.0 ** (rest_db / 10.0)
        level_db = np.maximum(10.0 * np.log10(power + _LEAST_POWER), self._spec.floor_db)
        return np.asarray(level_db, np.float32)

    def _make_basis(self, pitch: float) -> tuple[Float64s, NDArray[np.bool_], Float64s, Float64s, Float64s]:
        """Return what depends on the pitch alone.

        Returns:
            positions of the partials in bins, mask of the bins between them, projection of partials' levels to their
            smooth levels, projection of the bins between to a smooth level at all bins, and the partials' lobes
            (power, [partials, bins]).
        """
        spec = self._spec
        bin_hz, bins = spec.sample_rate / spec.n_fft, np.arange(spec.bins, dtype=np.float64)
        f0_hz = midi_hz(pitch)
        count = max(1, int(min(_HIGHEST_HZ, 0.95 * spec.sample_rate / 2) // f0_hz))
        centers = harmonic_bins(f0_hz / bin_hz, count)
        between = np.ones(spec.bins, bool)
        for x in centers:
            between[max(0, int(x - 2.5)) : int(x + 3.5)] = False
        if between.sum() < _FEWEST_BETWEEN:
            between[:] = True
        at_partials = _cosines(centers * bin_hz, PARTIAL_COEFFICIENTS, spec.sample_rate)
        everywhere = _cosines(bins * bin_hz, REST_COEFFICIENTS, spec.sample_rate)
        weight = _PARTIAL_SMOOTHING * max(1.0, count / 24)
        to_partials = _ridge(at_partials, weight) @ at_partials.T
        to_rest = _ridge(everywhere[between], _REST_SMOOTHING) @ everywhere.T
        distance = np.abs(bins[None] - centers[:, None])
        nearest = np.minimum(np.round(distance * _LOBE_STEPS).astype(int), len(self._lobe_power) // 2)
        lobes: Float64s = np.where(distance < _LOBE_BINS, self._lobe_power[nearest], 0.0)
        return centers, between, to_partials, to_rest, lobes


def _cosines(hz: Float64s, count: int, rate: int) -> Float64s:
    """Return cosines over the mel scale from 0 to Nyquist, float64 [frequencies, count]."""
    position = np.log10(1.0 + hz / 700.0) / np.log10(1.0 + rate / 2 / 700.0)
    return np.asarray(np.cos(np.pi * np.outer(position, np.arange(count))))


def _ridge(basis: Float64s, weight: float) -> Float64s:
    """Return the projection of values to coefficients, float64 [values, count], that prefers low orders."""
    count = basis.shape[1]
    penalty = np.diag(weight * np.arange(count) ** 2) + 1e-9 * np.eye(count)
    return np.asarray(basis @ np.linalg.inv(basis.T @ basis + penalty))
