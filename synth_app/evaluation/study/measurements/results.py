"""What was measured of one cell of the grid, and how it is kept: one JSON file each."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter, ValidationError

from synth_app.evaluation.metrics.frame_rules import RuleErrors
from synth_app.evaluation.metrics.rmse import Rmse
from synth_app.support.errors import UserError
from synth_app.support.files import atomic_path

FORMAT = 2
CELLS_FOLDER = "cells"


@dataclass(frozen=True)
class Heard:
    """Perceptual similarity of resynthesised notes to their originals, note by note.

    Attributes:
        phases: "original", or "griffinlim" for phases found from the magnitudes alone.
        psm, psm_t: as ``psm.Similarity``.
    """

    phases: str
    psm: tuple[float, ...]
    psm_t: tuple[float, ...]


@dataclass(frozen=True)
class LatentVectors:
    """How a cell's codes move on test notes.

    Attributes:
        correlation: absolute correlation [latent][latent] within a note, averaged over notes; empty over 32 dimensions.
        by_note: mean of a note's absolute correlations off the diagonal, for each test note (0 where nothing moves).
        saturated: share of code values beyond 0.99 of what tanh can give; None where the code is not bounded.
    """

    correlation: tuple[tuple[float, ...], ...]
    by_note: tuple[float, ...]
    saturated: float | None


@dataclass(frozen=True)
class Cost:
    """What a cell took to train and takes to run.

    Attributes:
        encoder_parameters, decoder_parameters: numbers stored, as exported.
        epochs, best_epoch, most_epochs: done, kept, allowed; all 0 where nothing is fitted.
        frames_per_note: drawn for each epoch; 0 for all.
        train_seconds: processor time.
        decode_us: microseconds for one frame alone, median of many on one thread.
        decode_batch_us: per frame of a batch of 64.
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
    """One measured cell.

    Attributes:
        format: of this file.
        digest: of the model file that was measured and of how it was measured.
        family, title, latent_size, split, seed, beta: what it is.
        augment: share of training frames that were altered.
        spec: of the frames, for people.
        notes: test notes, in the order of all that is told note by note.
        errors: on these, by every frame rule.
        train_errors: on a sample of training notes.
        heard_notes: the test notes that were listened to.
        heard: with original phases and with found ones.
        code, cost: as there.
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
    heard_notes: tuple[str, ...]
    heard: tuple[Heard, ...]
    code: LatentVectors
    cost: Cost

    @property
    def name(self) -> str:
        """As of the model file."""
        return f"{self.family}-{self.latent_size}-{self.split}-{self.seed}"

    def by_rule(self, rule: str) -> RuleErrors:
        """Errors on the test notes by the rule of that name."""
        return next(errors for errors in self.errors if errors.rule == rule)

    def rmse(self, rule: str = "sounding") -> Rmse:
        """Error on the test notes in dB."""
        return self.by_rule(rule).rmse()

    def train_rmse(self, rule: str = "sounding") -> Rmse:
        """Error on training notes in dB."""
        return next(errors for errors in self.train_errors if errors.rule == rule).rmse()

    def listened(self, phases: str) -> Heard:
        """Similarities with these phases."""
        return next(heard for heard in self.heard if heard.phases == phases)

    def psm(self, phases: str = "original") -> float:
        """Mean PSM."""
        return float(np.mean(self.listened(phases).psm))


_RESULT = TypeAdapter(CellResult)


def file_digest(path: Path, *settings: object) -> str:
    """Names a model file's content and the settings it is measured with."""
    content = sha256(path.read_bytes())
    content.update(repr((FORMAT, settings)).encode())
    return content.hexdigest()[:16]


def save_result(folder: Path, result: CellResult) -> None:
    """Write ``<folder>/<name>.json``, atomically."""
    with atomic_path(folder / f"{result.name}.json") as temporary:
        temporary.write_bytes(_RESULT.dump_json(result))


def load_result(path: Path) -> CellResult | None:
    """A result as kept; None if there is none or one of another version, which is then measured again.

    Raises:
        UserError: the file cannot be read.
    """
    try:
        return _RESULT.validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}; check its permissions") from error
    except ValidationError:
        return None


def load_results(folder: Path) -> tuple[CellResult, ...]:
    """All results of a report folder, in the order of their names."""
    found = (load_result(path) for path in sorted(folder.glob("*.json")))
    return tuple(result for result in found if result is not None and result.format == FORMAT)
