"""Rendering in a process of its own, so that the window neither waits nor loads compiled code."""

import multiprocessing
from multiprocessing.connection import Connection

from synth_app.export.request import RenderRequest
from synth_app.support.errors import UserError


class RenderJob:
    """One render running elsewhere. Poll it from a timer; all methods return at once."""

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
        """Begin."""
        self._process.start()
        self._sender.close()  # so that the child's death shows as the end of the pipe

    def progress(self) -> float:
        """Share done, 0-1."""
        self._read()
        return self._progress

    def done(self) -> bool:
        """Whether it has ended, well or not."""
        self._read()
        return self._finished or self._cancelled

    def error(self) -> str | None:
        """Why it failed; None while running, when it succeeded or was cancelled."""
        self._read()
        return self._error

    def cancel(self) -> None:
        """Stop; what was at the path before stays."""
        self._cancelled = True
        if self._process.is_alive():
            self._process.terminate()

    def _read(self) -> None:
        while not (self._finished or self._cancelled) and self._receiver.poll():
            try:
                news: float | str = self._receiver.recv()
            except EOFError:
                self._finished = True
                if self._progress < 1.0 and self._error is None:
                    self._error = "the render process ended unexpectedly; nothing was written, try again"
                return
            if isinstance(news, str):
                self._error = news
            else:
                self._progress = news


def _work(request: RenderRequest, sender: Connection) -> None:
    from synth_app.export.render import render_file

    try:
        render_file(request, lambda share: sender.send(min(share, 0.99)))
        sender.send(1.0)
    except UserError as error:
        sender.send(str(error))
    finally:
        sender.close()
