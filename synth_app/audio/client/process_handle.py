"""One run of the audio process as the app sees it: the process, its pipes and the two threads that serve them."""

import contextlib
import subprocess
import threading
from collections import deque
from collections.abc import Callable
from typing import cast

from synth_app.audio.protocol.channel import Channel
from synth_app.audio.protocol.messages import Command, Play, Report
from synth_app.patch import SetPatch


class Outbox:
    """Commands on their way to the process; ``put`` never waits.

    A sound replaces the one directly before it. When CAPACITY commands wait, older sounds go; notes are never lost.
    """

    CAPACITY = 4096
    _SPARE_SOUNDS = 256  # so many old sounds may wait, that clearing them out stays rare

    def __init__(self) -> None:
        """Start empty."""
        self._items: deque[Command] = deque()
        self._sounds = 0  # how many of them are sounds
        self._changed = threading.Condition()
        self._closed = False

    def put(self, command: Command) -> None:
        """Add a command."""
        with self._changed:
            if _is_sound(command):
                self._make_room()
                self._sounds += 1
            self._items.append(command)
            self._changed.notify()

    def take(self) -> Command | None:
        """Wait for the next command; None once closed and empty."""
        with self._changed:
            self._changed.wait_for(lambda: self._items or self._closed)
            command = self._items.popleft() if self._items else None
            self._sounds -= command is not None and _is_sound(command)
            return command

    def close(self) -> None:
        """Let ``take`` end when everything is taken."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def _make_room(self) -> None:
        """Remove what a new sound makes needless."""
        if self._items and _is_sound(self._items[-1]):
            self._items.pop()
            self._sounds -= 1
        if len(self._items) >= self.CAPACITY and self._sounds >= self._SPARE_SOUNDS:
            self._items = deque(old for old in self._items if not _is_sound(old))
            self._sounds = 0


def _is_sound(command: Command) -> bool:
    return isinstance(command, Play) and isinstance(command.message, SetPatch)


class ProcessHandle:
    """A started audio process.

    Reports go to ``on_report`` in the reader's thread, then None when the process has ended.
    """

    def __init__(
        self, process: "subprocess.Popen[bytes]", on_report: Callable[["ProcessHandle", Report | None], None]
    ) -> None:
        """Serve the pipes of ``process``, which ``start_audio_process`` made; returns at once."""
        self._on_report = on_report
        self.warm = False  # whether it answers pings; set by the client
        self.outbox = Outbox()
        self._process = process
        assert process.stdin is not None
        assert process.stdout is not None
        self._channel = Channel(process.stdout, process.stdin)
        self._threads = [
            threading.Thread(target=self._write, name="audio-writer", daemon=True),
            threading.Thread(target=self._read, name="audio-reader", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    def kill(self) -> None:
        """End the process the hard way."""
        self._process.kill()

    def wait(self, timeout: float) -> bool:
        """Wait for the process to end; whether it did."""
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return False
        return True

    def reason(self) -> str:
        """Why an ended process ended, as a half sentence."""
        code = self._process.wait()
        return f"it was ended by signal {-code}" if code < 0 else f"it ended with status {code}"

    def release(self) -> None:
        """Free the pipes and threads of an ended process."""
        self.outbox.close()
        for thread in self._threads:
            thread.join()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # bytes that the dead process did not take
                    pipe.close()

    def _write(self) -> None:
        while (command := self.outbox.take()) is not None:
            try:
                self._channel.send(command)
            except (OSError, ValueError):
                return  # the process ended; the reader tells

    def _read(self) -> None:
        try:
            while True:
                self._on_report(self, cast(Report, self._channel.receive()))
        except EOFError:
            self._on_report(self, None)
