"""Run of a study: train or load every cell, measure missing results, and write the report's folder."""

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from pydantic import TypeAdapter

from synth_app.dataset.nsynth import Note, read_notes
from synth_app.decoder import Model
from synth_app.evaluation.study.measurements.betas import beta_models
from synth_app.evaluation.study.measurements.interpolation import (
    FOLDER,
    SECOND_SIZE,
    SIZE,
    choose_pairs,
    strip_files,
    write_strip,
)
from synth_app.evaluation.study.measurements.measure import Measurer, note_sound
from synth_app.evaluation.study.measurements.perceptual_similarity import note_frames
from synth_app.evaluation.study.measurements.results import (
    CELLS_FOLDER,
    SimilarityScores,
    file_digest,
    load_result,
    save_result,
)
from synth_app.evaluation.study.page.document import write_document
from synth_app.evaluation.study.page.report import About, require_matplotlib, write_report
from synth_app.modelfile import load_model_file, read_card
from synth_app.support.blas_threads import BlasThreadLimit
from synth_app.support.errors import UserError
from synth_app.support.files import atomic_path
from synth_app.support.loading import loading, read_bytes
from synth_app.training.data.split_and_pca import make_split
from synth_app.training.grid import Cell, GridSettings, cell_path, is_of_cell, study_families, train_cells
from synth_app.training.progress import Progress, Report, ignore_progress

_CEILINGS = TypeAdapter(dict[str, tuple[SimilarityScores, ...]])
_CEILINGS_NAME, _ABOUT_NAME = "ceilings.json", "about.json"
_ABOUT = TypeAdapter(About)
_MAX_BYTES = 2**24
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class StudyJob:
    """A study to run.

    Attributes:
        grid: data, model folder, frames and budget.
        cells: to train or load, in this order.
        out: folder of the report.
        train: train missing cells; otherwise they are left out, and the report lists them.
        similarity_count: number of test notes of each split with perceptual scores.
        seed: of the choice of notes with perceptual scores.
        scheduler, workers: where cells are trained, as for ``train_cells``.
    """

    grid: GridSettings
    cells: tuple[Cell, ...]
    out: Path
    train: bool = True
    similarity_count: int = 16
    seed: int = 0
    scheduler: str | None = None
    workers: int = 1


def evaluate(job: StudyJob, report: Report = ignore_progress) -> Path:
    """Run a study, or continue one; return the path of the page.

    Raises:
        UserError: the data cannot be read, the folder cannot be written, or a training fails.
    """
    require_matplotlib()
    _make_folders(job.out)
    notes = read_notes(job.grid.data)
    run = _StudyRun(job, notes, report)
    if not (job.out / _ABOUT_NAME).is_file():
        _write_about(job, run)  # so that the report of a run that is interrupted can be written
    for cell, path in chain(
        _cell_models(job, report), beta_models(job.cells, job.grid, train=job.train, report=report)
    ):
        with BlasThreadLimit():  # the matrix products are small: more threads would wait for each other
            run.measure(cell, path)
    with BlasThreadLimit():
        run.interpolate()
    _write_about(job, run)
    return rebuild_report(job.out)


def _write_about(job: StudyJob, run: "_StudyRun") -> None:
    about = About.of(job.grid.data, run.pair_titles(), run.interpolated)
    with atomic_path(job.out / _ABOUT_NAME) as temporary:
        temporary.write_bytes(_ABOUT.dump_json(about))


def rebuild_report(folder: Path) -> Path:
    """Write page, tables and figures again from a report's folder; return the path of the page.

    Raises:
        UserError: the folder has no results.
    """
    return write_report(folder, _read_about(folder), _read_ceilings(folder))


def document(folder: Path, target: Path) -> None:
    """Write a page of documentation from a report's folder: Markdown, with pictures in ``images`` beside it.

    Raises:
        UserError: the folder has no results, or the target's folder does not exist.
    """
    write_document(folder, _read_about(folder), _read_ceilings(folder), target)


def _read_about(folder: Path) -> About:
    path = folder / _ABOUT_NAME
    if not path.is_file():
        if any((folder / CELLS_FOLDER).glob("*.json")):  # interrupted, by a version that described the data at the end
            return About("interrupted data", "The run did not end.", (), 0)
        raise UserError(f"{folder} is not a report of `synth-app evaluate`; give the folder of its --out option")
    with loading(path, "the description of a report", "run `synth-app evaluate` again"):
        return _ABOUT.validate_json(read_bytes(path, _MAX_BYTES))


def _cell_models(job: StudyJob, report: Report) -> Iterable[tuple[Cell, Path]]:
    if job.train:
        return train_cells(job.cells, job.grid, scheduler=job.scheduler, workers=job.workers, report=report)
    return ((cell, cell_path(cell, job.grid)) for cell in job.cells if _has_model(cell, job.grid))


