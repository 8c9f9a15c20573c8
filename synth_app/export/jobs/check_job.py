"""Checks a folder of recordings in a process of its own, at low priority."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from synth_app.dataset.check import Preflight, check_recordings
from synth_app.export.process_job import ProcessJob
from synth_app.support.priority import lower_process


@dataclass(frozen=True)
class _Progress:
    done: int
    total: int


class CheckJob(ProcessJob):
    """One check in another process. ``result`` or ``error`` is set when it is done.

    Attributes:
        files: number of files that are checked, and of all files; zeros before the first.
        result: of the check, None until it is ready.
        error: why the check failed, "" otherwise.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(_check, folder)
        self.files = (0, 0)
        self.result: Preflight | None = None
        self.error = ""

    def _handle(self, message: object) -> None:
        if isinstance(message, _Progress):
            self.files = (message.done, message.total)
            return
        if isinstance(message, Preflight):
            self.result = message
        else:
            self.error = str(message)
        self._ended = True

    def _handle_end(self) -> None:
        self.error = "the recordings could not be checked: the process ended unexpectedly; try again"


def _check(folder: Path, send: Callable[[object], None]) -> None:
    lower_process()
    send(check_recordings(folder, progress=lambda done, total: send(_Progress(done, total))))
