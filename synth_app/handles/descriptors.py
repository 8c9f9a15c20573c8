"""Descriptors of a magnitude frame: what the handles move, and the loudness."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth_app.engine.spectral.loudness import k_weights
from synth_app.spectrum import FrameSpec

Floats = NDArray[np.float64]
Frames = NDArray[np.float32]
DESCRIPTORS = 7  # of the handles in ``SPECTRAL_HANDLES``, then the loudness
LOUDNESS = 6

_LOWEST_HZ = 30.0
_BODY_HZ, _BODY_PARTIALS = 200.0, 1.5  # the low end: up to 200 Hz, or to the fundamental if that is higher
_AIR_HZ = 5_000.0
_BODY_ORDER, _AIR_ORDER = 16, 12  # steepness of the limits
_LOBE_BINS, _LOBE_FRACTION = 2.2, 0.32  # half width of a partial: in bins, and at most as a fraction of the distance
_LOBE_ORDER = 8
_HIGHEST_PARTIAL = 20
_NOISE_FLOOR, _PARTIAL_FLOOR, _AIR_FLOOR = 1e-6, 1e-4, 1e-6  # re the whole; lower levels are inaudible
_LEAST_VARIANCE = 1e-6
_REFERENCE_HZ = 440.0
_KEPT_PITCHES = 256  # weights of one pitch are 60 KB


@dataclass(frozen=True)
class _Weights:
    """Weights over bins for sums of amplitude, of power and of its square root twice, float32 [bins, sums]."""

    amplitude: Frames
    power: Frames
    root: Frames


class Descriptors:
    """Measures frames of one specification. Levels of a frame count relative to its maximum, as in the engine.

    With amplitude a, power a^2 and root a^0.5 of each bin, the low end up to 200 Hz or 1.5 times the fundamental, and
    air above 5 kHz:

    - brightness: centroid of the amplitude between low end and air, in semitones over 440 Hz
    - body: sum of roots in the low end over that of the rest, in dB (10 log10)
    - air: sum of amplitudes above 5 kHz over that of all, in dB (20 log10)
    - noise: power between the partials over power at the partials, in dB
    - hollow: power at partials 3, 5, ... 19 over that at 2, 4, ... 20, in dB
    - width: standard deviation of the amplitude between low end and air around its centroid, in semitones
    - loudness: K-weighted power in dB

    All limits are smooth, so that the descriptors have slopes everywhere. Roots and amplitudes count weak bins more
    than power does, as loudness does.

    Args:
        spec: of the frames.
    """

    def __init__(self, spec: FrameSpec) -> None:
        self._bin_hz = spec.sample_rate / spec.n_fft
        self._hz = np.arange(spec.bins) * self._bin_hz
        self._semitones = 12.0 * np.log2(np.maximum(self._hz, _LOWEST_HZ) / _REFERENCE_HZ)
        self._k_weights = k_weights(spec.bins, self._bin_hz)
        self._weights: dict[float, _Weights] = {}

    def __call__(self, frames_db: Frames, pitch: float) -> Floats:
        """Return the descriptors of frames float32 [n, bins] in dB, at one MIDI pitch: float64 [n, DESCRIPTORS]."""
        weights = self._weights_at(pitch)
        amplitude = np.exp((frames_db - frames_db.max(axis=1, keepdims=True)) * np.float32(np.log(10.0) / 20.0))
        sums = (amplitude @ weights.amplitude).astype(np.float64).T
        powers = (amplitude * amplitude @ weights.power).astype(np.float64).T
        roots = (np.sqrt(amplitude) @ weights.root).astype(np.float64).T
        everything, air, middle, first, second = sums
        whole, at_partials, between, odd, even, loud = powers
        centroid = first / middle
        variance = np.maximum(second / middle - centroid**2, _LEAST_VARIANCE)
        return np.stack([
            centroid,
            _ratio_db(roots[0], roots[1]),
            2.0 * _ratio_db(air + _AIR_FLOOR * everything, everything),
            _ratio_db(between + _NOISE_FLOOR * whole, at_partials + _NOISE_FLOOR * whole),
            _ratio_db(odd + _PARTIAL_FLOOR * whole, even + _PARTIAL_FLOOR * whole),
            np.sqrt(variance),
            10.0 * np.log10(loud),
        ], axis=1)  # fmt: skip

    def _weights_at(self, pitch: float) -> _Weights:
        key = round(float(pitch), 1)
        if key not in self._weights:
            if len(self._weights) >= _KEPT_PITCHES:
                self._weights.clear()
            self._weights[key] = self._make_weights(key)
        return self._weights[key]

    def _make_weights(self, pitch: float) -> _Weights:
        hz, f0_hz = self._hz, 440.0 * 2.0 ** ((pitch - 69.0) / 12.0)
        audible = (hz > _LOWEST_HZ).astype(np.float64)
        low = audible / (1.0 + (hz / max(_BODY_HZ, _BODY_PARTIALS * f0_hz)) ** _BODY_ORDER)
        air = audible - audible / (1.0 + (hz / _AIR_HZ) ** _AIR_ORDER)
        middle = (audible - low) * (1.0 - air)
        nearest = np.rint(hz / f0_hz)
        half_hz = min(_LOBE_BINS * self._bin_hz, _LOBE_FRACTION * f0_hz)
        lobes = np.exp(-0.5 * ((hz - nearest * f0_hz) / half_hz) ** _LOBE_ORDER) * (nearest >= 1)
        between = (1.0 - lobes) * audible * (hz > 0.6 * f0_hz)
        counted = lobes * (nearest >= 2) * (nearest <= _HIGHEST_PARTIAL)
        odd, even = counted * (nearest % 2 == 1), counted * (nearest % 2 == 0)
        along = self._semitones
        return _Weights(
            _columns(audible, air, middle, middle * along, middle * along**2),
            _columns(audible, lobes * audible, between, odd, even, self._k_weights),
            _columns(low, audible - low),
        )


def _columns(*weights: NDArray[np.floating]) -> Frames:
    return np.ascontiguousarray(np.stack(weights, axis=1), np.float32)


def _ratio_db(over: Floats, under: Floats) -> Floats:
    ratio: Floats = 10.0 * np.log10(over / under)
    return ratio
