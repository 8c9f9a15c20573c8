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
_LEAST_GAIN_DB, _MOST_LOSS_DB = 0.1, 0.5  # from before the training to after it
_GOAL = 0.8  # of PCA's error


@dataclass(frozen=True)
class MelErrors:
    """RMS errors over mel bands in dB, on the same notes.

    Attributes:
        pca: PCA of the training notes. start: the model before the training. tuned: after it.
    """

    pca: float
    start: float
    tuned: float

    def __str__(self) -> str:
        """Return the figures in words."""
        return (
            f"{self.tuned:.1f} dB per mel band (PCA {self.pca:.1f} dB, the model before the training "
            f"{self.start:.1f} dB)"
        )


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


def verdict(learned: MelErrors, unseen: MelErrors, notes: int) -> str:
    """Return what the errors mean, in up to three sentences.

    Args:
        learned: on notes that the model was trained on. unseen: on ``notes`` others.
    """
    near = "very near to" if learned.tuned <= _NEAR_DB else "recognizably near to"
    quality = near if learned.tuned <= _FAIR_DB else "not yet near to"
    first = f"The model comes {quality} the notes that it learned: it misses {learned}."
    second = f"On {_counted(notes)} that it did not learn from, it misses {unseen}."
    return f"{first} {second} {_advice(learned, unseen)}"


def _advice(learned: MelErrors, unseen: MelErrors) -> str:
    if learned.tuned > learned.start - _LEAST_GAIN_DB:
        return "The training helped little: train longer, or record more notes."
    if unseen.tuned > _GOAL * unseen.pca:
        return "Other notes are little better than with PCA: record more notes at more keys."
    if unseen.tuned > unseen.start + _MOST_LOSS_DB:
        return "Other notes lost by the training: record more of them, or train shorter."
    return "It is ready to play."


def verdict_without_torch(notes: int, pca_db: float, command: str) -> str:
    """Return the verdict on a PCA model, with how to train further."""
    return (
        f"On {_counted(notes)} that it did not learn from, PCA misses {pca_db:.1f} dB per mel band. "
        f"A trained model comes nearer; it needs torch, which is not installed: {command}"
    )


def _counted(notes: int) -> str:
    return "1 note" if notes == 1 else f"{notes} notes"
