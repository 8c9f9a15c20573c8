"""The free mode: a spectrogram optimized against Gram matrices of a network with random filters; no model decodes it.

As Ulyanov and Lebedev, "Audio texture synthesis and style transfer" (2016): one convolution over time, whose channels
are frequency bands, with random filters. The content's phases are not used: the program's phase stage makes the sound.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth_app.phase import resynthesize
from synth_app.spectrum import FrameSpec, window
from synth_app.style.optimization import minimized
from synth_app.support.errors import UserError
from synth_app.texture import band_filters, band_levels_db

Float64s = NDArray[np.float64]
Frames = NDArray[np.floating]
BANDS, FILTERS, LENGTH = 48, 256, 11  # 11 frames: 117 ms at 94 frames per second
ITERATIONS = 40
RANGE_DB = 80.0
CONTENT_WEIGHT = 0.02


@dataclass(frozen=True)
class RandomNetwork:
    """One layer of random filters over time, with a rectifier.

    Attributes:
        weight: float64 [bands x length, filters].
    """

    weight: Float64s

    @classmethod
    def of(cls, seed: int) -> "RandomNetwork":
        """Draw the filters."""
        scale = np.sqrt(2.0 / (BANDS * LENGTH))
        return cls(np.random.default_rng(seed).standard_normal((BANDS * LENGTH, FILTERS)) * scale)

    def features(self, x: Float64s) -> Float64s:
        """Return the rectified responses [frames - length + 1, filters] to bands [frames, bands]."""
        return np.asarray(np.maximum(_unfold(x) @ self.weight, 0.0))

    def pull(self, features: Float64s, gradient: Float64s, frames: int) -> Float64s:
        """Return the gradient along the bands [frames, bands] of a gradient along the features."""
        unfolded = (gradient * (features > 0.0)) @ self.weight.T
        out = np.zeros((frames, BANDS))
        for i in range(LENGTH):
            out[i : i + len(unfolded)] += unfolded[:, i * BANDS : (i + 1) * BANDS]
        return out


def gram(features: Float64s) -> Float64s:
    """Return the mean products of features over time, [filters, filters]."""
    return np.asarray(features.T @ features / len(features))


def free_style(
    content_db: Frames,
    style_db: Frames,
    spec: FrameSpec,
    *,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> NDArray[np.float32] | None:
    """Return a sound with the content's spectrogram and the Gram matrices of the style.

    Args:
        content_db, style_db: [frames, bins], dB re full-scale sine (``spectrum.db_frames``).
        spec: of both.
        seed: of the random filters.
        progress, cancelled: as for ``optimization.minimized``.

    Returns:
        float32 [frames * hop_length], mono, full scale 1; None if the work was cancelled.

    Raises:
        UserError: one of the sounds is shorter than the filters.
    """
    if min(len(content_db), len(style_db)) < 2 * LENGTH:
        raise UserError(
            f"{min(len(content_db), len(style_db))} frames; the free mode needs {2 * LENGTH} "
            f"({2 * LENGTH * spec.hop_seconds:.2g} s) of both sounds"
        )
    network, filters = RandomNetwork.of(seed), band_filters(spec, BANDS)
    start, goal = (_scaled(band_levels_db(each, filters)) for each in (content_db, style_db))
    objective = _Objective(network, start, network.features(start), gram(network.features(goal)))
    best = minimized(objective, start, ITERATIONS, progress=progress, cancelled=cancelled)
    if best is None:
        return None
    change_db = np.clip((best.reshape(start.shape) - start) * RANGE_DB, -RANGE_DB, RANGE_DB)
    heard_db = np.maximum(content_db, content_db.max() - RANGE_DB)  # what is below was 0 in the optimization
    frames_db = heard_db + _to_bins(change_db, filters)
    magnitudes = 10.0 ** (frames_db / 20.0) * window(spec.window, spec.n_fft).sum() / 2.0
    return resynthesize(magnitudes.astype(np.float32), spec, "live", seed=seed)


@dataclass(frozen=True)
class _Objective:
    network: RandomNetwork
    content: Float64s
    content_features: Float64s
    style_gram: Float64s

    def __call__(self, flat: Float64s) -> tuple[float, Float64s]:
        """Return the objective and its gradient along the bands."""
        x = flat.reshape(self.content.shape)
        features = self.network.features(x)
        gram_error = gram(features) - self.style_gram
        gram_size, content_size = np.sum(self.style_gram**2), np.sum(self.content_features**2)
        difference = features - self.content_features
        value = np.sum(gram_error**2) / gram_size + CONTENT_WEIGHT * np.sum(difference**2) / content_size
        by_feature = 4.0 * features @ gram_error / (len(features) * gram_size)
        by_feature += 2.0 * CONTENT_WEIGHT * difference / content_size
        return float(value), self.network.pull(features, by_feature, len(x)).ravel()


def _scaled(levels_db: Float64s) -> Float64s:
    """Map the 80 dB below the maximum to 0 to 1."""
    return np.asarray(np.maximum(1.0 + (levels_db - levels_db.max()) / RANGE_DB, 0.0))


def _to_bins(change_db: Float64s, filters: Float64s) -> Float64s:
    """Spread changes of bands over bins, [frames, bins]; bins outside all bands follow the nearest band."""
    total = filters.sum(axis=0)
    inside = np.flatnonzero(total > 1e-6)
    shares = filters[:, inside] / total[inside]
    nearest = np.abs(np.arange(filters.shape[1])[:, None] - inside).argmin(axis=1)
    return np.asarray((change_db @ shares)[:, nearest])


def _unfold(x: Float64s) -> Float64s:
    """Return windows of ``LENGTH`` frames as rows, [frames - length + 1, length x bands]."""
    cuts = np.lib.stride_tricks.sliding_window_view(x, LENGTH, axis=0)  # [n, bands, length]
    return np.asarray(cuts.transpose(0, 2, 1).reshape(len(cuts), -1))
