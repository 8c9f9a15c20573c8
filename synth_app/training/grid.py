"""The study's grid of trainings: one cell per family, latent size, split and seed. Each cell is trained once."""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

from synth_app.dataset.nsynth import read_notes
from synth_app.modelfile import ModelCard, read_card, save_model_file
from synth_app.spectrum.spec import PAPER_SPEC, FrameSpec
from synth_app.support.errors import UserError
from synth_app.training.data.dask_jobs import run_jobs
from synth_app.training.data.frame_cache import open_cache
from synth_app.training.data.split_and_pca import cached_axes, make_split
from synth_app.training.families.registry import family, family_entries
from synth_app.training.progress import Progress, Report, ignore_progress, never_cancel
from synth_app.training.settings import FitSettings, TrainSettings, spec_name, with_defaults
from synth_app.training.train import require_torch, train_model

SIZES = (4, 8, 12, 16, 32, 64, 100)  # latent sizes of the reference study
SIZE_ORDER = (16, 4, 100, 8, 32, 64, 12)  # the most informative sizes first, for a grid that is stopped early
VARIANT_SIZES = (4, 16, 100)
BASELINE = "pca"


def study_families() -> tuple[str, ...]:
    """Return the names of all families in the grid: baseline, published families with their variants, own families."""
    return tuple(entry.name for entry in family_entries("baseline", "published", "variant", "own"))


def own_families() -> tuple[str, ...]:
    """Return the names of the grid's families that the reference study does not have."""
    return tuple(entry.name for entry in family_entries("own"))


def variant_families() -> tuple[str, ...]:
    """Return the names of the families that the grid has at ``VARIANT_SIZES`` only."""
    return tuple(entry.name for entry in family_entries("variant"))


@dataclass(frozen=True, order=True)
class Cell:
    """One training of the grid."""

    family: str
    latent_size: int
    split: str
    seed: int = 0

    @property
    def name(self) -> str:
        """Name of the model and of its file."""
        return f"{self.family}-{self.latent_size}-{self.split}-{self.seed}"


@dataclass(frozen=True)
class Budget:
    """Training budget of every family, in place of the family's own settings.

    Attributes:
        epochs: maximum number of epochs. The learning rate falls over all of them.
        frames_per_note: frames sampled from each note in every epoch; 0 takes all.
        learning_rate: of AdamW at its maximum, unless the family's ``max_learning_rate`` is lower.
        batch_size: frames per step.
        patience: epochs without a better validation RMSE after which a training stops.
    """

    epochs: int
    frames_per_note: int
    learning_rate: float
    batch_size: int = 512
    patience: int = 30


BUDGETS: dict[str, Budget] = {
    "quick": Budget(epochs=2, frames_per_note=20, learning_rate=4e-3, batch_size=256),  # to try the whole chain
    # larger and far fewer steps than in the reference study: 2.5 hours of one core for the first 116 cells
    "study": Budget(epochs=12, frames_per_note=20, learning_rate=4e-3, batch_size=256),
    "long": Budget(epochs=600, frames_per_note=0, learning_rate=1e-3),  # that of the reference study
}


@dataclass(frozen=True)
class GridSettings:
    """Settings that all cells of a grid share.

    Attributes:
        data: folder in NSynth's layout.
        out: folder of the model files. Checkpoints and logs are in ``runs`` below it.
        spec: specification of the frames, by default that of the reference study.
        budget: a name from ``BUDGETS``.
        bank: folder of notes for the note banks; None takes notes of ``data``.
        cache: folder of computed frames; None is ``cache`` beside ``data``.
        threads: CPU threads of each training.
        device: "cpu", "cuda" or "auto".
        split_seed: seed of the splits of all cells; None: each cell's own.
    """

    data: Path
    out: Path
    spec: FrameSpec = PAPER_SPEC
    budget: str = "study"
    bank: Path | None = None
    cache: Path | None = None
    threads: int = 1
    device: str = "cpu"
    split_seed: int | None = None

    def seed_of_split(self, cell: Cell) -> int:
        """Return the seed of a cell's split."""
        return cell.seed if self.split_seed is None else self.split_seed

    def __post_init__(self) -> None:
        """Check the budget's name.

        Raises:
            UserError: no such budget.
        """
        if self.budget not in BUDGETS:
            raise UserError(f"no training budget {self.budget!r}; choose one of {', '.join(BUDGETS)}")


def grid_cells(
    families: Iterable[str] = (),
    sizes: Iterable[int] = SIZE_ORDER,
    splits: Iterable[str] = ("note", "instrument"),
    seeds: Iterable[int] = (0,),
) -> tuple[Cell, ...]:
    """Return all cells, size by size in the order given. Variants have only ``VARIANT_SIZES``.

    Args:
        families: names; empty for all of ``study_families``.
        sizes: latent sizes.
        splits: "note", "instrument".
        seeds: of the trainings.
    """
    families, splits, seeds = tuple(families) or study_families(), tuple(splits), tuple(seeds)
    variants = variant_families()
    return tuple(
        Cell(name, size, split, seed)
        for size, split, seed, name in itertools.product(sizes, splits, seeds, families)
        if name not in variants or size in VARIANT_SIZES
    )


def cell_path(cell: Cell, settings: GridSettings) -> Path:
    """Return the path of a cell's model file."""
    return settings.out / f"{cell.name}.safetensors"


