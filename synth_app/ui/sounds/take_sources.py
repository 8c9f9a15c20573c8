"""What a take is recorded from: an input in the input process, or the program's own output."""

from abc import abstractmethod
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, SignalInstance

from synth_app.audio.input.messages import (
    InputDevice,
    InputLevel,
    InputList,
    InputState,
    ListInputs,
    OpenInput,
    StartTake,
    StopTake,
    TakeEnded,
    TakeStarted,
)
from synth_app.audio.protocol.messages import Meters
from synth_app.support.errors import UserError
from synth_app.ui.ports.audio_port import InputPort, RecorderPort

_POLL_MS = 40


class TakeSource(QObject):
    """Records one take at a time.

    Signals:
        level: peaks of both channels, 0-1.
        length: of the take so far, in s.
        started: the take runs.
        ended: the take's file, Path() without one, and a problem, "" without one.
    """

    level = Signal(float, float)
    length = Signal(float)
    started = Signal()
    ended = Signal(Path, str)

    @abstractmethod
    def start(self, path: Path, most_seconds: float) -> None:
        """Record into a new file; the take ends by itself after so many seconds."""

    @abstractmethod
    def stop(self) -> None:
        """End the take and keep it."""

    @abstractmethod
    def close(self) -> None:
        """Release the device; a running take is kept."""


class OutputSource(TakeSource):
    """The program's own output.

    Args:
        make_recorder: makes the recorder of a take.
        meters: signal with the output's meters.
        parent: Qt's parent.
    """

    def __init__(self, make_recorder: Callable[[], RecorderPort], meters: SignalInstance, parent: QObject) -> None:
        super().__init__(parent)
        self._make_recorder = make_recorder
        self._recorder: RecorderPort | None = None
        self._path, self._most_seconds = Path(), 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MS)
        self._timer.timeout.connect(self._tick)
        self._meters = meters
        meters.connect(self._show_meters)

    def start(self, path: Path, most_seconds: float) -> None:
        """Record into a new file."""
        recorder, self._path, self._most_seconds = self._make_recorder(), path, most_seconds
        try:
            recorder.start(path, max_seconds=most_seconds)
        except UserError as error:
            self.ended.emit(Path(), str(error))
        else:
            self._recorder = recorder
            self._timer.start()
            self.started.emit()

    def stop(self) -> None:
        """End the take."""
        recorder, self._recorder = self._recorder, None
        self._timer.stop()
        if recorder is None:
            return
        problem = ""
        try:
            seconds = recorder.stop()
        except UserError as error:
            problem, seconds = str(error), recorder.seconds
        if seconds <= 0.0:
            self._path.unlink(missing_ok=True)
            self.ended.emit(Path(), problem or "nothing was recorded: no audio is running yet")
        else:
            self.ended.emit(self._path, problem)

    def close(self) -> None:
        """End the take; listen to the output no longer."""
        self.stop()
        self._meters.disconnect(self._show_meters)

    def _tick(self) -> None:
        if self._recorder is None:
            return
        self.length.emit(self._recorder.seconds)
        if self._recorder.problem or self._recorder.seconds >= self._most_seconds:
            self.stop()

    def _show_meters(self, meters: Meters) -> None:
        self.level.emit(min(meters.peak_left, 1.0), min(meters.peak_right, 1.0))


class InputSource(TakeSource):
    """A microphone or another input.

    Signals:
        listed: the inputs that there are.
        opened: name of the input that is open, "" for none, and a problem, "" without one.

    Args:
        port: the input process.
        parent: Qt's parent.
    """

    listed = Signal(tuple)
    opened = Signal(str, str)

    def __init__(self, port: InputPort, parent: QObject) -> None:
        super().__init__(parent)
        self._port = port
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MS)
        self._timer.timeout.connect(self.poll)
        self._timer.start()

    def list_devices(self) -> None:
        """Request ``listed``."""
        self._port.send(ListInputs())

    def open(self, wanted: OpenInput) -> None:
        """Open an input; answered by ``opened``."""
        self._port.send(wanted)

    def start(self, path: Path, most_seconds: float) -> None:
        """Record into a new file."""
        self._port.send(StartTake(str(path), most_seconds))

    def stop(self) -> None:
        """End the take."""
        self._port.send(StopTake())

    def close(self) -> None:
        """End the process; it keeps a running take."""
        self._timer.stop()
        self._port.close()
        self.poll()

    def poll(self) -> None:
        """Hand on what the process reports."""
        for report in self._port.reports():
            match report:
                case InputList(devices):
                    self.listed.emit(devices)
                case InputState(name=name, problem=problem):
                    self.opened.emit(name, problem)
                case InputLevel(left, right, seconds):
                    self.level.emit(left, right)
                    self.length.emit(seconds)
                case TakeStarted():
                    self.started.emit()
                case TakeEnded(path, _, problem):
                    self.ended.emit(Path(path), problem)


def device_text(device: InputDevice) -> str:
    """Return the entry of an input in a list."""
    return f"{device.name} – {device.host_api}"
