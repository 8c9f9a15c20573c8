"""The study's VAE with other betas at one latent size: the effect of the prior."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from synth_app.modelfile import ModelCard, read_card, save_model_file
from synth_app.training.grid import Cell, GridSettings, card_matches, cell_fit, cell_job, is_of_cell
from synth_app.training.progress import Progress, Report, ignore_progress
from synth_app.training.train import train_model

FAMILY, SIZE = "vae", 16
BETAS = (0.0, 1e-6, 1e-4)  # besides the grid's 1e-5; with 0 the net is the DAE of its shape without tanh on the latents


def beta_family(beta: float) -> str:
    """Return the name of the VAE with a beta in results."""
    return f"{FAMILY}-beta-{beta:.0e}" if beta else f"{FAMILY}-beta-0"


def beta_models(
    cells: tuple[Cell, ...], settings: GridSettings, *, train: bool, report: Report = ignore_progress
) -> Iterator[tuple[Cell, Path]]:
    """Train or find the VAE with all ``BETAS``, for every split on which the cells have it at ``SIZE``.

    Yields:
        A cell whose family is ``beta_family``, and its model file. Without ``train`` only existing models.

    Raises:
        UserError: as a training.
    """
    for base in cells:
        if (base.family, base.latent_size) != (FAMILY, SIZE):
            continue
        for beta in BETAS:
            cell = replace(base, family=beta_family(beta))
            path = settings.out / f"{cell.name}.safetensors"
            if path.is_file() and (not train or _is_trained(read_card(path), base, settings, beta)):
                yield cell, path
            elif train:
                yield cell, _train(base, cell.name, path, settings, beta, report)


def _is_trained(card: ModelCard, cell: Cell, settings: GridSettings, beta: float) -> bool:
    expected = vars(replace(cell_fit(cell, settings), beta=beta))
    return is_of_cell(card, cell, settings) and card_matches(card, settings.spec, expected)


def _train(cell: Cell, name: str, path: Path, settings: GridSettings, beta: float, report: Report) -> Path:
    def report_named(progress: Progress) -> None:
        report(replace(progress, message=f"{name}: {progress.message}"))

    job = replace(cell_job(cell, settings), fit=replace(cell_fit(cell, settings), beta=beta))
    save_model_file(path, train_model(job, name, report=report_named, corrections=False))
    return path
