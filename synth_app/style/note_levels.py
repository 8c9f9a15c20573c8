"""Band levels of a note as it is played, and their slopes along its latent path."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth_app.decoder import Model
from synth_app.decoder.correction_fit import MOST_RAISED_DB
from synth_app.decoder.differentiable import DifferentiableDecoder
from synth_app.engine.spectral.loudness import k_weights
from synth_app.patch import UserNote
from synth_app.spectrum import FrameSpec, window
from synth_app.texture import band_filters

Float64s = NDArray[np.float64]
_LEAST_POWER = 1e-20
_NEIGHBOUR = 0.15  # weight of either neighbour, fitted to the sound of six styled notes


@dataclass(frozen=True)
class NoteLevels:
    """What a path sounds like.

    Attributes:
        frames_db: float64 [frames, bins], decoded, dB re full-scale sine.
        levels_db: float64 [frames, bands], of the sound.
        loudness_power: float64 [frames], K-weighted power.
        pull: from a gradient along ``levels_db`` to the gradients along the latent path [frames, latent] and the gains
            [frames].
    """

    frames_db: Float64s
    levels_db: Float64s
    loudness_power: Float64s
    pull: Callable[[Float64s], tuple[Float64s, Float64s]]


def frame_blur(spec: FrameSpec) -> Float64s:
    """Return how the power of a frame spreads over its neighbours when it is played and analysed again.

    A frame of the analysis takes the power of the window at its neighbours' centres: float64 [odd number of frames],
    symmetrical, its sum is 1.
    """
    half = spec.n_fft // 2
    reach = (half - 1) // spec.hop_length
    centers = half + spec.hop_length * np.arange(-reach, reach + 1)
    power = window(spec.window, spec.n_fft)[centers] ** 2
    return np.asarray(power / power.sum())


def interpolated(rows: Float64s) -> Float64s:
    """Return rows [frames, n] as the engine reads them: blurred by its linear interpolation, a symmetrical map."""
    out = (1.0 - 2.0 * _NEIGHBOUR) * rows
    out[1:] += _NEIGHBOUR * rows[:-1]
    out[:-1] += _NEIGHBOUR * rows[1:]
    out[0] += _NEIGHBOUR * rows[0]
    out[-1] += _NEIGHBOUR * rows[-1]
    return out


class LevelModel:
    """Band levels of paths that share the key and the correction of one note.

    At another key than the note's own, the correction is left out: it fades with the interval and moves.

    The levels are those of the sound after it was played, not of the decoded frames: see ``interpolated`` and
    ``frame_blur``. Where a sound's partials carry its level, their movement is right within 0.5 to 0.9 dB RMS.

    Args:
        model: the note's model.
        note: whose correction and pitch are used.
        key: MIDI, that the note is played at; None for its own pitch.

    Raises:
        UserError: the model is recurrent.
    """

    def __init__(self, model: Model, note: UserNote, key: float | None = None) -> None:
        self._decoder = DifferentiableDecoder(model.file, note.pitch if key is None else key)
        self._floor_db = model.spec.floor_db
        self._filters = band_filters(model.spec)
        self._blur = frame_blur(model.spec)
        self._loudness = k_weights(model.spec.bins, model.spec.sample_rate / model.spec.n_fft).astype(np.float64)
        length = len(note.gains())
        self._correction_db: NDArray[np.float32] | float = 0.0
        if note.correction is not None and key is None:
            self._correction_db = note.correction.levels_db(np.arange(length), length)

    def __call__(self, z: NDArray[np.floating], gain_db: NDArray[np.floating]) -> NoteLevels:
        """Measure a path of the note's length.

        Args:
            z: [frames, latent].
            gain_db: [frames].
        """
        unit, pull_z = self._decoder(interpolated(np.asarray(z, np.float64)).astype(np.float32))
        gain = interpolated(np.asarray(gain_db, np.float64)[:, None])
        scale = -0.5 * self._floor_db
        shape_db = (unit.astype(np.float64) - 1.0) * scale
        highest = shape_db.argmax(axis=1)
        raised = np.clip(-shape_db.max(axis=1), -MOST_RAISED_DB, MOST_RAISED_DB)
        frames_db = shape_db + raised[:, None] + self._correction_db + gain
        power = 10.0 ** (frames_db / 10.0)
        total = self._blurred(np.ones((len(power), 1)))
        bands = self._blurred(power @ self._filters.T) / total + _LEAST_POWER

        def pull(gradient: Float64s) -> tuple[Float64s, Float64s]:
            by_bin = power * (self._blurred(gradient / bands / total) @ self._filters)
            by_gain = by_bin.sum(axis=1)
            by_bin[np.arange(len(by_bin)), highest] -= by_gain * (np.abs(raised) < MOST_RAISED_DB)
            by_z = pull_z((by_bin * scale).astype(np.float32)).astype(np.float64)
            return interpolated(by_z), interpolated(by_gain[:, None])[:, 0]

        return NoteLevels(frames_db, np.asarray(10.0 * np.log10(bands)), np.asarray(power @ self._loudness), pull)

    def _blurred(self, rows: Float64s) -> Float64s:
        """Return rows [frames, n] after the blur, with zeros before and after."""
        reach = len(self._blur) // 2
        padded = np.pad(rows, ((reach, reach), (0, 0)))
        out = np.zeros_like(rows)
        for i, weight in enumerate(self._blur):
            out += weight * padded[i : i + len(rows)]
        return out

    def slopes(self, found: NoteLevels) -> Float64s:
        """Return the slopes of the levels for movement that is slow beside the blur.

        Returns:
            float64 [frames, bands, latent + 1], in dB per unit; the last is that of the gain.
        """
        pulled = []
        for band in range(found.levels_db.shape[1]):
            one = np.zeros_like(found.levels_db)
            one[:, band] = 1.0
            by_z, by_gain = found.pull(one)
            pulled.append(np.concatenate([by_z, by_gain[:, None]], axis=1))
        return np.stack(pulled, axis=1)
