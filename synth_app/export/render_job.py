"""Renders a request in a process of its own."""

from collections.abc import Callable

from synth_app.export.process_job import ProcessJob
from synth_app.export.request import RenderRequest


class RenderJob(ProcessJob):
    """One render in another process. After ``cancel``, a file that was at the path before stays."""

    def __init__(self, request: RenderRequest) -> None:
        super().__init__(_render, request)
        self.request = request
        self._progress = 0.0
        self._error: str | None = None

    def progress(self) -> float:
        """Return the fraction done, 0-1."""
        self._read()
        return self._progress

    def error(self) -> str | None:
        """Return why the render failed; None while it runs, or after success or cancellation."""
        self._read()
        return self._error

    def _handle(self, message: object) -> None:
        if isinstance(message, float):
            self._progress = message
        else:
            self._error = str(message)

    def _handle_end(self) -> None:
        if self._progress < 1.0 and self._error is None:
            self._error = "the render process ended unexpectedly; no file was written, try again"


def _render(request: RenderRequest, send: Callable[[float], None]) -> None:
    from synth_app.export.render import render_file

    render_file(request, lambda fraction: send(min(fraction, 0.99)))
    send(1.0)
