"""Meaning of a model's latent dimensions: their correlations with descriptors of the decoded sound."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synth_app.decoder import Model
from synth_app.modelfile import AxisTrait, ModelFile, bank_centers, load_model_file, save_model_file
from synth_app.modelfile.umap_positions import umap_positions
from synth_app.support.compiling.librosa_import import librosa
from synth_app.support.errors import UserError

Floats = NDArray[np.float64]
MAX_TRAITS = 3  # per dimension
MIN_R = 0.2  # weaker correlations are left out
_FRAMES_PER_NOTE = 12
_PARTIALS = 20
_TINY = 1e-12
_BASS_HZ, _AIR_HZ = 200.0, 5_000.0


def sound_descriptors(model: Model) -> tuple[Floats, dict[str, Floats]]:
    """Compute descriptors of the frames decoded from the bank's notes, from attack to release.

    Brightness (spectral centroid), width (bandwidth), noisiness (flatness) and contrast are those of librosa, the first
    two in octaves, the third in dB. Bass and air are the fractions of power below 200 Hz and above 5 kHz in dB,
    odd/even is the level of odd over even partials in dB, attack falls with a frame's time after the onset, register is
    the pitch.

    Returns:
        Latent vectors float64 [n, latent], and descriptors float64 [n] by name.
    """
    latents, early, pitch = [], [], []
    for note in model.bank:
        rows = np.unique(np.linspace(0, note.marks.release_start - 1, _FRAMES_PER_NOTE).astype(int))
        latents.append(note.z[rows])
        early.append(-np.log10(0.01 + rows * model.spec.hop_seconds))
        pitch.append(np.full(len(rows), note.pitch, np.float64))
    z, key = np.concatenate(latents), np.concatenate(pitch)
    frames_db = model.decode(z, 0.0, key.astype(np.float32)).astype(np.float64)
    magnitude = (10.0 ** (frames_db / 20.0)).T  # librosa: [bins, frames]
    power = magnitude**2 + _TINY
    spec = model.spec
    hz = librosa.fft_frequencies(sr=spec.sample_rate, n_fft=spec.n_fft)
    rate, n_fft = spec.sample_rate, spec.n_fft
    centroid = librosa.feature.spectral_centroid(S=magnitude, sr=rate, n_fft=n_fft)[0]
    spread = librosa.feature.spectral_bandwidth(S=magnitude, sr=rate, n_fft=n_fft)[0]
    contrast = librosa.feature.spectral_contrast(S=magnitude, sr=rate, n_fft=n_fft, fmin=100.0, n_bands=5)
    values = {
        "brightness": np.log2(np.maximum(centroid, 1.0)),
        "width": np.log2(np.maximum(spread, 1.0)),
        "noisiness": 10 * np.log10(librosa.feature.spectral_flatness(S=magnitude)[0] + _TINY),
        "contrast": contrast.mean(axis=0),
        "bass": 10 * np.log10(power[hz < _BASS_HZ].sum(axis=0) / power.sum(axis=0)),
        "odd/even": _odd_over_even(power, key, spec.sample_rate / spec.n_fft),
        "attack": np.concatenate(early),
        "register": key,
    }
    if hz[-1] > 1.5 * _AIR_HZ:
        values["air"] = 10 * np.log10(power[hz > _AIR_HZ].sum(axis=0) / power.sum(axis=0))
    return z.astype(np.float64), values


def axis_traits(latents: Floats, descriptors: dict[str, Floats]) -> tuple[tuple[AxisTrait, ...], ...]:
    """Return for every dimension of latent vectors [n, latent] the descriptors with the strongest correlations."""
    names = list(descriptors)
    columns = np.stack([_standard(descriptors[name]) for name in names], axis=1)
    r = np.stack([_standard(axis) for axis in latents.T]) @ columns / len(latents)
    out = []
    for row in np.clip(r, -1.0, 1.0):
        order = np.argsort(-np.abs(row))[:MAX_TRAITS]
        out.append(tuple(AxisTrait(name=names[i], r=round(float(row[i]), 3)) for i in order if abs(row[i]) >= MIN_R))
    return tuple(out)


def described(path: Path | str, *, with_map: bool, report: Callable[[str], None] = lambda _: None) -> ModelFile:
    """Return a model file with measured traits, and with the map of its bank if requested.

    Raises:
        UserError: not a model file, or a model without a note bank.
    """
    file = load_model_file(path)
    if not file.bank:
        raise UserError(f"{path}: this model has no note bank; choose a model with one")
    report("measuring descriptors")
    traits = axis_traits(*sound_descriptors(Model(file)))
    file = replace(file, card=file.card.model_copy(update={"axis_traits": traits}))
    if with_map and len(file.bank) >= 8:
        report("computing the map (about a minute)")
        file = replace(file, map_positions=umap_positions(bank_centers(file.bank)))
    return file


def describe_file(path: Path, *, with_map: bool, report: Callable[[str], None] = lambda _: None) -> ModelFile:
    """Measure a model file and write it back. Raises as ``described``, or if the file cannot be written."""
    file = described(path, with_map=with_map, report=report)
    save_model_file(path, file)
    return file


def _standard(values: Floats) -> Floats:
    centred = values - values.mean()
    deviation = float(centred.std())
    return centred / deviation if deviation > 1e-9 else np.zeros_like(centred)


def _odd_over_even(power: Floats, pitch: Floats, bin_hz: float) -> Floats:
    """Return the level of partials 3, 5, … over 2, 4, … in dB; power [bins, frames], pitch [frames]."""
    f0_hz = 440.0 * 2.0 ** ((pitch - 69.0) / 12.0)
    bins = np.rint(np.arange(1, _PARTIALS + 1)[:, None] * f0_hz / bin_hz).astype(int)
    inside = bins < len(power)
    levels = np.take_along_axis(power, np.minimum(bins, len(power) - 1), axis=0) * inside + _TINY
    out: Floats = 10 * np.log10(levels[2::2].sum(axis=0) / levels[1::2].sum(axis=0))
    return out
