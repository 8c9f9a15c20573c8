"""How a patch sounds over time, from a few decoded frames: its mel bands and its loudness."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth_app.decoder import Model
from synth_app.engine.spectral.loudness import k_weights
from synth_app.evaluation.similarity.features import mel_bands
from synth_app.patch import Patch
from synth_app.session.curves.handle_sound import slot_notes
from synth_app.session.state.centers import patch_center

Floats = NDArray[np.float64]
TIMES_S = np.array([0.01, 0.03, 0.06, 0.1, 0.17, 0.26, 0.4, 0.6, 0.9, 1.3, 1.8])  # of the frames, from the onset on
_WEIGHTS = np.gradient(TIMES_S) / np.gradient(TIMES_S).sum()  # how long each frame stands for
_BANDS, _HIGHEST_HZ = 40, 16_000.0
_RANGE_DB = 60.0  # below the loudest band: what is softer is not heard
_DECAY_RATE = 4.605  # of the engine's envelope: ln(100) per decay time
_LEAST_POWER = 1e-14


@dataclass(frozen=True)
class HeardPatch:
    """What is heard of a patch while a key is held.

    Attributes:
        mel_db: float64 [times, bands], relative to the loudness.
        loudness_db: K-weighted, the mean over time; without the patch's ``offset_db``.
    """

    mel_db: Floats
    loudness_db: float


class PatchEar:
    """Hears patches of one model, without effects and modulation. An instance belongs to one thread."""

    def __init__(self, model: Model) -> None:
        self.model = model
        bins, bin_hz = model.spec.bins, model.spec.sample_rate / model.spec.n_fft
        self._k_weights = k_weights(bins, bin_hz).astype(np.float64)
        self._bands = mel_bands(bins, bin_hz, _BANDS, min(_HIGHEST_HZ, model.spec.sample_rate / 2.0)).T

    def hear(self, patches: Sequence[Patch]) -> list[HeardPatch]:
        """Return what is heard of each patch."""
        parts = [self._path(patch) for patch in patches]
        z = np.concatenate([part[0] for part in parts]).astype(np.float32)
        pitch = np.repeat([part[1] for part in parts], len(TIMES_S))
        frames = self.model.decode_held(z, 0.0, pitch).astype(np.float64)
        frames -= frames.max(axis=1, keepdims=True)
        frames += np.concatenate([part[2] for part in parts])
        power = 10.0 ** (frames / 10.0)
        loud = (power @ self._k_weights).reshape(len(patches), -1) @ _WEIGHTS
        loudness_db = 10.0 * np.log10(loud + _LEAST_POWER)
        mel_db = 10.0 * np.log10(power @ self._bands + _LEAST_POWER).reshape(len(patches), len(TIMES_S), -1)
        return [HeardPatch(mel - level, float(level)) for mel, level in zip(mel_db, loudness_db.tolist(), strict=True)]

    def _path(self, patch: Patch) -> tuple[Floats, float, Floats]:
        """Return latent vectors [times, latent], the key, and what is added to frames that peak at 0 dB."""
        spec, detail, motion = self.model.spec, patch.value("detail"), patch.value("motion")
        center = patch_center(patch, self.model)
        z, pitch = np.zeros((len(TIMES_S), len(center))), 0.0
        added = np.zeros((len(TIMES_S), spec.bins)) + _envelope_db(patch)[:, None]
        for slot in slot_notes(patch, self.model):
            if not slot.weight:
                continue
            note = slot.note
            last = max(note.marks.release_start - 1, 0)
            at = np.minimum(np.rint(TIMES_S / spec.hop_seconds).astype(np.int64), min(last, len(note.z) - 1))
            z += slot.weight * note.z[at]
            pitch += slot.weight * slot.pitch
            added += slot.weight * note.gain_db[at, None]
            if detail and note.correction is not None and note.correction.bins == spec.bins:
                added += slot.weight * detail * note.correction.levels_db(at, len(note.z))
        offset = np.asarray(patch.offset, np.float64) if patch.offset else 0.0
        return center + motion * (z - center) + offset, float(round(pitch)), added


def distance_db(x: HeardPatch, y: HeardPatch) -> float:
    """Return the mean difference of the mel bands of two patches in dB, both equally loud.

    Bands more than 60 dB below the loudest band of both count as this limit.
    """
    floor = max(x.mel_db.max(), y.mel_db.max()) - _RANGE_DB
    return float(np.mean(np.abs(np.maximum(x.mel_db, floor) - np.maximum(y.mel_db, floor))))


def _envelope_db(patch: Patch) -> Floats:
    """Return the level of the amplitude envelope while the key is held, in dB, at least -60: float64 [times]."""
    attack_s, decay_s, sustain = (patch.value(name) for name in ("attack_s", "decay_s", "sustain"))
    decayed = sustain + (1.0 - sustain) * np.exp(-_DECAY_RATE * np.maximum(TIMES_S - attack_s, 0.0) / decay_s)
    level = np.where(attack_s > TIMES_S, TIMES_S / attack_s, decayed)
    return np.asarray(20.0 * np.log10(np.maximum(level, 1e-3)))
