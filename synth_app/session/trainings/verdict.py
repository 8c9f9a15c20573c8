"""How near models come to notes that they did not learn from, in figures and in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from synth_app.evaluation.metrics.frame_audibility import AudibleError
from synth_app.evaluation.metrics.rmse import Reconstruction
from synth_app.modelfile import ModelFile
from synth_app.spectrum import from_unit
from synth_app.training.data.frame_cache import FrameCache

_NEAR_DB, _FAIR_DB = 3.0, 5.0
_LEAST_GAIN_DB = 0.1
_GOAL = 0.8  # of PCA's error


@dataclass(frozen=True)
class MelErrors:
    """RMS errors over mel bands in dB, on held-out notes.

    Attributes:
        notes: number of them.
        pca: PCA of the same training notes. start: the model before the training. tuned: after it.
    """

    notes: int
    pca: float
    start: float
    tuned: float


def mel_error(model: ModelFile, cache: FrameCache, rows: Sequence[int], pitches: Mapping[str, int]) -> float:
    """Return a model's RMS error over mel bands in dB; ``pitches`` are MIDI, by the notes' names.

    Args:
        model: whose frames are those of the cache.
        cache: frames. rows: of the notes to measure.
    """
    error, reconstruct = AudibleError(cache.spec), Reconstruction(model)
    for row in rows:
        unit = cache.unit(row).astype(np.float32)
        pitch = pitches[cache.names[row]]
        error.add_note(reconstruct(unit, pitch), from_unit(unit, cache.spec.floor_db), pitch)
    return error.result().mel_db


def verdict(errors: MelErrors) -> str:
    """Return what the errors mean, in up to three sentences."""
    near = "very near to" if errors.tuned <= _NEAR_DB else "recognizably near to"
    quality = near if errors.tuned <= _FAIR_DB else "far from"
    first = (
        f"On {_counted(errors.notes)} that it did not learn from, the model comes {quality} the recordings: "
        f"it misses {errors.tuned:.1f} dB per mel band, PCA {errors.pca:.1f} dB, and the model before the "
        f"training {errors.start:.1f} dB."
    )
    if errors.tuned > errors.start - _LEAST_GAIN_DB:
        return f"{first} The training helped little: record more notes, or train longer."
    if errors.tuned > _GOAL * errors.pca:
        return f"{first} That is little better than PCA: train longer, or record more notes at more keys."
    return f"{first} It is ready to play."


def verdict_without_torch(notes: int, pca_db: float, command: str) -> str:
    """Return the verdict on a PCA model, with how to train further."""
    return (
        f"On {_counted(notes)} that it did not learn from, PCA misses {pca_db:.1f} dB per mel band. "
        f"A trained model comes nearer; it needs torch, which is not installed: {command}"
    )


def _counted(notes: int) -> str:
    return "1 note" if notes == 1 else f"{notes} notes"
