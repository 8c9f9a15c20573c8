"""Turn cells of a grid into models to play: each with its own name and with the scores of both splits in its card."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from synth_app.evaluation.produce import held_out_score
from synth_app.modelfile import load_model_file, save_model_file
from synth_app.support.errors import UserError
from synth_app.training import SPLITS
from synth_app.training.grid import Cell, GridSettings, cell_job, cell_path
from synth_app.training.progress import Report, ignore_progress, never_cancel


def adopt_cells(
    settings: GridSettings, families: Sequence[str], latent_size: int, out: Path, *, report: Report = ignore_progress
) -> tuple[Path, ...]:
    """Write one model per family: the note-split cell, with its score and that of the instrument-split cell.

    Args:
        settings: the grid. All its cells of these families and this size are trained.
        families: names of the families.
        latent_size: size of the latent vectors.
        out: folder of the models. Their names are family and sample rate, such as ``dae-16k``.
        report: called with the progress of the scoring.

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
            held_out_score(model, cell_job(cell, settings), report, never_cancel)
            for model, cell in zip(models, cells, strict=True)
        )
        path = out / f"{family}-{settings.spec.sample_rate // 1000}k.safetensors"
        card = models[0].card.model_copy(update={"name": path.stem, "scores": scores})
        save_model_file(path, replace(models[0], card=card))
        made.append(path)
    return tuple(made)
