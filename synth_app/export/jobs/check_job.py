"""Checks a folder of recordings in a process of its own, at low priority, and measures how long a training takes."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from synth_app.dataset.check import Preflight, check_recordings
from synth_app.export.jobs.train_job import training_threads
from synth_app.export.process_job import ProcessJob
from synth_app.session.trainings.lengths import is_trained, measure_epoch_s
from synth_app.session.trainings.plan import Beginning
from synth_app.support.priority import lower_process


@dataclass(frozen=True)
class _Progress:
    done: int
    total: int


@dataclass(frozen=True)
class _Speed:
    epoch_s: float


class CheckJob(ProcessJob):
    """One check in another process. The result comes first, then the speed; or an error, which ends both.

    Args:
        folder: of the recordings.
        beginning: of the training whose speed is measured.

    Attributes:
        files: number of files that are checked, and of all files; zeros before the first.
        result: of the check, None until it is ready.
        epoch_s: seconds that an epoch takes on this machine; None until it is measured, and for what is not trained.
        error: why the job failed, "" otherwise.
    """

    def __init__(self, folder: Path, beginning: Beginning) -> None:
        super().__init__(_check, folder, beginning)
        self.files = (0, 0)
        self.result: Preflight | None = None
        self.epoch_s: float | None = None
        self.error = ""

    def _handle(self, message: object) -> None:
        match message:
            case _Progress(done, total):
                self.files = (done, total)
            case Preflight():
                self.result = message
            case _Speed(epoch_s):
                self.epoch_s = epoch_s
            case _:
                self.error, self._ended = str(message), True

    def _handle_end(self) -> None:
        if self.result is None and not self.error:
            self.error = "the recordings could not be checked: the process ended unexpectedly; try again"


def _check(folder: Path, beginning: Beginning, send: Callable[[object], None]) -> None:
    lower_process()
    found = check_recordings(folder, progress=lambda done, total: send(_Progress(done, total)))
    send(found)
    used = sum(not each.leave_out for each in found.choices().values())
    if used and is_trained(beginning) and find_spec("torch") is not None:
        send(_Speed(measure_epoch_s(beginning, used, training_threads())))
