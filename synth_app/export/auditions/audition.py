"""Renders presets as a player would hear them and measures loudness, peak and the distance between presets."""

import itertools
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synth_app.decoder import Model
from synth_app.evaluation.metrics.loudness import RATE, integrated_loudness
from synth_app.export.render import render_audio
from synth_app.export.request import RenderRequest
from synth_app.params import EFFECTS, param
from synth_app.patch import Patch
from synth_app.session.presets.library import PresetEntry
from synth_app.session.presets.preset_transfer import transfer_preset
from synth_app.style import with_style_changes

HELD_S, TAIL_S = 2.0, 1.2
VELOCITY = 100
TARGET_LUFS = -26.0  # of one note; a full chord at full velocity then stays under the limiter
TOLERANCE_LU = 1.0  # on either side, so that any two presets are within 2 LU
CLIPPED_DB = -0.3  # peaks above it reach the limiter of the output
_NOT_LINEAR = ("drive", "limiter")  # effects whose output does not follow the gain
_MAX_LEVEL_ROUNDS, _LEVEL_TOLERANCE_LU = 3, 0.15
_FLOOR_DB = 60.0  # below the loudest band
_BANDS, _HOP = 48, 480
_PARTS_S = (0.0, 0.08, 0.25, 0.6, 1.2, HELD_S, HELD_S + 0.4, HELD_S + TAIL_S)  # onset, body, release


@dataclass(frozen=True)
class Audition:
    """One preset, rendered and measured.

    Attributes:
        entry: the preset.
        patch: the preset as the model plays it.
        audio: float32 [n, 2] at 48 kHz.
        loudness_lufs: integrated loudness; minus infinity for silence.
        peak_db: largest sample re full scale.
        fingerprint: float64 [parts, bands], dB relative to the loudest, for ``distance_db``.
    """

    entry: PresetEntry
    patch: Patch
    audio: NDArray[np.float32]
    loudness_lufs: float
    peak_db: float
    fingerprint: NDArray[np.float64]


def audition(entry: PresetEntry, model: Model, path: Path, quality: str = "live") -> Audition:
    """Render a preset's own note, held for two seconds. Raises UserError if the model cannot play the preset."""
    patch = transfer_preset(entry.preset, model, str(path), quality).patch
    return audition_patch(entry, with_style_changes(patch, model))  # solved once for all renders


def audition_patch(entry: PresetEntry, patch: Patch) -> Audition:
    """Render a patch as ``audition`` does; ``entry`` names its key."""
    request = RenderRequest(patch, Path(), entry.preset.note, VELOCITY, HELD_S, TAIL_S, ring_out=False)
    return _measured(entry, patch, render_audio(request))


def audition_levelled(entry: PresetEntry, model: Model, path: Path, quality: str = "live") -> Audition:
    """Find the output gain that brings a preset to ``TARGET_LUFS``, and measure the preset with it.

    A limiter may hold back a patch with a few loud peaks, so each gain is followed by another measurement.

    Returns:
        as ``audition``; the entry's preset has the gain, in tenths of a decibel, as near as its range allows.
    """
    heard = audition(entry, model, path, quality)
    gain = param("gain_db")
    for _ in range(_MAX_LEVEL_ROUNDS):
        error_lu = TARGET_LUFS - heard.loudness_lufs
        before = heard.patch.value("gain_db")
        after = gain.clamp(round(before + error_lu, 1)) if np.isfinite(error_lu) else before
        if abs(error_lu) < _LEVEL_TOLERANCE_LU or after == before:
            break
        params = {**heard.entry.preset.params, "gain_db": after}
        levelled = replace(entry, preset=heard.entry.preset.model_copy(update={"params": params}))
        heard = with_gain(heard, levelled, heard.patch.with_param("gain_db", after), after - before)
    return heard


def with_gain(heard: Audition, entry: PresetEntry, patch: Patch, by_db: float) -> Audition:
    """Return the audition of a patch that differs by a constant gain before the effects.

    The samples are scaled where nothing limits them, which gives the same as to render them again.

    Args:
        heard: before the change.
        entry, patch: after it.
        by_db: the gain.
    """
    if not follows_gain(patch, max(heard.peak_db, heard.peak_db + by_db)):
        return audition_patch(entry, patch)
    return _measured(entry, patch, heard.audio * np.float32(10.0 ** (by_db / 20.0)))


def follows_gain(patch: Patch, highest_peak_db: float) -> bool:
    """Return whether a gain before the effects changes the output's level by as much and nothing else.

    Args:
        patch: that is played.
        highest_peak_db: of the samples with the gain and without it, re full scale.
    """
    limited = any(patch.value(effect.switch_name) for effect in EFFECTS if effect.name in _NOT_LINEAR)
    return not limited and highest_peak_db <= CLIPPED_DB


def peak_db(audio: NDArray[np.float32]) -> float:
    """Return the largest sample re full scale, at least -200 dB."""
    return float(20.0 * np.log10(max(float(np.abs(audio).max()), 1e-10)))


def _measured(entry: PresetEntry, patch: Patch, audio: NDArray[np.float32]) -> Audition:
    return Audition(entry, patch, audio, integrated_loudness(audio), peak_db(audio), _fingerprint(audio))


def distance_db(x: Audition, y: Audition) -> float:
    """Return the mean difference of two presets' mel bands over onset, body and release, each at its own level."""
    return float(np.mean(np.abs(x.fingerprint - y.fingerprint)))


def change_db(rest: Audition, moved: Audition) -> float:
    """Return how much a sound changed in time: the mean difference of the mel bands, frame by frame, in dB.

    Both are at equal loudness, and parts 60 dB below the loudest of ``rest`` in both sounds do not count.
    """
    x, y = _mel_db(rest.audio), _mel_db(moved.audio)
    if np.isfinite(rest.loudness_lufs) and np.isfinite(moved.loudness_lufs):
        y = y + (rest.loudness_lufs - moved.loudness_lufs)
    floor = x.max() - _FLOOR_DB
    heard = (x > floor) | (y > floor)
    return float(np.mean(np.abs(np.maximum(x, floor) - np.maximum(y, floor))[heard]))


def nearest(auditions: list[Audition]) -> list[tuple[int, float]]:
    """Return for each preset the index of the nearest one and the distance in dB; (-1, inf) for a single preset."""
    found = []
    for i, x in enumerate(auditions):
        others = [(distance_db(x, y), k) for k, y in enumerate(auditions) if k != i]
        distance, index = min(others, default=(np.inf, -1))
        found.append((index, float(distance)))
    return found


def _fingerprint(audio: NDArray[np.float32]) -> NDArray[np.float64]:
    power = _mel_power(audio)
    bounds = [round(t * RATE / _HOP) for t in _PARTS_S]
    db = _decibels(np.stack([power[:, a:b].mean(axis=1) for a, b in itertools.pairwise(bounds)]))
    return np.maximum(db - db.max(), -_FLOOR_DB)


def _mel_db(audio: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the level of each mel band in each frame, float64 [bands, frames]."""
    return _decibels(_mel_power(audio))


def _mel_power(audio: NDArray[np.float32]) -> NDArray[np.floating]:
    from synth_app.support.compiling.librosa_import import librosa

    power: NDArray[np.floating] = librosa.feature.melspectrogram(
        y=audio.mean(axis=1), sr=RATE, n_fft=4096, hop_length=_HOP, n_mels=_BANDS, fmin=40.0, power=2.0
    )
    return power


def _decibels(power: NDArray[np.floating]) -> NDArray[np.float64]:
    return np.asarray(10.0 * np.log10(np.maximum(power, 1e-12)), dtype=np.float64)
