"""Renders in a process of its own, so that the window neither waits nor loads compiled code."""

import multiprocessing
from multiprocessing.connection import Connection

from synth_app.export.request import RenderRequest
from synth_app.support.errors import UserError


class RenderJob:
    """One render in another process. Poll it from a timer; every method returns at once."""

    def __init__(self, request: RenderRequest) -> None:
        self.request = request
        context = multiprocessing.get_context("spawn")
        self._receiver, sender = context.Pipe(duplex=False)
        self._process = context.Process(target=_work, args=(request, sender), daemon=True)
        self._sender = sender
        self._progress, self._finished = 0.0, False
        self._error: str | None = None
        self._cancelled = False

    def start(self) -> None:
        """Start the render."""
        self._process.start()
        self._sender.close()  # so that the child's end shows as the end of the pipe

    def progress(self) -> float:
        """Return the fraction done, 0-1."""
        self._read()
        return self._progress

    def done(self) -> bool:
        """Return whether the render has finished, failed or been cancelled."""
        self._read()
        return self._finished or self._cancelled

    def error(self) -> str | None:
        """Return why the render failed; None while it runs, or after success or cancellation."""
        self._read()
        return self._error

    def cancel(self) -> None:
        """Stop the render. A file that was at the path before stays."""
        self._cancelled = True
        if self._process.is_alive():
            self._process.terminate()

    def _read(self) -> None:
        while not (self._finished or self._cancelled) and self._receiver.poll():
            try:
                message: float | str = self._receiver.recv()
            except EOFError:
                self._finished = True
                if self._progress < 1.0 and self._error is None:
                    self._error = "the render process ended unexpectedly; no file was written, try again"
                return
            if isinstance(message, str):
                self._error = message
            else:
                self._progress = message


def _work(request: RenderRequest, sender: Connection) -> None:
    from synth_app.export.render import render_file

    try:
        render_file(request, lambda fraction: sender.send(min(fraction, 0.99)))
        sender.send(1.0)
    except UserError as error:
        sender.send(str(error))
    finally:
        sender.close()
