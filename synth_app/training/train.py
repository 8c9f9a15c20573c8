"""``train_model``, the function behind ``synth-app train``. Importable without torch."""

from importlib.util import find_spec

from synth_app.modelfile import ModelFile
from synth_app.support.errors import UserError
from synth_app.training.progress import Cancel, Report, ignore_progress, never_cancel
from synth_app.training.settings import PCA_NAME, TrainSettings

TORCH_COMMAND = 'pip install "synth-app[train]"'


def require_torch() -> None:
    """Check that training is possible.

    Raises:
        UserError: torch is not installed; the message gives the command that installs it.
    """
    if find_spec("torch") is None:
        raise UserError(f"training needs torch, which is not installed; install it: {TORCH_COMMAND}")


def train_model(
    settings: TrainSettings,
    name: str,
    *,
    report: Report = ignore_progress,
    cancel: Cancel = never_cancel,
    corrections: bool = True,
) -> ModelFile:
    """Train a model on a folder of notes. A training that was stopped continues from its last checkpoint.

    Args:
        settings: the job.
        name: of the model: lower-case letters, digits and hyphens.
        report: called with the progress, from this thread.
        cancel: called before every batch; return True to stop.
        corrections: fit those of the bank's notes, which can take longer than the training.

    Returns:
        The model without scores. ``evaluation.score_model`` computes them.

    Raises:
        UserError: torch is missing for another family than PCA, the data cannot be read, or the training diverged.
        TrainingCancelled: ``cancel`` returned True; the checkpoint is kept.
    """
    if settings.family == PCA_NAME and settings.start is None and settings.scheduler is None:
        from synth_app.training.export.pca_model import fit_pca

        return fit_pca(settings, name, report, cancel, corrections=corrections)
    require_torch()
    from synth_app.training.export.export import to_model_file
    from synth_app.training.fit.job import fit_family

    return to_model_file(fit_family(settings, report, cancel), name, report, corrections=corrections)
