"""Progress reports and cancellation of a training."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """One progress report of a training.

    Attributes:
        stage: "frames", "axes", "fit", "bank" or "score"; reports of studies add "measure" and "ablation".
        done, total: shards, batches, epochs or notes.
        message: a short line for people.
        valid_rmse_db: pooled validation RMSE after an epoch, else None.
        loss: mean training loss of an epoch, else None.
    """

    stage: str
    done: int
    total: int
    message: str = ""
    valid_rmse_db: float | None = None
    loss: float | None = None


Report = Callable[[Progress], None]
Cancel = Callable[[], bool]


class TrainingCancelled(Exception):  # noqa: N818 (it is no error)
    """The training was cancelled. The same command continues it from its last complete epoch."""


def ignore_progress(progress: Progress) -> None:
    """Do nothing: the default for ``report``."""
    del progress


def never_cancel() -> bool:
    """Return False: the default for ``cancel``."""
    return False
