"""What a training tells while it runs."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """One step of a training.

    Attributes:
        stage: "frames", "axes", "fit" or "bank".
        done, total: shards, batches, epochs or notes.
        message: a short line for people.
        valid_rmse_db: pooled validation RMSE after an epoch, else None.
    """

    stage: str
    done: int
    total: int
    message: str = ""
    valid_rmse_db: float | None = None


Report = Callable[[Progress], None]
Cancel = Callable[[], bool]


class TrainingCancelled(Exception):  # noqa: N818 (it is no error)
    """The training was told to stop; the same command continues it from its last whole epoch."""


def ignore(progress: Progress) -> None:
    """A report that goes nowhere."""
    del progress


def never() -> bool:
    """A cancel that is never asked for."""
    return False
