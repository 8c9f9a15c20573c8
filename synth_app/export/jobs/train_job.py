"""A training of the user in a process of its own, at low priority, so that the sound plays on."""

import multiprocessing
import os
from collections.abc import Callable
from multiprocessing.synchronize import Event
from pathlib import Path

from synth_app.export.process_job import ProcessJob
from synth_app.modelfile.catalog import user_model_folder
from synth_app.session.trainings.library import TrainingEntry
from synth_app.session.trainings.messages import Done, Message
from synth_app.session.trainings.plan import PLAN_NAME, read_plan
from synth_app.support.priority import lower_process

_PAUSE_CHECK_S = 0.2


class TrainJob(ProcessJob):
    """One training in another process. Its messages wait in ``take``.

    Attributes:
        error: why the training failed, "" otherwise.
        result: the last message, None until the training is finished.
    """

    def __init__(self, folder: Path, models: Path | None = None) -> None:
        self._running = multiprocessing.get_context("spawn").Event()
        self._running.set()
        super().__init__(_train, folder, models or user_model_folder(), self._running)
        self._messages: list[Message] = []
        self.error = ""
        self.result: Done | None = None

    @property
    def paused(self) -> bool:
        """Whether the training waits."""
        return not self._running.is_set()

    def pause(self) -> None:
        """Let the training wait after its present step."""
        self._running.clear()

    def go_on(self) -> None:
        """End a pause."""
        self._running.set()

    def take(self) -> list[Message]:
        """Return the messages since the last call, in their order."""
        taken, self._messages = self._messages, []
        return taken

    def _handle(self, message: object) -> None:
        if isinstance(message, str):
            self.error, self._ended = message, True
            return
        assert isinstance(message, Message)
        self._messages.append(message)
        if isinstance(message, Done):
            self.result, self._ended = message, True

    def _handle_end(self) -> None:
        self.error = "the training ended unexpectedly; go on with it: it continues from its last complete epoch"


def training_threads() -> int:
    """Return the number of CPU threads of a training: one core is left to the sound."""
    return max(1, (os.cpu_count() or 2) - 1)


def _train(folder: Path, models: Path, running: Event, send: Callable[[object], None]) -> None:
    from synth_app.session.trainings.run import run_training  # imports scipy

    lower_process()
    entry = TrainingEntry(folder, read_plan(folder / PLAN_NAME))
    parent = multiprocessing.parent_process()

    def wait() -> bool:
        while not running.wait(_PAUSE_CHECK_S):
            if parent is None or not parent.is_alive():  # the window is gone
                return True
        return False

    run_training(entry, models, send, wait, threads=training_threads())