def _has_model(cell: Cell, grid: GridSettings) -> bool:
    """Return whether there is a model of this cell, with any budget.

    Raises:
        UserError: its file is damaged or has another format version.
    """
    path = cell_path(cell, grid)
    if not path.is_file():
        return False
    card = read_card(path)
    return is_of_cell(card, cell, grid) and card.frame_spec == grid.spec


def _make_folders(out: Path) -> None:
    try:
        for folder in (out / CELLS_FOLDER, out / FOLDER):
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"cannot make the folder {out}: {error.strerror}; choose another") from error


def _read_ceilings(out: Path) -> dict[str, tuple[SimilarityScores, ...]]:
    """Return the scores of the notes' own frames by split, without those of a damaged file: they are measured again."""
    path = out / _CEILINGS_NAME
    if not path.is_file():
        return {}
    try:
        with loading(path, "a table of scores", "they are measured again"):
            return _CEILINGS.validate_json(read_bytes(path, _MAX_BYTES))
    except UserError as error:
        logger.warning("scores left out: %s", error)
        return {}


class _StudyRun:
    """State of one run: measurers by split and seed, made when first needed."""

    def __init__(self, job: StudyJob, notes: Sequence[Note], report: Report) -> None:
        self._job, self._notes, self._report = job, notes, report
        self._measurers: dict[tuple[str, int], Measurer] = {}
        self._loaded: list[tuple[Cell, Path]] = []
        self._pairs: tuple[tuple[Note, Note], ...] = ()
        self.interpolated = 0

    def measure(self, cell: Cell, path: Path) -> None:
        """Measure one cell, unless its result exists."""
        self._loaded.append((cell, path))
        out = self._job.out / CELLS_FOLDER
        digest = file_digest(path, self._job.similarity_count, self._job.seed)
        stored = load_result(out / f"{cell.name}.json")
        if stored is not None and stored.digest == digest:
            if self._is_first(cell) and cell.split not in _read_ceilings(self._job.out):
                self._measurer(cell)  # the file was lost or damaged
            return
        self._report(Progress("measure", len(self._loaded), len(self._job.cells), f"measuring {cell.name}"))
        save_result(out, self._measurer(cell).measure(load_model_file(path), digest, cell.family))

    def interpolate(self) -> None:
        """Write the missing interpolation strips, with the models of one size on the note split."""
        loaded = [(c, p) for c, p in self._loaded if c.split == "note" and self._is_first(c)]
        ready = [(c, p) for c, p in loaded if c.family in study_families()]
        self.interpolated = _best_size([cell for cell, _ in ready])
        chosen = [(c, p) for c, p in ready if c.latent_size == self.interpolated]
        if not chosen:
            return
        split = make_split(tuple(self._notes), "note", self._job.grid.seed_of_split(chosen[0][0]))
        test = [note for note in self._notes if note.note_str in set(split.test)]
        self._pairs = choose_pairs(test, self._job.seed)
        models: list[tuple[str, Path | None]] = [("original", None), *((c.name, p) for c, p in chosen)]
        for i, pair in enumerate(self._pairs):
            spec = self._job.grid.spec
            frames = [note_frames(note_sound(self._job.grid.data, note, spec), note.pitch, spec) for note in pair]
            for name, path in models:
                strip = strip_files(self._job.out, name, i)
                if strip.done and (path is None or path.stat().st_mtime <= strip.picture.stat().st_mtime):
                    continue
                self._report(Progress("measure", i + 1, len(self._pairs), f"interpolating {name}"))
                write_strip(strip, Model(load_model_file(path)) if path else None, (frames[0], frames[1]), spec)

    def _measurer(self, cell: Cell) -> Measurer:
        key = (cell.split, self._job.grid.seed_of_split(cell))
        if key not in self._measurers:
            grid, out = self._job.grid, self._job.out
            split = make_split(tuple(self._notes), *key)
            measurer = Measurer(grid.data, self._notes, split, grid.spec, self._job.similarity_count, self._job.seed)
            self._measurers[key] = measurer
            ceilings = _read_ceilings(out)
            if self._is_first(cell):
                with atomic_path(out / _CEILINGS_NAME) as temporary:
                    temporary.write_bytes(_CEILINGS.dump_json({**ceilings, cell.split: measurer.panel.score(None)}))
        return self._measurers[key]

    def _is_first(self, cell: Cell) -> bool:
        """Return whether a cell has the first of the study's seeds, whose notes the figures and the sounds show."""
        return cell.seed == min(each.seed for each in self._job.cells)

    def pair_titles(self) -> tuple[str, ...]:
        """Return the names of the pairs' notes."""
        return tuple(f"{a.note_str} (1) and {b.note_str} (0)" for a, b in self._pairs)


def _best_size(cells: Sequence[Cell]) -> int:
    """Return the size that most families have; of several the study's own, then the second choice, then the largest."""
    if not cells:
        return 0
    counts = Counter(cell.latent_size for cell in cells)
    return max(counts, key=lambda size: (counts[size], size == SIZE, size == SECOND_SIZE, size))
