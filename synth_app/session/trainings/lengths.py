"""How long a training takes: the lengths to choose from, what one epoch is, and the time expected on this machine."""

from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

from synth_app.session.trainings.plan import Beginning, FineTuning
from synth_app.spectrum.spec import FULL_BAND_SPEC
from synth_app.training.families.registry import family
from synth_app.training.settings import FINE_TUNE_FIT, PCA_NAME, TrainSettings, fine_tuning

_FRAMES_PER_EPOCH = 4000
_NEW_BATCH_SIZE = 256  # the families' own batches are for thousands of notes


@dataclass(frozen=True)
class Length:
    """A length of a training."""

    name: str
    epochs: int


FINE_TUNING_LENGTHS = (Length("Quick", 6), Length("Normal", 12), Length("Long", 40))
NEW_MODEL_LENGTHS = (Length("Quick", 30), Length("Normal", 90), Length("Long", 300))
USUAL = 1  # position of the length that is chosen at first


def is_trained(beginning: Beginning) -> bool:
    """Return whether torch trains a network; PCA is computed without it."""
    return isinstance(beginning, FineTuning) or beginning.family != PCA_NAME


def lengths(beginning: Beginning) -> tuple[Length, ...]:
    """Return the lengths to choose from, from short to long; none where PCA is the result."""
    if not is_trained(beginning) or find_spec("torch") is None:
        return ()
    return FINE_TUNING_LENGTHS if isinstance(beginning, FineTuning) else NEW_MODEL_LENGTHS


def job_settings(beginning: Beginning, data: Path) -> TrainSettings:
    """Return the settings of a training on a folder of notes, without those of the optimization.

    Raises:
        UserError: the model to begin with cannot be read.
    """
    if isinstance(beginning, FineTuning):
        return fine_tuning(beginning.start, data)
    return TrainSettings(data, beginning.family, FULL_BAND_SPEC, beginning.latent_size)


def with_length(settings: TrainSettings, notes: int, epochs: int) -> TrainSettings:
    """Return settings for a number of notes and epochs. An epoch has about 4,000 frames. It imports torch."""
    fit = FINE_TUNE_FIT
    if settings.start is None:
        fit = replace(family(settings.family).fit(settings.spec), batch_size=_NEW_BATCH_SIZE, retrain=False)
    per_note = max(1, round(_FRAMES_PER_EPOCH / notes))
    return replace(settings, fit=replace(fit, epochs=epochs, patience=epochs, frames_per_note=per_note))


def measure_epoch_s(beginning: Beginning, notes: int, threads: int) -> float:
    """Measure how many seconds an epoch takes on this machine. It imports torch.

    Args:
        beginning: of the training. notes: that it learns from. threads: CPU threads.

    Raises:
        UserError: the model to begin with cannot be read.
    """
    from synth_app.training.fit.speed import seconds_per_frame

    settings = with_length(job_settings(beginning, Path()), notes, epochs=1)
    assert settings.fit is not None
    frames = settings.fit.frames_per_note * notes
    return frames * seconds_per_frame(replace(settings, threads=threads))
