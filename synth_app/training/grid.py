"""A grid of trainings: one cell per family, encoding size, split and seed, each a model file, none trained twice."""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

from synth_app.dataset.nsynth import read_notes
from synth_app.modelfile import ModelCard, read_card, save_model_file
from synth_app.spectrum.spec import PAPER_SPEC, FrameSpec
from synth_app.support.errors import UserError
from synth_app.training.data.dask_jobs import spread
from synth_app.training.data.frame_cache import open_cache
from synth_app.training.data.split_and_pca import draw_split, saved_axes
from synth_app.training.progress import Progress, Report, ignore, never
from synth_app.training.settings import FitSettings, TrainSettings, spec_name, with_usual
from synth_app.training.train import require_torch, train_model

SIZES = (4, 8, 12, 16, 32, 64, 100)  # the reference study's
SIZE_ORDER = (16, 4, 100, 8, 32, 64, 12)  # a grid that is stopped has the most telling ones
LINEAR, STUDYS = "pca", ("ae", "dae", "dae-256", "dae-256-128", "dae-layerwise", "lstm-ae", "vae")
OURS = ("residual-dae", "residual-vae", "keyed-vae")  # not pitched-vae, whose codes leave the pitch out
FAMILIES = (LINEAR, *STUDYS, *OURS)
VARIANTS = ("dae-256", "dae-256-128", "dae-layerwise")  # of the DAE, told apart at some sizes only
VARIANT_SIZES = (4, 16, 100)
HIGHEST_RATE = dict.fromkeys(OURS, 1.5e-3)  # at 4e-3 the loss jumps to ten times in an epoch


@dataclass(frozen=True, order=True)
class Cell:
    """One training of the grid."""

    family: str
    latent_size: int
    split: str
    seed: int = 0

    @property
    def name(self) -> str:
        """Of the model, and of its file."""
        return f"{self.family}-{self.latent_size}-{self.split}-{self.seed}"


@dataclass(frozen=True)
class Budget:
    """What every fitted family gets, whatever its own settings ask for.

    Attributes:
        epochs: passes; the learning rate falls over all of them.
        frames_per_note: drawn anew from each note in every epoch.
        learning_rate: of Adam at its highest, unless the family needs a lower one (``HIGHEST_RATE``).
        batch_size: frames per step.
        patience: epochs without a better validation RMSE after which a training stops.
    """

    epochs: int
    frames_per_note: int
    learning_rate: float
    batch_size: int = 512
    patience: int = 30


BUDGETS: dict[str, Budget] = {
    "quick": Budget(epochs=2, frames_per_note=20, learning_rate=4e-3, batch_size=256),  # to see that all works
    # larger steps than the reference study's, and far fewer: 2.5 hours of one core for the first 116 cells
    "study": Budget(epochs=12, frames_per_note=20, learning_rate=4e-3, batch_size=256),
    "long": Budget(epochs=600, frames_per_note=0, learning_rate=1e-3),  # the reference study's own
}


@dataclass(frozen=True)
class GridSettings:
    """What the cells of a grid have in common.

    Attributes:
        data: folder in NSynth's layout.
        out: folder of the model files; checkpoints and logs lie in ``runs`` below it.
        spec: frames; the reference study's unless told otherwise.
        budget: a name from ``BUDGETS``.
        bank: folder of notes for the note banks, None: notes of ``data``.
        cache: folder of computed frames; None is ``cache`` beside ``data``.
        threads: CPU threads of each training.
        device: what nets are fitted on: "cpu", "cuda" or "auto".
    """

    data: Path
    out: Path
    spec: FrameSpec = PAPER_SPEC
    budget: str = "study"
    bank: Path | None = None
    cache: Path | None = None
    threads: int = 1
    device: str = "cpu"

    def __post_init__(self) -> None:
        """Refuse a budget that there is not."""
        if self.budget not in BUDGETS:
            raise UserError(f"no training budget {self.budget!r}; choose one of {', '.join(BUDGETS)}")


def grid_cells(
    families: Iterable[str] = FAMILIES,
    sizes: Iterable[int] = SIZE_ORDER,
    splits: Iterable[str] = ("note", "instrument"),
    seeds: Iterable[int] = (0,),
) -> tuple[Cell, ...]:
    """All cells, size by size in the order given; the variants of the DAE only at ``VARIANT_SIZES``."""
    families, splits, seeds = tuple(families), tuple(splits), tuple(seeds)
    return tuple(
        Cell(family, size, split, seed)
        for size, split, seed, family in itertools.product(sizes, splits, seeds, families)
        if family not in VARIANTS or size in VARIANT_SIZES
    )


