"""The input process: one input device, its level, and one recording at a time."""

import contextlib
import os
import signal
import threading
from collections.abc import Callable

import numpy as np

from synth_app.audio.input.input_ring import InputRing
from synth_app.audio.input.input_stream import InputStream, list_inputs
from synth_app.audio.input.messages import (
    InputLevel,
    InputList,
    InputReport,
    InputState,
    ListInputs,
    OpenInput,
    StartTake,
    StopTake,
    TakeEnded,
    TakeStarted,
)
from synth_app.audio.process.devices import rescan
from synth_app.audio.process.recorder import Recorder
from synth_app.audio.protocol.channel import Channel
from synth_app.audio.protocol.private_pipes import private_pipes
from synth_app.support.errors import UserError

_LEVEL_EVERY_S = 0.04


class InputProcess:
    """Handles commands, and reports levels from a thread of its own.

    Args:
        send: sends a report to the app. Raises OSError once the app has ended.
    """

    def __init__(self, send: Callable[[InputReport], None]) -> None:
        self._send = send
        self._lock = threading.Lock()  # guards all below; no device callback takes it
        self._ring = InputRing()
        self._stream: InputStream | None = None
        self._recorder: Recorder | None = None
        self._take = StartTake("", 0.0)
        self._overflows = self._index = 0
        self._lost = False  # a device has disappeared: PortAudio's list of devices is out of date
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._report_levels, name="levels", daemon=True)
        self._thread.start()

    def handle(self, command: object) -> None:
        """Handle a command of the app."""
        with self._lock:
            try:
                self._handle(command)
            except UserError as error:
                if isinstance(command, StartTake):
                    self._send(TakeEnded("", 0.0, str(error)))
                else:
                    self._send(InputState("", 0, str(error)))

    def close(self) -> None:
        """Finish the recording and close the device."""
        self._end.set()
        self._thread.join()
        with self._lock:
            if self._recorder is not None:
                with contextlib.suppress(UserError):  # nobody is left to tell; the file keeps what there is
                    self._recorder.stop()
            self._close_stream()

    def _handle(self, command: object) -> None:
        match command:
            case ListInputs():
                self._search_again()
                self._send(InputList(list_inputs()))
            case OpenInput():
                self._stop_take("the input was changed; the recording ended there")
                self._close_stream()
                self._search_again()
                self._ring = InputRing()
                self._index = 0
                self._stream = InputStream(command, self._ring)
                self._send(InputState(self._stream.name, self._stream.rate))
            case StartTake(path, max_seconds):
                if self._stream is None:
                    raise UserError("no input is open; choose one first")
                recorder = Recorder(self._ring, self._stream.rate)
                recorder.start(path, max_seconds=max_seconds)
                self._recorder, self._take, self._overflows = recorder, command, self._stream.overflows
                self._send(TakeStarted())
            case StopTake(discard=True) if self._recorder is not None:
                recorder, self._recorder = self._recorder, None
                recorder.discard()
                self._send(TakeEnded("", 0.0))
            case StopTake():
                self._stop_take("")

    def _report_levels(self) -> None:
        """Report level and length until the end; finish a recording that is full or whose device is gone."""
        while not self._end.wait(_LEVEL_EVERY_S):
            with self._lock:
                try:
                    self._tick()
                except OSError:
                    return  # the app has ended; the main thread closes

    def _tick(self) -> None:
        if self._stream is None:
            return
        frames, self._index, _ = self._ring.read_since(self._index)
        left, right = np.minimum(np.abs(frames).max(axis=0, initial=0.0), 1.0).tolist()
        recorder = self._recorder
        self._send(InputLevel(left, right, recorder.seconds if recorder else 0.0))
        if recorder is not None and (recorder.problem or recorder.seconds >= self._take.max_seconds):
            self._stop_take("")
        if not self._stream.active:
            name = self._stream.name
            self._stop_take("the input device has disappeared; the recording ended there")
            self._close_stream()
            self._lost = True
            self._send(InputState("", 0, f"{name} has disappeared; plug it in again, or choose another input"))

    def _stop_take(self, problem: str) -> None:
        recorder, self._recorder = self._recorder, None
        if recorder is None:
            return
        path, lost = self._take.path, self._stream is not None and self._stream.overflows > self._overflows
        try:
            recorder.stop()
        except UserError as error:
            problem = str(error)
        if lost and not problem:
            problem = "the computer was too busy: the recording has gaps; close other programs and record again"
        self._send(TakeEnded(path if recorder.seconds > 0.0 else "", recorder.seconds, problem))

    def _search_again(self) -> None:
        """Let PortAudio find devices that were plugged in after another one had disappeared."""
        if self._lost and self._stream is None:
            rescan()
            self._lost = False

    def _close_stream(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()


def main() -> None:
    """Run the process: entry point of ``python -m synth_app.audio.input.main``, see ``InputClient``."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the app, which then ends this process
    channel = Channel(*private_pipes())
    process = InputProcess(channel.send)
    try:
        while True:
            process.handle(channel.receive())
    except (EOFError, OSError):  # the app has closed the pipe
        process.close()
    os._exit(0)  # skips PortAudio's exit handler, which may wait for a dead sound server


if __name__ == "__main__":
    main()
