"""Cells of a grid made into models to be played: with a name of their own, the scores of both splits in the card."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from synth_app.evaluation.produce import held_out_score
from synth_app.modelfile import load_model_file, save_model_file
from synth_app.support.errors import UserError
from synth_app.training import SPLITS
from synth_app.training.grid import Cell, GridSettings, cell_job, cell_path
from synth_app.training.progress import Report, ignore, never


def adopt_cells(
    settings: GridSettings, families: Sequence[str], latent_size: int, out: Path, *, report: Report = ignore
) -> tuple[Path, ...]:
    """Write one model a family: the cell of the note split, scored there; the instrument score is its sister cell's.

    Args:
        settings: the grid, all of whose cells of these families and this size were trained.
        families, latent_size: which cells.
        out: folder of the models, named by family and sample rate, such as ``dae-16k``.
        report: told of the scoring.

    Raises:
        UserError: a cell is missing or damaged, or a file cannot be written.
    """
    made: list[Path] = []
    for family in families:
        cells = [Cell(family, latent_size, split) for split in SPLITS]
        missing = [cell.name for cell in cells if not cell_path(cell, settings).is_file()]
        if missing:
            raise UserError(f"{settings.out} lacks {' and '.join(missing)}; train them with `synth-app grid`")
        models = [load_model_file(cell_path(cell, settings)) for cell in cells]
        scores = tuple(
            held_out_score(model, cell_job(cell, settings), report, never)
            for model, cell in zip(models, cells, strict=True)
        )
        path = out / f"{family}-{settings.spec.sample_rate // 1000}k.safetensors"
        card = models[0].card.model_copy(update={"name": path.stem, "scores": scores})
        save_model_file(path, replace(models[0], card=card))
        made.append(path)
    return tuple(made)
