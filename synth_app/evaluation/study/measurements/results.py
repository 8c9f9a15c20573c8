"""Results of one cell of the grid, stored as one JSON file each."""

import logging
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field, TypeAdapter

from synth_app.evaluation.metrics.frame_rules import RULES, RuleErrors
from synth_app.evaluation.metrics.rmse import Rmse
from synth_app.support.errors import UserError
from synth_app.support.files import atomic_path
from synth_app.support.loading import loading, read_bytes

logger = logging.getLogger(__name__)

FORMAT = 2
_MAX_BYTES = 2**26  # 20,000 test notes have 2 MB
CELLS_FOLDER = "cells"


@dataclass(frozen=True)
class SimilarityScores:
    """Perceptual similarity of resynthesised notes to their originals, note by note.

    Attributes:
        phases: "original", or "griffinlim" for phases found from the magnitudes alone.
        psm, psm_t: as in ``psm.Similarity``.
    """

    phases: str
    psm: tuple[float, ...]
    psm_t: tuple[float, ...]


@dataclass(frozen=True)
class LatentStatistics:
    """Statistics of a cell's latent vectors on test notes.

    Attributes:
        correlation: absolute correlation [latent][latent] within a note, averaged over notes; empty over 32 dimensions.
        by_note: mean of a note's absolute correlations off the diagonal, for each test note; 0 for constant vectors.
        pooled: mean absolute correlation off the diagonal over the frames of all notes together; None in older files.
        saturated: fraction of latent values beyond 0.99 of tanh's range; None without tanh.
    """

    correlation: tuple[tuple[float, ...], ...]
    by_note: tuple[float, ...]
    saturated: float | None
    pooled: float | None = None


@dataclass(frozen=True)
class Cost:
    """Costs of training and running a cell's model.

    Attributes:
        encoder_parameters, decoder_parameters: stored numbers, as exported.
        epochs, best_epoch, most_epochs: done, selected, allowed; all 0 without optimization.
        frames_per_note: sampled in each epoch; 0 for all.
        train_seconds: processor time.
        decode_us: microseconds for one frame alone, median of many on one thread.
        decode_batch_us: microseconds per frame of a batch of 64.
    """

    encoder_parameters: int
    decoder_parameters: int
    epochs: int
    best_epoch: int
    most_epochs: int
    frames_per_note: int
    train_seconds: float
    decode_us: float
    decode_batch_us: float


@dataclass(frozen=True)
class CellResult:
    """Result of one cell.

    Attributes:
        format: version of this file.
        digest: of the measured model file and of the settings of the measurement.
        family, title, latent_size, split, seed, beta: identify the cell.
        augment: fraction of training frames that were altered.
        spec: description of the frames.
        notes: test notes, in the order of all values by note.
        errors: on the test notes, by every frame rule.
        train_errors: on a sample of training notes.
        similarity_notes: the test notes with perceptual scores.
        similarities: with original phases and with phases found by Griffin-Lim.
        latent, cost: see there.
    """

    format: int
    digest: str
    family: str
    title: str
    latent_size: int
    split: str
    seed: int
    beta: float
    augment: float
    spec: str
    notes: tuple[str, ...]
    errors: tuple[RuleErrors, ...]
    train_errors: tuple[RuleErrors, ...]
    similarity_notes: Annotated[tuple[str, ...], Field(alias="heard_notes")]  # aliases: names in the files
    similarities: Annotated[tuple[SimilarityScores, ...], Field(alias="heard")]
    latent: Annotated[LatentStatistics, Field(alias="code")]
    cost: Cost

    def check(self) -> None:
        """Check that all values by note are there. Raises ValueError."""
        n, heard = len(self.notes), len(self.similarity_notes)
        errors = [*self.errors, *self.train_errors]
        if not n or {each.rule for each in self.errors} != {rule.name for rule in RULES}:
            raise ValueError("its notes or the errors by one of the frame rules are missing")
        if any(len(each.frames) != n for each in self.errors) or len(self.latent.by_note) != n:
            raise ValueError(f"it has not one error and one correlation for each of {n} notes")
        if any(len(each.mean_squares) != len(each.frames) or not sum(each.frames) for each in errors):
            raise ValueError("it has errors without frames")
        if any(len(each.psm) != heard or len(each.psm_t) != heard for each in self.similarities):
            raise ValueError(f"it has not one similarity for each of {heard} notes")

    @property
    def name(self) -> str:
        """Name of the cell and of its model file."""
        return f"{self.family}-{self.latent_size}-{self.split}-{self.seed}"

    def by_rule(self, rule: str) -> RuleErrors:
        """Return the errors on the test notes by the rule of that name."""
        return next(errors for errors in self.errors if errors.rule == rule)

    def rmse(self, rule: str = "active") -> Rmse:
        """Return the error on the test notes in dB."""
        return self.by_rule(rule).rmse()

    def train_rmse(self, rule: str = "active") -> Rmse:
        """Return the error on training notes in dB."""
        return next(errors for errors in self.train_errors if errors.rule == rule).rmse()

    def similarity(self, phases: str) -> SimilarityScores:
        """Return the similarities with these phases."""
        return next(scores for scores in self.similarities if scores.phases == phases)

    def psm(self, phases: str = "original") -> float:
        """Return the mean PSM."""
        return float(np.mean(self.similarity(phases).psm))


_RESULT = TypeAdapter(CellResult)


def file_digest(path: Path, *settings: object) -> str:
    """Return a digest of a model file's content and of the settings of its measurement."""
    content = sha256(path.read_bytes())
    content.update(repr((FORMAT, settings)).encode())
    return content.hexdigest()[:16]


def save_result(folder: Path, result: CellResult) -> None:
    """Write ``<folder>/<name>.json`` atomically."""
    with atomic_path(folder / f"{result.name}.json") as temporary:
        temporary.write_bytes(_RESULT.dump_json(result, by_alias=True))


def load_result(path: Path) -> CellResult | None:
    """Read a result; None if there is none, or one that is damaged or of another format, which is measured again.

    Raises:
        UserError: the file cannot be read.
    """
    try:
        with loading(path, "a result of a cell", "it is measured again"):
            result = _RESULT.validate_json(read_bytes(path, _MAX_BYTES))
            result.check()
            return result
    except UserError as error:
        if isinstance(error.__cause__, OSError) and not isinstance(error.__cause__, FileNotFoundError):
            raise
        if not isinstance(error.__cause__, FileNotFoundError):
            logger.warning("result left out: %s", error)
        return None


def load_results(folder: Path) -> tuple[CellResult, ...]:
    """Read all results of a report folder, in the order of their names."""
    found = (load_result(path) for path in sorted(folder.glob("*.json")))
    return tuple(result for result in found if result is not None and result.format == FORMAT)
