"""A task in a process of its own, so that the window neither waits nor loads compiled code."""

import multiprocessing
from abc import ABC, abstractmethod
from collections.abc import Callable
from multiprocessing.connection import Connection

from synth_app.support.child_process import end_tidily
from synth_app.support.errors import UserError


class ProcessJob(ABC):
    """One task in another process. Poll it from a timer; every method returns at once.

    Args:
        task: a function of a module. It gets ``args`` and a function that sends a message to the job; a UserError that
            it raises arrives as a message too, as a string.
        args: plain data for the task.
    """

    def __init__(self, task: Callable[..., None], *args: object) -> None:
        context = multiprocessing.get_context("spawn")
        self._receiver, self._sender = context.Pipe(duplex=False)
        self._process = context.Process(target=_run, args=(task, args, self._sender), daemon=True)
        self._ended = False

    def start(self) -> None:
        """Start the task."""
        self._process.start()
        self._sender.close()  # so that the child's end shows as the end of the pipe

    def done(self) -> bool:
        """Return whether the task has finished, failed or been cancelled."""
        self._read()
        return self._ended

    def cancel(self) -> None:
        """Stop the task: it removes what is half done. Its later messages are ignored."""
        self._ended = True
        if self._process.is_alive():
            self._process.terminate()

    def _read(self) -> None:
        while not self._ended and self._receiver.poll():
            try:
                message = self._receiver.recv()
            except EOFError:
                self._ended = True
                self._handle_end()
            else:
                self._handle(message)

    @abstractmethod
    def _handle(self, message: object) -> None:
        """Handle a message of the task; set ``_ended`` if it is the last."""

    @abstractmethod
    def _handle_end(self) -> None:
        """Handle the end of the process, before or after the result arrived."""


def _run(task: Callable[..., None], args: tuple[object, ...], sender: Connection) -> None:
    end_tidily()
    try:
        task(*args, sender.send)
    except UserError as error:
        sender.send(str(error))
    finally:
        sender.close()
