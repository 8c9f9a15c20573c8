"""A fake audio process, recorder and render job. They record calls, and return what a test sets."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtWidgets import QMainWindow

from synth_app.audio.input.messages import InputCommand, InputReport
from synth_app.audio.protocol.messages import DeviceSettings, Meters, PlaySample
from synth_app.export.request import RenderRequest
from synth_app.export.sounds.perform import perform
from synth_app.export.sounds.tasks import Failed, SoundAnswer, SoundTask
from synth_app.midi import MidiSettings
from synth_app.patch import Message, NoteOff, NoteOn, Patch, SetPatch
from synth_app.session import PresetLibrary
from synth_app.session.sounds.sound_library import SoundLibrary
from synth_app.support.errors import UserError
from synth_app.ui.ports.audio_port import Services

QUIET = Meters(
    clock=0, peak_left=0.0, peak_right=0.0, limited=False, load=0.0, worst_ms=0.0, underruns=0, voices=0
)  # fmt: skip


class FakeTelemetry:
    """Telemetry of ``audio``, which ends now, and of the meters ``now``, whose peaks reading resets."""

    def __init__(self) -> None:
        self.now = QUIET
        self.audio: NDArray[np.float32] = np.zeros((48_000, 2), np.float32)
        self.written = 0

    def meters(self) -> Meters:
        latest, self.now = self.now, replace(self.now, peak_left=0.0, peak_right=0.0)
        return latest

    def read_since(self, index: int) -> tuple[NDArray[np.float32], int, int]:
        lost = max(self.written - len(self.audio) - index, 0)
        return self.audio[len(self.audio) - (self.written - index - lost) :], self.written, lost

    def play(self, samples: NDArray[np.float32], **figures: float) -> None:
        """Append mono samples and move the clock."""
        stereo = np.repeat(samples[:, np.newaxis], 2, axis=1).astype(np.float32)
        self.audio = np.concatenate([self.audio, stereo])[-96_000:]
        self.written += len(samples)
        peak = float(np.abs(samples).max())
        figures = {"peak_left": peak, "peak_right": peak, **figures}
        self.now = replace(self.now, clock=self.now.clock + len(samples), **figures)  # type: ignore[arg-type]


@dataclass
class FakeAudio:
    """Records all calls."""

    telemetry: FakeTelemetry = field(default_factory=FakeTelemetry)
    sent: list[Message] = field(default_factory=list)
    opened: list[DeviceSettings] = field(default_factory=list)
    midi: list[MidiSettings] = field(default_factory=list)
    samples: list[object] = field(default_factory=list)  # calls about raw sounds, in order
    device_requests: int = 0
    starts: int = 0

    def start(self) -> None:
        self.starts += 1

    def send(self, message: Message) -> None:
        self.sent.append(message)

    def open_device(self, settings: DeviceSettings) -> None:
        self.opened.append(settings)

    def set_midi(self, settings: MidiSettings) -> None:
        self.midi.append(settings)

    def request_devices(self) -> None:
        self.device_requests += 1

    def play_sample(self, request: PlaySample) -> None:
        self.samples.append(request)

    def switch_sample(self, which: int) -> None:
        self.samples.append(which)

    def stop_sample(self) -> None:
        self.samples.append("stop")

    @property
    def patch(self) -> Patch:
        """The patch sent last."""
        return next(m.patch for m in reversed(self.sent) if isinstance(m, SetPatch))

    @property
    def notes(self) -> list[NoteOn | NoteOff]:
        """The note messages in order."""
        return [m for m in self.sent if isinstance(m, NoteOn | NoteOff)]


class FakeRecorder:
    """Writes the file on stop."""

    def __init__(self) -> None:
        self.path: Path | None = None
        self.problem = ""
        self.seconds = 3.0
        self.refuse = ""
        self.running = False

    def start(self, path: Path, *, max_seconds: float | None = None) -> None:
        if self.refuse:
            raise UserError(self.refuse)
        self.path, self.running = path, True

    def stop(self) -> float:
        self.running = False
        if self.problem:
            raise UserError(self.problem)
        assert self.path is not None
        self.path.write_bytes(b"RIFF")
        return self.seconds

    def discard(self) -> None:
        self.path, self.running = None, False


def look_before_recording(monkeypatch: pytest.MonkeyPatch, look: Callable[[], object]) -> None:
    """Call ``look`` before each recording starts."""
    start = FakeRecorder.start

    def look_and_start(recorder: FakeRecorder, path: Path, *, max_seconds: float | None = None) -> None:
        look()
        start(recorder, path, max_seconds=max_seconds)

    monkeypatch.setattr(FakeRecorder, "start", look_and_start)


class FakeJob:
    """A render whose progress the test sets."""

    def __init__(self, request: RenderRequest) -> None:
        self.request = request
        self.fraction, self.finished, self.problem, self.cancelled, self.started = 0.0, False, "", False, False

    def start(self) -> None:
        self.started = True

    def progress(self) -> float:
        return self.fraction

    def done(self) -> bool:
        return self.finished

    def error(self) -> str | None:
        return self.problem or None

    def cancel(self) -> None:
        self.cancelled = True


class FakeInput:
    """An input whose reports the test sets."""

    def __init__(self) -> None:
        self.sent: list[InputCommand] = []
        self.waiting: list[InputReport] = []
        self.closed = 0

    def send(self, command: InputCommand) -> None:
        self.sent.append(command)

    def reports(self) -> list[InputReport]:
        found, self.waiting = self.waiting, []
        return found

    def close(self) -> None:
        self.closed += 1


class InlineWorker:
    """Does the real tasks, one at each ``answers``, without a process. While ``held`` it does none."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.tasks: list[SoundTask] = []
        self.held = False
        self.cancelled = 0
        self.late: list[SoundAnswer] = []  # what the next ``cancel`` returns

    @property
    def busy(self) -> bool:
        return bool(self.tasks)

    def prepare(self) -> None:
        """There is nothing to start."""

    def request(self, task: SoundTask) -> None:
        self.tasks.append(task)

    def answers(self) -> list[SoundAnswer]:
        if self.held or not self.tasks:
            return []
        task, found = self.tasks.pop(0), list[SoundAnswer]()
        try:
            perform(task, self._folder, found.append)
        except UserError as error:
            found.append(Failed(task.number, str(error)))
        return found

    def cancel(self) -> list[SoundAnswer]:
        self.tasks.clear()
        self.cancelled += 1
        late, self.late = self.late, []
        return late


