"""Latent vectors that sound nearer to the recording: one damped Gauss-Newton step on the audible error.

``latent_optimization`` minimizes the squared error of all bins, most of which nobody hears. For a model trained with
the audible objective, that makes the sound worse. This step minimizes that objective: mel bands, audible bins,
partials, and a little of the squared error.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from synth_app.decoder.network import Network
from synth_app.spectrum import FrameSpec, from_unit

Array = NDArray[np.float32]
# Relative to the mean curvature. With less damping the own key comes nearer, and other keys come out worse.
_DAMPING = 1.0
_DIFFERENCE = np.float32(0.01)  # of the difference quotients; latent vectors have a standard deviation of about 1
_SQUARED, _MEL, _BINS, _PARTIALS = 0.15, 1.0, 0.2, 1.0  # weights, as in the training of the default model
_BANDS, _LOWEST_HZ, _RANGE_DB, _LEAST_POWER = 64, 30.0, 60.0, 1e-12
_AUDIBLE_DB, _AUDIBLE_SLOPE_DB = -45.0, 4.0
_HARMONICS, _HEARD_PARTIAL_DB = 40, -50.0
_PARTIAL_POINTS, _PARTIAL_REACH = 7, 0.25  # bins looked at about a partial, and how far, re the distance of partials
_MOST_DB = 20.0  # above a frame's maximum
_FRAMES = 30  # in one batch: the slopes along all dimensions are held at once


def step_audibly(decoder: Network, spec: FrameSpec, unit: Array, z: Array, pitch: float) -> Array:
    """Return latent vectors whose decoded frames sound nearer to ``unit``.

    Args:
        decoder: pitch-conditioned, not recurrent.
        spec: of the frames.
        unit: float32 [n, bins], scaled frames, -1 to 1.
        z: float32 [n, latent], latent vectors to start from; not changed.
        pitch: MIDI, fractions allowed.

    Returns:
        float32 [n, latent]. A latent vector that the step would make worse keeps its value.
    """
    moved = z.astype(np.float32)
    for start in range(0, len(z), _FRAMES):
        part = slice(start, start + _FRAMES)
        moved[part] = _step(decoder, _Audible.of(unit[part], spec, pitch), moved[part], pitch)
    return moved


def _step(decoder: Network, audible: "_Audible", z: Array, pitch: float) -> Array:
    n, latent = z.shape
    pitches = np.full(n * latent, pitch, np.float32)
    miss = audible.miss(decoder(z, pitches[:n])[:, None])[:, 0]
    nudged = z[:, None] + _DIFFERENCE * np.eye(latent, dtype=np.float32)
    slopes = audible.miss(decoder(nudged.reshape(n * latent, latent), pitches).reshape(n, latent, -1))
    slopes = (slopes - miss[:, None]) / _DIFFERENCE
    curvature = slopes @ slopes.transpose(0, 2, 1)
    damping = _DAMPING * curvature.trace(axis1=1, axis2=2) / latent
    damped = curvature + np.maximum(damping, np.finfo(np.float32).tiny)[:, None, None] * np.eye(latent)
    candidate = (z - np.linalg.solve(damped, slopes @ miss[:, :, None])[:, :, 0]).astype(np.float32)
    found = audible.miss(decoder(candidate, pitches[:n])[:, None])[:, 0]
    better = np.square(found).sum(axis=1) < np.square(miss).sum(axis=1)
    return np.where(better[:, None], candidate, z)


@dataclass(frozen=True)
class _Audible:
    """What is heard of frames [n, bins], and how far other frames are from it.

    Attributes:
        unit: the frames, scaled. spec: of them.
        mel_db: levels of the mel bands [n, bands], limited to 60 dB below the loudest.
        weight: of every bin [n, bins], 0 to 1, by how audible it is.
        near: bins about each partial [partials, points].
        partials_db: levels of the partials [n, partials].
        counted: weight of each partial [n, partials]; 0 if it is not heard.
    """

    unit: Array
    spec: FrameSpec
    mel_db: Array
    weight: Array
    near: NDArray[np.int64]
    partials_db: Array
    counted: Array

    @classmethod
    def of(cls, unit: Array, spec: FrameSpec, pitch: float) -> "_Audible":
        """Return what is heard of scaled frames of a note at a MIDI pitch."""
        levels = from_unit(unit, spec.floor_db)
        mel_db = _mel_db(levels, spec)
        audible = 1.0 / (1.0 + np.exp((_AUDIBLE_DB - levels) / _AUDIBLE_SLOPE_DB))
        near = _bins_near_partials(spec, pitch)
        partials_db = levels[:, near].max(axis=2)
        heard = (partials_db > _HEARD_PARTIAL_DB).astype(np.float32)
        return cls(
            unit=unit,
            spec=spec,
            mel_db=np.maximum(mel_db, mel_db.max(axis=1, keepdims=True) - np.float32(_RANGE_DB)),
            weight=np.sqrt(_BINS * audible / audible.sum(axis=1, keepdims=True)).astype(np.float32),
            near=near,
            partials_db=partials_db,
            counted=heard / np.sqrt(np.maximum(heard.sum(axis=1, keepdims=True), 1.0)),
        )

    def miss(self, unit: Array) -> Array:
        """Return weighted differences of frames [n, versions, bins] from these, [n, versions, all terms]."""
        levels = np.minimum(from_unit(unit, self.spec.floor_db), np.float32(_MOST_DB))
        scale = np.float32(-2.0 / self.spec.floor_db)  # of dB to scaled frames
        floor = self.mel_db.max(axis=1, keepdims=True)[:, None] - np.float32(_RANGE_DB)
        mel = np.maximum(_mel_db(levels, self.spec), floor) - self.mel_db[:, None]
        partials = levels[:, :, self.near].max(axis=3) - self.partials_db[:, None]
        bins = unit - self.unit[:, None]
        terms = (
            np.float32(np.sqrt(_SQUARED / bins.shape[2])) * bins,
            np.float32(np.sqrt(_MEL / mel.shape[2])) * scale * mel,
            self.weight[:, None] * bins,
            np.float32(np.sqrt(_PARTIALS)) * scale * self.counted[:, None] * partials,
        )
        return np.concatenate(terms, axis=2)


def _mel_db(levels: Array, spec: FrameSpec) -> Array:
    power = np.exp(levels * np.float32(np.log(10.0) / 10.0))
    return np.asarray(10.0 * np.log10(power @ _mel_filters(spec) + np.float32(_LEAST_POWER)), np.float32)


@cache
def _mel_filters(spec: FrameSpec) -> Array:
    """Return the filters [bins, bands] that reach at least one bin."""
    from synth_app.support.compiling.librosa_import import librosa

    filters = librosa.filters.mel(sr=spec.sample_rate, n_fft=spec.n_fft, n_mels=_BANDS, fmin=_LOWEST_HZ, norm=None)
    return np.ascontiguousarray(filters[filters.any(axis=1)].T, np.float32)


def _bins_near_partials(spec: FrameSpec, pitch: float) -> NDArray[np.int64]:
    spacing = 440.0 * 2.0 ** ((pitch - 69.0) / 12.0) * spec.n_fft / spec.sample_rate
    reach = np.linspace(-1.0, 1.0, _PARTIAL_POINTS) * max(1.0, _PARTIAL_REACH * spacing)
    near = np.rint(np.arange(1, _HARMONICS + 1)[:, None] * spacing + reach).astype(np.int64)
    return near[(near[:, -1] < spec.bins) & (near[:, 0] >= 1)]