def cell_path(cell: Cell, settings: GridSettings) -> Path:
    """Where a cell's model file is, or will be."""
    return settings.out / f"{cell.name}.safetensors"


def cell_fit(cell: Cell, settings: GridSettings) -> FitSettings:
    """How a cell is fitted: its family's own settings with the grid's budget."""
    from synth_app.training.families import family  # imports torch

    own = family(cell.family).fit(settings.spec)
    if not own.epochs:
        return own
    budget = BUDGETS[settings.budget]
    rate = min(budget.learning_rate, HIGHEST_RATE.get(cell.family, budget.learning_rate))
    return replace(own, refit=False, **{**asdict(budget), "learning_rate": rate})


def cell_job(cell: Cell, settings: GridSettings) -> TrainSettings:
    """The training behind a cell."""
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
    )


def is_trained(cell: Cell, settings: GridSettings) -> bool:
    """Whether the cell's file is there and was trained on this data with these settings."""
    path = cell_path(cell, settings)
    if not path.is_file():
        return False
    try:
        card = read_card(path)
    except UserError:
        return False  # damaged, or of another version: it is made again
    return _fits(card, cell, settings)


def _fits(card: ModelCard, cell: Cell, settings: GridSettings) -> bool:
    found = Cell(card.family, card.latent_size, str(card.training.settings.get("split")), card.training.seed)
    told = {**vars(cell_fit(cell, settings)), "data": settings.data.name}
    known = with_usual(card.training.settings)
    return found == cell and card.frame_spec == settings.spec and all(known.get(k) == v for k, v in told.items())


def train_cell(cell: Cell, settings: GridSettings, report: Report = ignore) -> Path:
    """Train one cell, unless that is done; a training that was stopped goes on from its last whole epoch.

    Returns:
        The model file, whose card tells family, split, seed, epochs, seconds and number of parameters.

    Raises:
        UserError: as ``train_model``, or the file cannot be written.
    """
    path = cell_path(cell, settings)
    if is_trained(cell, settings):
        return path
    model = train_model(cell_job(cell, settings), cell.name, report=report)
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
    report: Report = ignore,
) -> Iterator[tuple[Cell, Path]]:
    """Train cells and give each as it is done.

    Args:
        cells: in the order in which to begin them.
        settings: common to all; the folders must lie where all workers see them.
        scheduler: address of a Dask scheduler whose workers train, one cell to a thread; None: this machine.
        workers: processes of this machine; with 1 the cells are trained here, one after the other.
        report: told of every step of a training that runs here, from this thread, the cell's name before its message.

    Raises:
        UserError: torch is missing, there is no such family, as ``train_cell``, or no scheduler answers.
    """
    require_torch()
    jobs = list(cells)
    if scheduler is None and workers == 1:
        for cell in jobs:
            yield cell, train_cell(cell, settings, _named(report, cell))
        return
    missing = [cell for cell in jobs if not is_trained(cell, settings)]
    yield from ((cell, cell_path(cell, settings)) for cell in jobs if cell not in missing)
    _prepare(missing, settings, scheduler, workers, report)
    yield from spread(partial(train_cell, settings=settings), missing, scheduler=scheduler, workers=workers)


def _prepare(cells: list[Cell], settings: GridSettings, scheduler: str | None, workers: int, report: Report) -> None:
    """Frames and principal axes, which all cells need, once and before them."""
    if not cells:
        return
    notes = read_notes(settings.data)
    job = cell_job(cells[0], settings)
    cache = open_cache(
        settings.data, notes, settings.spec, job.cache_folder, processes=workers, scheduler=scheduler,
        progress=lambda done, total: report(Progress("frames", done, total)),
    )  # fmt: skip
    by_name = {note.note_str: note for note in notes}
    for split, seed in sorted({(cell.split, cell.seed) for cell in cells}):
        rows = cache.rows([by_name[name] for name in draw_split(notes, split, seed).train])
        job.runs_folder.mkdir(parents=True, exist_ok=True)
        saved_axes(cache, rows, job.runs_folder, report, never)


def _named(report: Report, cell: Cell) -> Report:
    return lambda progress: report(replace(progress, message=f"{cell.name}: {progress.message}"))
