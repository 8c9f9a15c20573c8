"""Sends tasks to the sound worker and hands each answer to whoever asked."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer

from synth_app.export.sounds.tasks import Encoding, Measuring, SoundAnswer, SoundTask
from synth_app.ui.ports.audio_port import SoundWorkerPort

_POLL_MS = 30
OnAnswer = Callable[[SoundAnswer], None]


@dataclass(frozen=True)
class _Waiting:
    task: SoundTask
    handle: OnAnswer


class SoundJobs(QObject):
    """Polls the worker while a task waits.

    Args:
        make_worker: creates the worker when it is first needed.
        parent: Qt's parent.
    """

    def __init__(self, make_worker: Callable[[], SoundWorkerPort], parent: QObject) -> None:
        super().__init__(parent)
        self._make_worker = make_worker
        self._worker: SoundWorkerPort | None = None
        self._waiting: dict[int, _Waiting] = {}
        self._number = 0
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MS)
        self._timer.timeout.connect(self.poll)

    def prepare(self) -> None:
        """Start the worker's process."""
        self._get().prepare()

    def ask(self, make: Callable[[int], SoundTask], handle: OnAnswer) -> int:
        """Request a task.

        Args:
            make: makes the task with a number.
            handle: called with each of its answers.

        Returns:
            the number.
        """
        self._number += 1
        task = make(self._number)
        self._waiting[self._number] = _Waiting(task, handle)
        self._get().request(task)
        self._timer.start()
        return self._number

    def forget(self, number: int) -> None:
        """Ignore the later answers of a task."""
        self._waiting.pop(number, None)

    def cancel(self, number: int) -> None:
        """Stop a task; the others that wait begin again."""
        worker = self._get()
        self._waiting.pop(number, None)
        worker.cancel()
        for each in self._waiting.values():
            worker.request(each.task)

    def close(self) -> None:
        """End the worker."""
        self._timer.stop()
        self._waiting.clear()
        if self._worker is not None:
            self._worker.cancel()

    def poll(self) -> None:
        """Hand on the answers that have arrived."""
        worker = self._get()
        for answer in worker.answers():
            waiting = self._waiting.get(answer.number)
            if waiting is None:
                continue
            if not isinstance(answer, Encoding | Measuring):  # each task has one answer besides
                del self._waiting[answer.number]
            waiting.handle(answer)
        if not worker.busy:
            self._timer.stop()

    def _get(self) -> SoundWorkerPort:
        if self._worker is None:
            self._worker = self._make_worker()
        return self._worker
