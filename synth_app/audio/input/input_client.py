"""The app's end of the input process."""

import contextlib
import subprocess
import threading
from typing import cast

from synth_app.audio.input.messages import InputCommand, InputLevel, InputReport, InputState
from synth_app.audio.protocol.channel import Channel
from synth_app.support.child_process import start_child

_MODULE = "synth_app.audio.input.main"
_QUIT_S = 3.0  # to finish a recording


class InputClient:
    """Starts the process with the first command. Poll ``reports`` from a timer; only ``close`` waits."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: Channel | None = None
        self._reader: threading.Thread | None = None
        self._reports: list[InputReport] = []
        self._guard = threading.Lock()

    @property
    def running(self) -> bool:
        """Whether the process runs."""
        return self._process is not None

    def send(self, command: InputCommand) -> None:
        """Send a command."""
        if self._process is None:
            self._start()
        assert self._channel is not None
        with contextlib.suppress(OSError):  # the process has ended; ``reports`` tells
            self._channel.send(command)

    def reports(self) -> list[InputReport]:
        """Return what has arrived. After the process ended unexpectedly, the last report has a problem."""
        with self._guard:
            found, self._reports = self._reports, []
        if self._process is not None and self._reader is not None and not self._reader.is_alive():
            self._release()
            found.append(InputState("", 0, "the recording program ended unexpectedly; choose the input again"))
        return found

    def close(self) -> None:
        """Let the process finish its recording, and end it."""
        if self._process is not None and self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
            self._release()

    def _start(self) -> None:
        process = start_child(_MODULE)
        assert process.stdin is not None
        assert process.stdout is not None
        self._process, self._channel = process, Channel(process.stdout, process.stdin)
        self._reader = threading.Thread(target=self._read, args=(self._channel,), name="input-reader", daemon=True)
        self._reader.start()

    def _read(self, channel: Channel) -> None:
        try:
            while True:
                self._keep(cast("InputReport", channel.receive()))
        except EOFError:
            return

    def _keep(self, report: InputReport) -> None:
        """Add a report. Levels that nobody has read yet become one, so that only answers to commands pile up."""
        with self._guard:
            last = self._reports[-1] if self._reports else None
            if isinstance(report, InputLevel) and isinstance(last, InputLevel):
                left, right = max(last.left, report.left), max(last.right, report.right)
                self._reports[-1] = InputLevel(left, right, report.seconds)
            else:
                self._reports.append(report)

    def _release(self) -> None:
        process, self._process, self._channel = self._process, None, None
        if process is None:
            return
        try:
            process.wait(_QUIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if self._reader is not None:
            self._reader.join()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
