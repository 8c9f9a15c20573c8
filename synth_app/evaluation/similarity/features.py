"""Features of a sound that tell instruments apart: spectrum over time, noise, decay and movement.

They are taken below 7.6 kHz, so that models of 16 and 48 kHz give the same.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from synth_app.spectrum import FrameSpec

Floats = NDArray[np.float64]
# limits of the parts of a sound whose mean spectra are taken, in seconds from the onset
PART_EDGES_S = (0.0, 0.03, 0.08, 0.2, 0.5, 1.0, 2.0)
PARTS = len(PART_EDGES_S) - 1
CONTOUR_STEP_S, CONTOUR_STEPS = 0.512 / 48.0, 200
_HIGHEST_HZ, _LOWEST_MEL_HZ, _MEL_BANDS = 7_600.0, 60.0, 24
_RELATIVE_BANDS, _OCTAVES_EACH = 11, 0.5
_NOISE_EDGES_HZ = (60.0, 500.0, 1_500.0, 3_500.0, _HIGHEST_HZ)
_TINY = 1e-14
_SILENT_DB = -120.0
_LEVEL_STEPS = (5, 10, 20, 40, 80, 120, 160)  # of the contour
_MODULATION_HZ = ((1.0, 3.0), (3.0, 5.0), (5.0, 7.0), (7.0, 10.0), (10.0, 20.0))
_SUSTAIN = slice(24, 152)  # steps of the contour


@dataclass(frozen=True)
class SoundShape:
    """What the features are computed from.

    Attributes:
        parts_db: [PARTS, bins], mean spectra in dB.
        contour_db: [CONTOUR_STEPS], level of the strongest bin every ``CONTOUR_STEP_S``, from the onset on.
        bin_hz: distance of the bins.
        pitch: MIDI, fractions allowed.
    """

    parts_db: Floats
    contour_db: Floats
    bin_hz: float
    pitch: float


def shape_of_frames(frames_db: NDArray[np.floating], spec: FrameSpec, pitch: float) -> SoundShape:
    """Return the shape of frames [n, bins] in dB, from the first audible frame of a sound on; n is at least 1."""
    power = 10.0 ** (frames_db.astype(np.float64) / 10.0)
    parts = [power[part].mean(axis=0) for part in part_slices(len(frames_db), spec.hop_seconds)]
    contour = contour_of(frames_db.max(axis=1), spec.hop_seconds)
    return SoundShape(10.0 * np.log10(np.array(parts) + _TINY), contour, spec.sample_rate / spec.n_fft, pitch)


def part_slices(frames: int, hop_s: float) -> list[slice]:
    """Return the frames of each part; where the sound ends before, its last frame."""
    edges = [min(round(each / hop_s), frames) for each in PART_EDGES_S]
    starts = [min(each, frames - 1) for each in edges[:-1]]
    return [slice(start, max(stop, start + 1)) for start, stop in zip(starts, edges[1:], strict=True)]


def contour_of(levels_db: NDArray[np.floating], hop_s: float) -> Floats:
    """Return the levels of frames [n] at even steps, and silence after the last one."""
    wanted = np.arange(CONTOUR_STEPS) * CONTOUR_STEP_S
    return np.interp(wanted, np.arange(len(levels_db)) * hop_s, levels_db.astype(np.float64), right=_SILENT_DB)


def features(shape: SoundShape) -> Floats:
    """Return the features of a sound, float64 [FEATURES]."""
    hz = np.arange(shape.parts_db.shape[1], dtype=np.float64) * shape.bin_hz
    power = np.where(hz <= _HIGHEST_HZ, 10.0 ** (shape.parts_db / 10.0), 0.0)
    whole_db = 10.0 * np.log10(power.sum(axis=1) + _TINY)
    bands_db = 10.0 * np.log10(power @ mel_bands(len(hz), shape.bin_hz).T + _TINY)
    mel = np.maximum(bands_db - whole_db[:, None], -70.0)
    broad = np.maximum(bands_db, -130.0).reshape(PARTS, 6, 4).mean(axis=2)
    moved = mel[4] - mel[2]
    f0_hz = 440.0 * 2.0 ** ((shape.pitch - 69.0) / 12.0)
    centroid = (power * hz).sum(axis=1) / (power.sum(axis=1) + _TINY)
    return np.concatenate([
        mel[[0, 2, 3, 4]].ravel(),
        np.maximum(whole_db - whole_db.max(), -50.0),
        _between_partials_db(power, hz, f0_hz).ravel(),
        12.0 * np.log2(np.maximum(centroid[[0, 2, 4]], 1.0) / f0_hz),
        _timing(shape.contour_db),
        [np.abs(moved).mean(), moved.mean(), mel[2].mean()],
        _relative_levels_db(power, hz, f0_hz).ravel(),
        np.clip(broad[[0, 1, 3, 4, 5]] - broad[2], -40.0, 40.0).ravel(),
        _modulation(shape.contour_db),
    ])  # fmt: skip


FEATURES = 4 * _MEL_BANDS + PARTS + 12 + 3 + 9 + 3 + 3 * _RELATIVE_BANDS + 30 + 7


@lru_cache(maxsize=8)
def mel_bands(bins: int, bin_hz: float, bands: int = _MEL_BANDS, highest_hz: float = _HIGHEST_HZ) -> Floats:
    """Return triangular weights over bins, float64 [bands, bins], each with the sum 1; from 60 Hz on."""
    hz = np.arange(bins, dtype=np.float64) * bin_hz
    edges = np.linspace(_mel(_LOWEST_MEL_HZ), _mel(highest_hz), bands + 2)
    mel = _mel(hz)
    rising = (mel[None] - edges[:-2, None]) / np.diff(edges)[:-1, None]
    falling = (edges[2:, None] - mel[None]) / np.diff(edges)[1:, None]
    weights = np.maximum(0.0, np.minimum(rising, falling))
    for row, center in zip(weights, edges[1:-1], strict=True):
        if row.sum() < 0.5:  # narrower than a bin
            row[np.argmin(np.abs(mel - center))] = 1.0
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def _mel(hz: float | Floats) -> Floats:
    return np.asarray(2595.0 * np.log10(1.0 + np.asarray(hz) / 700.0))


def _between_partials_db(power: Floats, hz: Floats, f0_hz: float) -> Floats:
    """Return the mean power between the partials over that of all bins, in bands, for three parts: [3, 4]."""
    between = np.abs(hz / f0_hz % 1.0 - 0.5) < 0.2
    out = np.zeros((3, len(_NOISE_EDGES_HZ) - 1))
    for i, (low, high) in enumerate(pairwise(_NOISE_EDGES_HZ)):
        band = (hz >= low) & (hz < high)
        if (band & between).any():
            some, every = power[::2, band & between].mean(axis=1), power[::2, band].mean(axis=1)
            out[:, i] = 10.0 * np.log10((some + 1e-13) / (every + 1e-13))
    return np.maximum(out, -40.0)


def _relative_levels_db(power: Floats, hz: Floats, f0_hz: float) -> Floats:
    """Return levels in bands of half an octave from the fundamental on, for three parts: [3, bands]."""
    band = np.floor(np.log2(np.maximum(hz, 1.0) / f0_hz) / _OCTAVES_EACH + 0.5)
    sums = np.stack([power[::2, band == i].sum(axis=1) for i in range(_RELATIVE_BANDS)], axis=1)
    whole = power[::2].sum(axis=1, keepdims=True)
    return np.maximum(10.0 * np.log10((sums + _TINY) / (whole + _TINY)), -70.0)


def _timing(contour_db: Floats) -> Floats:
    """Return how long the attack is, and levels later on: [9]."""
    level = contour_db - contour_db.max()
    attack = [np.log1p(float(np.argmax(level > limit))) for limit in (-10.0, -3.0)]
    return np.concatenate([attack, np.maximum(level[list(_LEVEL_STEPS)], -60.0)])


def _modulation(contour_db: Floats) -> Floats:
    """Return how far and how fast the level moves in the sustain: [7]."""
    level = np.maximum(contour_db[_SUSTAIN], contour_db.max() - 60.0)
    steps = np.arange(len(level))
    rest = level - np.polyval(np.polyfit(steps, level, 2), steps)
    spectrum = np.abs(np.fft.rfft(rest * np.hanning(len(level)))) / (len(level) / 4)
    hz = np.arange(len(spectrum)) / (len(level) * CONTOUR_STEP_S)
    peaks = [np.log(spectrum[(hz >= low) & (hz < high)].max() + 0.02) for low, high in _MODULATION_HZ]
    return np.array([np.log(rest.std() + 0.02), np.log(np.abs(np.diff(level)).mean() + 0.01), *peaks])
