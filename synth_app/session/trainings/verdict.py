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
        pca: PCA of the training notes. trained: the trained model. start: the model before the training; None for a
            new model.
    """

    pca: float
    trained: float
    start: float | None = None

    @property
    def before(self) -> float:
        """What the training is compared with: the model before it, or PCA for a new one."""
        return self.pca if self.start is None else self.start

    def __str__(self) -> str:
        """Return the figures in words."""
        before = "" if self.start is None else f", the model before the training {self.start:.1f} dB"
        return f"{self.trained:.1f} dB per mel band (PCA {self.pca:.1f} dB{before})"


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
    near = "very near to" if learned.trained <= _NEAR_DB else "recognizably near to"
    quality = near if learned.trained <= _FAIR_DB else "not yet near to"
    first = f"The model comes {quality} the notes that it learned: it misses {learned}."
    second = f"On {_counted(notes)} that it did not learn from, it misses {unseen}."
    return f"{first} {second} {_advice(learned, unseen)}"


def _advice(learned: MelErrors, unseen: MelErrors) -> str:
    if learned.trained > learned.before - _LEAST_GAIN_DB:
        return "The training helped little: train longer, or record more notes."
    if unseen.trained > _GOAL * unseen.pca:
        return "Other notes are little better than with PCA: record more notes at more keys."
    if unseen.trained > unseen.before + _MOST_LOSS_DB:
        return "Other notes lost by the training: record more of them, or train shorter."
    return "It is ready to play."


def verdict_of_pca(notes: int, pca_db: float, command: str = "") -> str:
    """Return the verdict on a PCA model. ``command`` installs torch, if a trained model was wanted without it."""
    first = f"On {_counted(notes)} that it did not learn from, PCA misses {pca_db:.1f} dB per mel band."
    if not command:
        return f"{first} It is ready to play; a trained model comes nearer."
    return f"{first} A trained model comes nearer; it needs torch, which is not installed: {command}"


def _counted(notes: int) -> str:
    return "1 note" if notes == 1 else f"{notes} notes"
