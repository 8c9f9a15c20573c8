"""The function behind ``synth-app train``: a job in, a model file out. Importable without torch."""

from importlib.util import find_spec

from synth_app.modelfile import ModelFile
from synth_app.support.errors import UserError
from synth_app.training.progress import Cancel, Report, ignore, never
from synth_app.training.settings import TrainSettings


def require_torch() -> None:
    """Make sure that training is possible.

    Raises:
        UserError: torch is not installed; says how to install it.
    """
    if find_spec("torch") is None:
        raise UserError('training needs torch, which is not installed; install it: pip install "synth-app[train]"')


def train_model(settings: TrainSettings, name: str, *, report: Report = ignore, cancel: Cancel = never) -> ModelFile:
    """Train a model on a folder of notes; a training that was stopped continues where it was.

    Args:
        settings: the job.
        name: of the model: lower-case letters, digits and hyphens.
        report: told of every step, from this thread.
        cancel: asked before every batch.

    Returns:
        The model, without scores: ``evaluation.score_model`` gives them.

    Raises:
        UserError: torch is missing, the data cannot be read, or the training diverged.
        TrainingCancelled: ``cancel`` said so; the checkpoint is kept.
    """
    require_torch()
    from synth_app.training.export.export import to_model_file
    from synth_app.training.fit.job import fit_family

    return to_model_file(fit_family(settings, report, cancel), name, report)
