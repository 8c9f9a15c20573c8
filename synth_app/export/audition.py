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
from synth_app.params import param
from synth_app.patch import Patch
from synth_app.session.presets.library import PresetEntry
from synth_app.session.presets.preset_transfer import transfer_preset
from synth_app.session.state.preset import Preset

HELD_S, TAIL_S = 2.0, 1.2
VELOCITY = 100
TARGET_LUFS = -26.0  # of one note; a full chord at full velocity then stays under the limiter
TOLERANCE_LU = 1.0  # on either side, so that any two presets are within 2 LU
_MAX_LEVEL_ROUNDS, _LEVEL_TOLERANCE_LU = 3, 0.15
_FLOOR_DB = 60.0  # below the loudest band
_BANDS = 48
_PARTS_S = (0.0, 0.08, 0.25, 0.6, 1.2, HELD_S, HELD_S + 0.4, HELD_S + TAIL_S)  # onset, body, release


@dataclass(frozen=True)
class Audition:
    """One preset, rendered and measured.

    Attributes:
        entry: the preset.
        audio: float32 [n, 2] at 48 kHz.
        loudness_lufs: integrated loudness; minus infinity for silence.
        peak_db: largest sample re full scale.
        fingerprint: float64 [parts, bands], dB relative to the loudest, for ``distance_db``.
    """

    entry: PresetEntry
    audio: NDArray[np.float32]
    loudness_lufs: float
    peak_db: float
    fingerprint: NDArray[np.float64]


def audition(entry: PresetEntry, model: Model, path: Path, quality: str = "live") -> Audition:
    """Render a preset's own note, held for two seconds. Raises UserError if the model cannot play the preset."""
    audio = _render(transfer_preset(entry.preset, model, str(path), quality).patch, entry.preset)
    peak = float(np.abs(audio).max())
    return Audition(
        entry, audio, integrated_loudness(audio), 20.0 * np.log10(max(peak, 1e-10)), _fingerprint(audio)
    )  # fmt: skip


def audition_levelled(entry: PresetEntry, model: Model, path: Path, quality: str = "live") -> Audition:
    """Find the output gain that brings a preset to ``TARGET_LUFS``, and measure the preset with it.

    The limiter may hold back a patch with a few loud peaks, so each gain is followed by another measurement.

    Returns:
        as ``audition``; the entry's preset has the gain, in tenths of a decibel, as near as its range allows.
    """
    measured = audition(entry, model, path, quality)
    gain = param("gain_db")
    for _ in range(_MAX_LEVEL_ROUNDS):
        error_lu = TARGET_LUFS - measured.loudness_lufs
        before = measured.entry.preset.params.get("gain_db", gain.default)
        after = gain.clamp(round(before + error_lu, 1)) if np.isfinite(error_lu) else before
        if abs(error_lu) < _LEVEL_TOLERANCE_LU or after == before:
            break
        params = {**measured.entry.preset.params, "gain_db": after}
        measured = audition(
            replace(entry, preset=entry.preset.model_copy(update={"params": params})), model, path, quality
        )
    return measured


def distance_db(x: Audition, y: Audition) -> float:
    """Return the mean difference of two presets' mel bands over onset, body and release, each at its own level."""
    return float(np.mean(np.abs(x.fingerprint - y.fingerprint)))


def nearest(auditions: list[Audition]) -> list[tuple[int, float]]:
    """Return for each preset the index of the nearest one and the distance in dB; (-1, inf) for a single preset."""
    found = []
    for i, x in enumerate(auditions):
        others = [(distance_db(x, y), k) for k, y in enumerate(auditions) if k != i]
        distance, index = min(others, default=(np.inf, -1))
        found.append((index, float(distance)))
    return found


def _render(patch: Patch, preset: Preset) -> NDArray[np.float32]:
    request = RenderRequest(patch, Path(), preset.note, VELOCITY, HELD_S, TAIL_S, ring_out=False)
    return render_audio(request)


def _fingerprint(audio: NDArray[np.float32]) -> NDArray[np.float64]:
    import librosa

    power = librosa.feature.melspectrogram(
        y=audio.mean(axis=1), sr=RATE, n_fft=4096, hop_length=480, n_mels=_BANDS, fmin=40.0, power=2.0
    )
    bounds = [round(t * RATE / 480) for t in _PARTS_S]
    parts = np.stack([power[:, a:b].mean(axis=1) for a, b in itertools.pairwise(bounds)])
    db = 10.0 * np.log10(np.maximum(parts, 1e-12))
    return np.asarray(np.maximum(db - db.max(), -_FLOOR_DB), dtype=np.float64)
