"""A process that works for own sounds, searches and breeding, one task after the other. It imports only once."""

import logging
import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from queue import SimpleQueue
from threading import Thread

from synth_app.export.sounds.tasks import Failed, SoundAnswer, SoundTask
from synth_app.support.child_process import end_tidily
from synth_app.support.errors import UserError

logger = logging.getLogger(__name__)

_ENDED = "the work on the sound ended unexpectedly; try again"
_END_S = 1.0  # how long the process may take to end
Send = Callable[[SoundAnswer], None]
Perform = Callable[[SoundTask, Path, Send], None]


class SoundWorker:
    """Owns the process. Poll ``answers`` from a timer; no method waits for a task.

    Args:
        folder: of the sounds.
        perform: does one task; a function of a module. None for ``perform.perform``.
    """

    def __init__(self, folder: Path, perform: Perform | None = None) -> None:
        self._folder, self._perform = folder, perform
        self._process: multiprocessing.process.BaseProcess | None = None
        self._pipe: Connection | None = None
        self._sender: Thread | None = None
        self._outbox: SimpleQueue[memoryview | None] = SimpleQueue()
        self._waiting: list[int] = []  # numbers of the tasks that are not done

    @property
    def busy(self) -> bool:
        """Whether a task is not done yet."""
        return bool(self._waiting)

    def prepare(self) -> None:
        """Start the process unless it runs, so that the first task need not wait for it."""
        if self._process is not None:
            return
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_run, args=(theirs, self._folder, self._perform), daemon=True)
        self._process.start()
        theirs.close()  # so that the process' end shows as the end of the pipe
        self._outbox = SimpleQueue()
        self._sender = Thread(target=_send_all, args=(self._pipe, self._outbox), name="sound-tasks", daemon=True)
        self._sender.start()

    def request(self, task: SoundTask) -> None:
        """Do a task after those that wait."""
        self.prepare()
        self._waiting.append(task.number)
        self._outbox.put(ForkingPickler.dumps(task))

    def answers(self) -> list[SoundAnswer]:
        """Return what has arrived. If the process ended, every task that waits has failed."""
        found = list[SoundAnswer]()
        try:
            while self._pipe is not None and self._pipe.poll():
                number, answer = self._pipe.recv()
                if number in self._waiting:
                    self._waiting.remove(number)
                if answer is not None:
                    found.append(answer)
        except (EOFError, OSError):
            lost, self._waiting = self._waiting, []
            self._release()
            found += [Failed(number, _ENDED) for number in lost]
        return found

    def cancel(self) -> list[SoundAnswer]:
        """Stop the process and forget every task. A sound that is half added is removed.

        Returns:
            what tasks answered before the process ended, and ``answers`` has not returned.
        """
        self._waiting.clear()
        if self._process is not None and self._process.is_alive():
            self._process.terminate()
        return self._release()

    def _release(self) -> list[SoundAnswer]:
        """Wait for the end of the process; return its last answers."""
        found = list[SoundAnswer]()
        if self._process is not None:
            self._process.join(_END_S)
            if self._process.is_alive():
                self._process.kill()
                self._process.join()
        if self._pipe is not None:
            try:
                while self._pipe.poll():
                    _, answer = self._pipe.recv()
                    found += [] if answer is None else [answer]
            except (EOFError, OSError):
                pass  # the process has ended, and so has its last answer
        if self._sender is not None:
            self._outbox.put(None)
            self._sender.join()  # with the process, nobody reads the pipe: sending fails at once
        if self._pipe is not None:
            self._pipe.close()
        self._pipe = self._process = self._sender = None
        return found


def _send_all(pipe: Connection, outbox: "SimpleQueue[memoryview | None]") -> None:
    """Send tasks until None comes.

    A task with a patch of own sounds is larger than the buffer of a pipe. Sending it waits until the process has done
    the task before; the process in turn waits until its answer is read.
    """
    while (task := outbox.get()) is not None:
        try:
            pipe.send_bytes(task)
        except OSError:
            return  # the process has just ended; ``answers`` tells


def _run(pipe: Connection, folder: Path, perform: Perform | None) -> None:
    """Do tasks until the program ends."""
    from synth_app.support.blas_threads import BlasThreadLimit

    end_tidily()
    with BlasThreadLimit():  # more would take cores from the audio process
        if perform is None:
            from synth_app.export.sounds import perform as standard

            standard.warm_up()
            perform = standard.perform
        while True:
            try:
                task: SoundTask = pipe.recv()
            except (EOFError, OSError):
                return
            try:
                perform(task, folder, lambda answer: pipe.send((None, answer)))
            except UserError as error:
                pipe.send((None, Failed(task.number, str(error))))
            except Exception as error:  # a defect must not end the process: other tasks wait
                logger.exception("a task failed: %s", task)
                pipe.send((None, Failed(task.number, f"unexpected error: {error!r}; please report this")))
            pipe.send((task.number, None))
