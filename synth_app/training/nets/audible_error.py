"""Errors of decoded frames that are heard: mel bands, audible bins and partials, beside the squared error of all bins.

Nine tenths of a frame's bins lie more than 40 dB below its maximum. The squared error counts them like all others, so a
net that minimizes it alone spends most of its latent dimensions on what nobody hears.
"""

import math
from collections.abc import Collection

import torch
from torch import Tensor, nn

from synth_app.modelfile import KeyRange
from synth_app.spectrum import FrameSpec
from synth_app.support.compiling.librosa_import import librosa
from synth_app.training.objective import SQUARED, WEIGHTS

_MEL_BANDS, _MEL_LOWEST_HZ, _MEL_RANGE_DB = 64, 30.0, 60.0
_AUDIBLE_DB, _AUDIBLE_SLOPE_DB = -45.0, 4.0  # a bin at this level re the maximum counts half; width of the transition
_PARTIALS, _PARTIAL_RANGE_DB = 40, 50.0
_NEAR = 7  # bins looked at around each harmonic; the loudest counts
_HIGHEST_DB = 20.0  # re the frame's maximum; keeps powers finite while a net is far from its goal
_TINY_POWER = 1e-12


class AudibleError(nn.Module):
    """Weighted sum of the terms of an objective, in squared units of the scaled frames.

    Args:
        spec: specification of the frames.
        keys: range of the pitches.
        terms: of ``training.objective``. ``squared`` alone has weight 1.
    """

    mel: Tensor
    partial_bins: Tensor

    def __init__(self, spec: FrameSpec, keys: KeyRange, terms: Collection[str]) -> None:
        super().__init__()
        self._half_range_db = -spec.floor_db / 2.0
        self._weights = {SQUARED: 1.0} if tuple(terms) == (SQUARED,) else {term: WEIGHTS[term] for term in terms}
        mel = librosa.filters.mel(
            sr=spec.sample_rate, n_fft=spec.n_fft, n_mels=_MEL_BANDS, fmin=_MEL_LOWEST_HZ, norm=None
        )
        self.register_buffer("mel", torch.from_numpy(mel[mel.any(axis=1)].T.copy()).float(), persistent=False)
        self.register_buffer("partial_bins", _partial_bins(spec, keys), persistent=False)

    def forward(self, y: Tensor, x: Tensor, key: Tensor) -> Tensor:
        """Return the error.

        Args:
            y: decoded frames [n, bins]. x: the frames to match [n, bins], maximum 1.
            key: rows of the pitches from the lowest key on [n].
        """
        total = torch.zeros((), device=x.device)
        if SQUARED in self._weights:
            total = total + self._weights[SQUARED] * nn.functional.mse_loss(y, x)
        if set(self._weights) == {SQUARED}:
            return total
        wanted = (x - 1.0) * self._half_range_db
        decoded = ((y - 1.0) * self._half_range_db).clamp(max=_HIGHEST_DB)
        if "mel" in self._weights:
            total = total + self._weights["mel"] * self._mel_error(decoded, wanted)
        if "bins" in self._weights:
            total = total + self._weights["bins"] * self._bin_error(decoded, wanted)
        if "partials" in self._weights:
            total = total + self._weights["partials"] * self._partial_error(decoded, wanted, key)
        return total

    def _mel_error(self, decoded: Tensor, wanted: Tensor) -> Tensor:
        """Squared level difference of mel bands down to ``_MEL_RANGE_DB`` below the loudest."""
        bands = [_decibels(torch.exp(db * (math.log(10.0) / 10.0)) @ self.mel) for db in (decoded, wanted)]
        floor = bands[1].amax(dim=1, keepdim=True) - _MEL_RANGE_DB
        return self._squared(bands[0].maximum(floor) - bands[1].maximum(floor)).mean()

    def _bin_error(self, decoded: Tensor, wanted: Tensor) -> Tensor:
        """Squared error of the bins near the frame's maximum."""
        weight = torch.sigmoid((wanted - _AUDIBLE_DB) / _AUDIBLE_SLOPE_DB)
        return (weight * self._squared(decoded - wanted)).sum() / weight.sum()

    def _partial_error(self, decoded: Tensor, wanted: Tensor, key: Tensor) -> Tensor:
        """Squared level difference of the loudest bins near the harmonics."""
        bins = self.partial_bins[key.round().long()]
        flat = bins.flatten(1)
        levels = [torch.gather(db, 1, flat).reshape(bins.shape).amax(dim=2) for db in (decoded, wanted)]
        used = (bins[:, :, 0] > 0) & (levels[1] > -_PARTIAL_RANGE_DB)
        return (used * self._squared(levels[0] - levels[1])).sum() / used.sum().clamp(min=1)

    def _squared(self, difference_db: Tensor) -> Tensor:
        return (difference_db / self._half_range_db).square()


def _decibels(power: Tensor) -> Tensor:
    return 10.0 * torch.log10(power + _TINY_POWER)


def _partial_bins(spec: FrameSpec, keys: KeyRange) -> Tensor:
    """Return the bins around every harmonic of every key, int64 [keys, partials, near]; 0 where there is none."""
    rows = []
    for key in range(keys.lowest, keys.highest + 1):
        spacing = 440.0 * 2.0 ** ((key - 69) / 12) * spec.n_fft / spec.sample_rate
        harmonic = torch.arange(1, _PARTIALS + 1) * spacing
        at = (harmonic[:, None] + torch.linspace(-1.0, 1.0, _NEAR) * max(1.0, 0.25 * spacing)).round().long()
        at[(at[:, -1] > spec.bins - 1) | (at[:, 0] < 1)] = 0
        rows.append(at)
    return torch.stack(rows)
