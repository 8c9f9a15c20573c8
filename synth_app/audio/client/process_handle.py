"""Handle of one audio process in the app: the process, its pipes and the two threads that serve them."""

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
    """Queue of commands for the process; ``put`` never blocks.

    A patch replaces a patch directly before it. When CAPACITY commands wait, older patches are removed. Notes are
    never lost.
    """

    CAPACITY = 4096
    _SPARE_PATCHES = 256  # remove old patches only when at least this many wait, so that it happens rarely

    def __init__(self) -> None:
        """Start empty."""
        self._items: deque[Command] = deque()
        self._patch_count = 0  # number of patches in the queue
        self._changed = threading.Condition()
        self._closed = False

    def put(self, command: Command) -> None:
        """Add a command."""
        with self._changed:
            if _is_patch(command):
                self._make_room()
                self._patch_count += 1
            self._items.append(command)
            self._changed.notify()

    def get(self) -> Command | None:
        """Wait for the next command and return it; None once the queue is closed and empty."""
        with self._changed:
            self._changed.wait_for(lambda: self._items or self._closed)
            command = self._items.popleft() if self._items else None
            self._patch_count -= command is not None and _is_patch(command)
            return command

    def close(self) -> None:
        """Let ``get`` return None once the queue is empty."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def _make_room(self) -> None:
        """Remove patches that a new patch makes superfluous."""
        if self._items and _is_patch(self._items[-1]):
            self._items.pop()
            self._patch_count -= 1
        if len(self._items) >= self.CAPACITY and self._patch_count >= self._SPARE_PATCHES:
            self._items = deque(old for old in self._items if not _is_patch(old))
            self._patch_count = 0


def _is_patch(command: Command) -> bool:
    return isinstance(command, Play) and isinstance(command.message, SetPatch)


class ProcessHandle:
    """A started audio process.

    The reader thread calls ``on_report`` with every report, and with None when the process has ended.
    """

    def __init__(
        self, process: "subprocess.Popen[bytes]", on_report: Callable[["ProcessHandle", Report | None], None]
    ) -> None:
        """Serve the pipes of ``process``, which ``start_audio_process`` made; returns at once."""
        self._on_report = on_report
        self.warm = False  # whether it answers heartbeats; set by the client
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
        """Kill the process."""
        self._process.kill()

    def wait(self, timeout: float) -> bool:
        """Wait up to ``timeout`` seconds for the process to end; return whether it did."""
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return False
        return True

    def end(self, timeout_s: float) -> None:
        """Wait for the process to end, kill it after ``timeout_s``, and free its pipes and threads."""
        if not self.wait(timeout_s):
            self.kill()
        self.release()

    def reason(self) -> str:
        """Return why an ended process ended, as a clause for a message."""
        code = self._process.wait()
        return f"it was ended by signal {-code}" if code < 0 else f"it ended with status {code}"

    def release(self) -> None:
        """Close the pipes and join the threads of an ended process."""
        self.outbox.close()
        for thread in self._threads:
            thread.join()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # unread bytes of the dead process
                    pipe.close()

    def _write(self) -> None:
        while (command := self.outbox.get()) is not None:
            try:
                self._channel.send(command)
            except (OSError, ValueError):
                return  # the process ended; the reader thread reports it

    def _read(self) -> None:
        try:
            while True:
                self._on_report(self, cast(Report, self._channel.receive()))
        except EOFError:
            self._on_report(self, None)
