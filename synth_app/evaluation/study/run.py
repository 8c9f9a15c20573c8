"""Runs a study: trains or loads every cell, measures what is not measured yet, and writes the report's folder."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from pydantic import TypeAdapter
from threadpoolctl import threadpool_limits

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
from synth_app.evaluation.study.measurements.listen import note_frames
from synth_app.evaluation.study.measurements.measure import Measurer, note_sound
from synth_app.evaluation.study.measurements.results import CELLS_FOLDER, Heard, file_digest, load_result, save_result
from synth_app.evaluation.study.page.document import write_document
from synth_app.evaluation.study.page.report import About, write_report
from synth_app.modelfile import load_model_file, read_card
from synth_app.support.errors import UserError
from synth_app.support.files import atomic_path
from synth_app.training.data.split_and_pca import draw_split
from synth_app.training.grid import FAMILIES, Cell, GridSettings, cell_path, train_cells
from synth_app.training.progress import Progress, Report, ignore

_CEILINGS = TypeAdapter(dict[str, tuple[Heard, ...]])
_CEILINGS_NAME, _ABOUT_NAME = "ceilings.json", "about.json"
_ABOUT = TypeAdapter(About)


@dataclass(frozen=True)
class StudyJob:
    """What to evaluate.

    Attributes:
        grid: data, model folder, frames and budget.
        cells: to train or load, in this order.
        out: the report's folder.
        train: whether missing cells are trained; else they are left out and the report says so.
        listened: test notes of each split that similarity is measured on.
        seed: of the draws of notes.
        scheduler, workers: where cells are trained, as for ``train_cells``.
    """

    grid: GridSettings
    cells: tuple[Cell, ...]
    out: Path
    train: bool = True
    listened: int = 16
    seed: int = 0
    scheduler: str | None = None
    workers: int = 1


def evaluate(job: StudyJob, report: Report = ignore) -> Path:
    """Do a study, or go on with one; returns the page.

    Raises:
        UserError: the data cannot be read, the folder cannot be written, or a training fails.
    """
    _make_folders(job.out)
    notes = read_notes(job.grid.data)
    work = _Work(job, notes, report)
    for cell, path in chain(_models(job, report), beta_models(job.cells, job.grid, train=job.train, report=report)):
        with threadpool_limits(1):  # small products: on a busy machine threads wait for each other
            work.measure(cell, path)
    with threadpool_limits(1):
        work.interpolate()
    about = About.of(job.grid.data, work.pair_titles(), work.interpolated)
    with atomic_path(job.out / _ABOUT_NAME) as temporary:
        temporary.write_bytes(_ABOUT.dump_json(about))
    return rebuild(job.out)


def rebuild(folder: Path) -> Path:
    """Write page, tables and figures anew from what a report's folder holds; returns the page.

    Raises:
        UserError: nothing was measured in it.
    """
    return write_report(folder, _read_about(folder), _read_ceilings(folder))


def document(folder: Path, target: Path) -> None:
    """Write a page of documentation, Markdown with pictures in ``images`` beside it, from a report's folder.

    Raises:
        UserError: nothing was measured in it, or there is no such place.
    """
    write_document(folder, _read_about(folder), _read_ceilings(folder), target)


def _read_about(folder: Path) -> About:
    path = folder / _ABOUT_NAME
    if not path.is_file():
        raise UserError(f"{folder} is no report of `synth-app evaluate`; give the folder named by its --out")
    return _ABOUT.validate_json(path.read_bytes())


def _models(job: StudyJob, report: Report) -> Iterable[tuple[Cell, Path]]:
    if job.train:
        return train_cells(job.cells, job.grid, scheduler=job.scheduler, workers=job.workers, report=report)
    return ((cell, cell_path(cell, job.grid)) for cell in job.cells if _is_there(cell, job.grid))


def _is_there(cell: Cell, grid: GridSettings) -> bool:
    """Whether there is a model of this cell, whatever its budget was.

    Raises:
        UserError: its file is damaged or of another version.
    """
    path = cell_path(cell, grid)
    if not path.is_file():
        return False
    card = read_card(path)
    found = Cell(card.family, card.latent_size, str(card.training.settings.get("split")), card.training.seed)
    return found == cell and card.frame_spec == grid.spec


def _make_folders(out: Path) -> None:
    try:
        for folder in (out / CELLS_FOLDER, out / FOLDER):
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"cannot make the folder {out}: {error.strerror}; choose another") from error


def _read_ceilings(out: Path) -> dict[str, tuple[Heard, ...]]:
    path = out / _CEILINGS_NAME
    return _CEILINGS.validate_json(path.read_bytes()) if path.is_file() else {}


class _Work:
    """One run's state: measurers by split and seed, made when first needed."""

    def __init__(self, job: StudyJob, notes: Sequence[Note], report: Report) -> None:
        self._job, self._notes, self._report = job, notes, report
        self._measurers: dict[tuple[str, int], Measurer] = {}
        self._loaded: list[tuple[Cell, Path]] = []
        self._pairs: tuple[tuple[Note, Note], ...] = ()
        self.interpolated = 0

    def measure(self, cell: Cell, path: Path) -> None:
        """Measure one cell, unless that is done."""
        self._loaded.append((cell, path))
        out = self._job.out / CELLS_FOLDER
        digest = file_digest(path, self._job.listened, self._job.seed)
        kept = load_result(out / f"{cell.name}.json")
        if kept is not None and kept.digest == digest:
            return
        self._report(Progress("measure", len(self._loaded), len(self._job.cells), f"measuring {cell.name}"))
        save_result(out, self._measurer(cell).measure(load_model_file(path), digest, cell.family))

    def interpolate(self) -> None:
        """Write what is missing of the strips, by the models of one size on the note split."""
        ready = [(c, p) for c, p in self._loaded if c.split == "note" and c.seed == 0 and c.family in FAMILIES]
        self.interpolated = _best_size([cell for cell, _ in ready])
        chosen = [(c, p) for c, p in ready if c.latent_size == self.interpolated]
        if not chosen:
            return
        split = draw_split(tuple(self._notes), "note", 0)
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
        key = (cell.split, cell.seed)
        if key not in self._measurers:
            grid, out = self._job.grid, self._job.out
            split = draw_split(tuple(self._notes), *key)
            made = Measurer(grid.data, self._notes, split, grid.spec, self._job.listened, self._job.seed)
            self._measurers[key] = made
            ceilings = _read_ceilings(out)
            if cell.seed == 0:
                with atomic_path(out / _CEILINGS_NAME) as temporary:
                    temporary.write_bytes(_CEILINGS.dump_json({**ceilings, cell.split: made.panel.judge(None)}))
        return self._measurers[key]

    def pair_titles(self) -> tuple[str, ...]:
        """Names of the pairs' notes."""
        return tuple(f"{a.note_str} (1) and {b.note_str} (0)" for a, b in self._pairs)


def _best_size(cells: Sequence[Cell]) -> int:
    """The size that most families have; of several the study's own, then the second choice, then the largest."""
    if not cells:
        return 0
    counts = Counter(cell.latent_size for cell in cells)
    return max(counts, key=lambda size: (counts[size], size == SIZE, size == SECOND_SIZE, size))
