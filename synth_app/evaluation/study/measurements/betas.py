"""The study's VAE at other betas, at one size: what the prior does to the code, and what it costs."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from synth_app.modelfile import ModelCard, read_card, save_model_file
from synth_app.training.grid import Cell, GridSettings, cell_fit, cell_job
from synth_app.training.progress import Progress, Report, ignore
from synth_app.training.settings import with_usual
from synth_app.training.train import train_model

FAMILY, SIZE = "vae", 16
BETAS = (0.0, 1e-6, 1e-4)  # beside the grid's 1e-5; with 0 the net is the DAE of its shape but for tanh on the code


def beta_family(beta: float) -> str:
    """Name under which the VAE of a beta is told apart in results."""
    return f"{FAMILY}-beta-{beta:.0e}" if beta else f"{FAMILY}-beta-0"


def beta_models(
    cells: tuple[Cell, ...], settings: GridSettings, *, train: bool, report: Report = ignore
) -> Iterator[tuple[Cell, Path]]:
    """Train or find the VAE at all ``BETAS`` on every split on which the cells have it at ``SIZE``.

    Yields:
        A cell whose family is ``beta_family``, and its model file; without ``train`` only those that are there.

    Raises:
        UserError: as a training.
    """
    for base in cells:
        if (base.family, base.latent_size) != (FAMILY, SIZE):
            continue
        for beta in BETAS:
            cell = replace(base, family=beta_family(beta))
            path = settings.out / f"{cell.name}.safetensors"
            if path.is_file() and (not train or _fits(read_card(path), base, settings, beta)):
                yield cell, path
            elif train:
                yield cell, _trained(base, cell.name, path, settings, beta, report)


def _fits(card: ModelCard, cell: Cell, settings: GridSettings, beta: float) -> bool:
    wanted, known = replace(cell_fit(cell, settings), beta=beta), with_usual(card.training.settings)
    same = (str(known.get("split")), card.training.seed, card.latent_size) == (cell.split, cell.seed, cell.latent_size)
    return same and card.frame_spec == settings.spec and all(known.get(k) == v for k, v in vars(wanted).items())


def _trained(cell: Cell, name: str, path: Path, settings: GridSettings, beta: float, report: Report) -> Path:
    def told(progress: Progress) -> None:
        report(replace(progress, message=f"{name}: {progress.message}"))

    job = replace(cell_job(cell, settings), fit=replace(cell_fit(cell, settings), beta=beta))
    save_model_file(path, train_model(job, name, report=told))
    return path
