"""Training of models on notes. Only this package needs torch, and it imports torch only to train."""

from synth_app.training.progress import Progress, TrainingCancelled
from synth_app.training.settings import SPECS, SPLITS, FitSettings, TrainSettings
from synth_app.training.train import require_torch, train_model

__all__ = [
    "SPECS",
    "SPLITS",
    "FitSettings",
    "Progress",
    "TrainSettings",
    "TrainingCancelled",
    "require_torch",
    "train_model",
]
