"""Fits models to notes. The only package that needs torch, and even this one imports it only to train."""

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