def cell_fit(cell: Cell, settings: GridSettings) -> FitSettings:
    """Return a cell's training settings: those of its family with the grid's budget."""
    chosen = family(cell.family)  # imports torch
    fit = chosen.fit(settings.spec)
    if not fit.epochs:
        return fit
    budget = BUDGETS[settings.budget]
    rate = min(budget.learning_rate, chosen.max_learning_rate)
    return replace(fit, retrain=False, **{**asdict(budget), "learning_rate": rate})


def cell_job(cell: Cell, settings: GridSettings) -> TrainSettings:
    """Return the training job of a cell."""
    return TrainSettings(
        data=settings.data,
        family=cell.family,
        spec=settings.spec,
        latent_size=cell.latent_size,
        seed=cell.seed,
        split=cell.split,
        fit=cell_fit(cell, settings),
        bank=settings.bank,
        cache=settings.cache,
        runs=settings.out / "runs",
        threads=settings.threads,
        device=settings.device,
        split_seed=settings.split_seed,
    )


def is_trained(cell: Cell, settings: GridSettings) -> bool:
    """Return whether the cell's file exists and was trained on this data with these settings."""
    path = cell_path(cell, settings)
    if not path.is_file():
        return False
    try:
        card = read_card(path)
    except UserError:
        return False  # damaged or of another format version: train it again
    expected = {**vars(cell_fit(cell, settings)), "data": settings.data.name}
    return is_of_cell(card, cell, settings) and card_matches(card, settings.spec, expected)


def card_cell(card: ModelCard) -> Cell:
    """Return the cell that a model card describes."""
    return Cell(card.family, card.latent_size, str(card.training.settings.get("split")), card.training.seed)


def is_of_cell(card: ModelCard, cell: Cell, settings: GridSettings) -> bool:
    """Return whether a card describes a cell, with the split that it has in these settings."""
    seed = card.training.settings.get("split_seed", card.training.seed)
    return card_cell(card) == cell and seed == settings.seed_of_split(cell)


def card_matches(card: ModelCard, spec: FrameSpec, expected: dict[str, object]) -> bool:
    """Return whether a card has these frames and training settings."""
    stored = with_defaults(card.training.settings)
    return card.frame_spec == spec and all(stored.get(name) == value for name, value in expected.items())


def train_cell(cell: Cell, settings: GridSettings, report: Report = ignore_progress) -> Path:
    """Train one cell unless it is trained. A training that was stopped continues from its last complete epoch.

    The bank's notes have no corrections: the grid compares decoders, and corrections would hide their errors and take
    ten times as long.

    Returns:
        The model file. Its card has family, split, seed, epochs, seconds and number of parameters.

    Raises:
        UserError: as ``train_model``, or the file cannot be written.
    """
    path = cell_path(cell, settings)
    if is_trained(cell, settings):
        return path
    model = train_model(cell_job(cell, settings), cell.name, report=report, corrections=False)
    training = model.card.training.model_copy(update={"command": _command(cell, settings)})
    save_model_file(path, replace(model, card=model.card.model_copy(update={"training": training})))
    return path


def _command(cell: Cell, settings: GridSettings) -> str:
    bank = f"--bank {settings.bank.name} " if settings.bank else ""
    return (
        f"synth-app grid {settings.data.name} --family {cell.family} --latent {cell.latent_size} "
        f"--split {cell.split} --seed {cell.seed} --spec {spec_name(settings.spec)} "
        f"--budget {settings.budget} {bank}--out {settings.out.name}"
    )


def train_cells(
    cells: Iterable[Cell],
    settings: GridSettings,
    *,
    scheduler: str | None = None,
    workers: int = 1,
    report: Report = ignore_progress,
) -> Iterator[tuple[Cell, Path]]:
    """Train cells and yield each when it is done.

    Args:
        cells: in the order in which to start them.
        settings: common to all cells. All workers must see the folders.
        scheduler: address of a Dask scheduler whose workers train one cell per thread; None: this machine.
        workers: processes of this machine. With 1 the cells are trained in this process, one after the other.
        report: called with the progress of trainings in this process; the cell's name precedes the message.

    Raises:
        UserError: torch is missing, no such family, as ``train_cell``, or no scheduler answers.
    """
    require_torch()
    jobs = list(cells)
    if scheduler is None and workers == 1:
        for cell in jobs:
            yield cell, train_cell(cell, settings, _with_name(report, cell))
        return
    missing = [cell for cell in jobs if not is_trained(cell, settings)]
    yield from ((cell, cell_path(cell, settings)) for cell in jobs if cell not in missing)
    _prepare(missing, settings, scheduler, workers, report)
    yield from run_jobs(partial(train_cell, settings=settings), missing, scheduler=scheduler, workers=workers)


def _prepare(cells: list[Cell], settings: GridSettings, scheduler: str | None, workers: int, report: Report) -> None:
    """Compute the frames and principal axes that all cells need, once and before them."""
    if not cells:
        return
    notes = read_notes(settings.data)
    job = cell_job(cells[0], settings)
    cache = open_cache(
        settings.data, notes, settings.spec, job.cache_folder, processes=workers, scheduler=scheduler,
        progress=lambda done, total: report(Progress("frames", done, total)),
    )  # fmt: skip
    by_name = {note.note_str: note for note in notes}
    for split, seed in sorted({(cell.split, settings.seed_of_split(cell)) for cell in cells}):
        rows = cache.rows([by_name[name] for name in make_split(notes, split, seed).train])
        job.runs_folder.mkdir(parents=True, exist_ok=True)
        cached_axes(cache, rows, job.runs_folder, report, never_cancel)


def _with_name(report: Report, cell: Cell) -> Report:
    return lambda progress: report(replace(progress, message=f"{cell.name}: {progress.message}"))
