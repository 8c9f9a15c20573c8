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
        self._finished: list[tuple[_Waiting, SoundAnswer]] = []  # of tasks that ended while another was stopped
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

    def cancel(self, number: int) -> list[SoundAnswer]:
        """Stop a task; the others that wait begin again.

        Returns:
            answers that the task gave at the last moment; they are not handed on.
        """
        worker = self._get()
        self._waiting.pop(number, None)
        late = worker.cancel()
        for answer in late:
            waiting = self._waiting.get(answer.number)
            if waiting is not None and not isinstance(answer, Encoding | Measuring):
                self._finished.append((waiting, answer))
                del self._waiting[answer.number]
        for each in self._waiting.values():
            worker.request(each.task)
        if self._waiting or self._finished:
            self._timer.start()
        return [answer for answer in late if answer.number == number]

    def close(self) -> None:
        """End the worker."""
        self._timer.stop()
        self._waiting.clear()
        self._finished.clear()
        if self._worker is not None:
            self._worker.cancel()

    def poll(self) -> None:
        """Hand on the answers that have arrived."""
        finished, self._finished = self._finished, []
        for waiting, answer in finished:
            waiting.handle(answer)
        worker = self._get()
        for answer in worker.answers():
            asked = self._waiting.get(answer.number)
            if asked is None:
                continue
            if not isinstance(answer, Encoding | Measuring):  # each task has one answer besides
                del self._waiting[answer.number]
            asked.handle(answer)
        if not worker.busy and not self._finished:
            self._timer.stop()

    def _get(self) -> SoundWorkerPort:
        if self._worker is None:
            self._worker = self._make_worker()
        return self._worker