@dataclass
class Fakes:
    """All fakes of one window."""

    audio: FakeAudio
    recorder: FakeRecorder
    jobs: list[FakeJob]
    services: Services
    input: FakeInput
    worker: InlineWorker


class FakeMessages:
    """Records the messages to the user."""

    def __init__(self) -> None:
        self.window = QMainWindow()
        self.shown: list[str] = []

    def show_message(self, text: str) -> None:
        self.shown.append(text)

    def show_problem(self, text: str) -> None:
        self.shown.append(text)

    def offer_action(self, text: str, action: str, run: Callable[[], object]) -> None:
        self.shown.append(text)

    def offer_file(self, text: str, path: Path, action: str, run: Callable[[], object]) -> None:
        self.shown.append(text)

    def as_widget(self) -> QMainWindow:
        return self.window


def make_fakes(music_folder: Path) -> Fakes:
    audio, recorder, jobs = FakeAudio(), FakeRecorder(), list[FakeJob]()

    def make_job(request: RenderRequest) -> FakeJob:
        jobs.append(FakeJob(request))
        return jobs[-1]

    presets = PresetLibrary(music_folder / "presets", music_folder / "settings.json")

    def make_recorder() -> FakeRecorder:
        """Return the rig's recorder, or another one while it records."""
        return FakeRecorder() if recorder.running else recorder

    sounds, taken = SoundLibrary(music_folder / "sounds"), FakeInput()
    worker = InlineWorker(sounds.folder)
    services = Services(
        audio, make_recorder, make_job, music_folder, presets, sounds, lambda: taken, lambda: worker
    )  # fmt: skip
    return Fakes(audio, recorder, jobs, services, taken, worker)
