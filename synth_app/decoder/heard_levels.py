"""Levels of a note's frames as they are heard: after the phase stage, which loses power where frames do not agree."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from synth_app.modelfile.noise_share import EDGES
from synth_app.spectrum import FrameSpec, db_frames, window

Float64s = NDArray[np.float64]
_OVERLAP = 8  # of live playing
_SILENT_DB, _LEAST_POWER = -200.0, 1e-30


def heard_frames_db(
    frames_db: Float64s, share_db: Float64s | None, pitch: float, spec: FrameSpec, seed: int = 0
) -> NDArray[np.float32]:
    """Return the frames of the sound that the live phase stage makes of frames, [frames, bins] in dB.

    Args:
        frames_db: [frames, bins], re a full-scale sine.
        share_db: [frames, bands], share of noise as in ``noise_share``; None if it is not known.
        pitch: MIDI, fractions allowed.
        spec: of the frames.
        seed: of random phases and noise.
    """
    from synth_app.phase import StereoSum, istft, new_state, phase_tables, prime, reset, sweep_add  # compiled: slow

    live = replace(spec, hop_length=spec.n_fft // _OVERLAP)
    at = np.arange(0.0, max(len(frames_db) - 1.0, 0.5), live.hop_length / spec.hop_length)
    scale = window(spec.window, spec.n_fft).sum() / 2.0
    magnitudes = (10.0 ** (_between(frames_db, at) / 20.0)).astype(np.float32)
    limits = np.ones_like(magnitudes)
    if share_db is not None:
        spacing = 440.0 * 2.0 ** ((pitch - 69.0) / 12.0) * spec.n_fft / spec.sample_rate
        power = magnitudes.astype(np.float64) ** 2
        noise = noise_power(power, _between(share_db, at), spacing)
        limits = np.sqrt(np.maximum(1.0 - noise / np.maximum(power, _LEAST_POWER), 0.0)).astype(np.float32)
    tables = phase_tables(live.window, live.n_fft, live.hop_length).kernel
    state = new_state(1, spec.bins)
    reset(state, 0, tables, seed)
    prime(magnitudes[0], state, 0, tables)
    spectra = np.empty(magnitudes.shape, np.complex64)
    for i, (magnitude, limit) in enumerate(zip(magnitudes, limits, strict=True)):
        left, right = np.zeros((2, 2, spec.bins), np.float32)
        state.max_tonal[0] = limit
        sweep_add(magnitude, state, 0, tables, StereoSum(np.float32(1), np.float32(1), left, right))
        spectra[i] = left[0] + 1j * left[1]
    heard = db_frames(istft(spectra, live) * np.float32(scale), spec)[: len(frames_db)]
    missing = len(frames_db) - len(heard)
    return np.concatenate([heard, np.full((missing, spec.bins), _SILENT_DB, np.float32)])


def noise_power(power: Float64s, share_db: Float64s, spacing: float) -> Float64s:
    """Return the power of noise in every bin, [frames, bins], as the engine finds it.

    Args:
        power: [frames, bins]. share_db: [frames, bands], as in ``noise_share``.
        spacing: bins between partials.
    """
    bins = power.shape[1]
    band = np.searchsorted(EDGES, np.arange(bins) / spacing, "right") - 1
    half = min(max(2, round(0.5 * spacing)), bins // 4)
    sums = np.concatenate([np.zeros((len(power), 1)), np.cumsum(power, axis=1)], axis=1)
    low, high = np.maximum(np.arange(bins) - half, 0), np.minimum(np.arange(bins) + half + 1, bins)
    around = (sums[:, high] - sums[:, low]) / (high - low)
    return np.asarray(10.0 ** (share_db[:, band] / 10.0) * around)


def _between(rows: NDArray[np.floating], at: Float64s) -> Float64s:
    """Return rows at fractional indices."""
    i = np.minimum(at.astype(int), max(len(rows) - 2, 0))
    following = np.minimum(i + 1, len(rows) - 1)
    fraction = (at - i)[:, None]
    return np.asarray((1.0 - fraction) * rows[i] + fraction * rows[following], np.float64)
