"""What a training reports while it runs. All messages are small and of bounded size."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]  # [64, up to 128]: mel bands from low to high over time, 255 for the loudest


@dataclass(frozen=True)
class Step:
    """Progress of one stage: files, epochs or notes."""

    stage: str
    done: int
    total: int


@dataclass(frozen=True)
class Playable:
    """A model can be heard: PCA of the notes, or the fine-tuned model after an epoch."""

    path: Path
    title: str


@dataclass(frozen=True)
class Pictures:
    """Spectrograms of one note: as recorded, and as the model decodes it before the training."""

    note: str
    recorded: Picture
    start: Picture


@dataclass(frozen=True)
class EpochDone:
    """One epoch.

    Attributes:
        epoch: number, from 1. epochs: planned.
        train_db, valid_db: error of the training notes and of the held-out notes, by the objective.
        seconds_left: estimate.
        picture: of the note of ``Pictures``, as the model decodes it now.
    """

    epoch: int
    epochs: int
    train_db: float
    valid_db: float
    seconds_left: float
    picture: Picture


@dataclass(frozen=True)
class NoTorch:
    """Torch is not installed, so the PCA model is the result. ``command`` installs it."""

    command: str


@dataclass(frozen=True)
class Done:
    """The training is finished. ``path`` is the model in the user's library."""

    path: Path
    verdict: str


Message = Step | Playable | Pictures | EpochDone | NoTorch | Done
