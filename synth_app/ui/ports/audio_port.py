"""Services that the window uses, as protocols. Tests replace them by fakes that need no sound card."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from synth_app.audio.input.messages import InputCommand, InputReport
from synth_app.audio.protocol.messages import DeviceSettings, Meters, PlaySample
from synth_app.export.request import RenderRequest
from synth_app.export.sounds.tasks import SoundAnswer, SoundTask
from synth_app.midi import MidiSettings
from synth_app.patch import Message
from synth_app.session import PresetLibrary
from synth_app.session.sounds.sound_library import SoundLibrary


class TelemetryPort(Protocol):
    """Read access to the telemetry of the audio process in shared memory."""

    def meters(self) -> Meters:
        """Return the latest meter values. Peaks are reset by reading."""
        ...

    @property
    def written(self) -> int:
        """Number of output samples so far, which is the index of the next sample."""
        ...

    def read_since(self, index: int) -> tuple[NDArray[np.float32], int, int]:
        """Return the output from sample ``index`` on, at 48 kHz.

        Returns:
            float32 [n, 2], the index after the last sample, and the number of samples that were already overwritten.
        """
        ...


class AudioPort(Protocol):
    """The audio process."""

    @property
    def telemetry(self) -> TelemetryPort:
        """Meters and the latest output samples."""
        ...

    def start(self) -> None:
        """Start the process, also after it was given up. Does nothing while it runs."""
        ...

    def send(self, message: Message) -> None:
        """Send a message to the engine."""
        ...

    def open_device(self, settings: DeviceSettings) -> None:
        """Open another output; answered by a DeviceState report."""
        ...

    def set_midi(self, settings: MidiSettings) -> None:
        """Choose MIDI inputs, or search for them again; answered by a MidiState report."""
        ...

    def request_devices(self) -> None:
        """Request a DeviceList report."""
        ...

    def play_sample(self, request: PlaySample) -> None:
        """Play one of several raw sounds beside the engine; answered by SampleState reports with its number."""
        ...

    def switch_sample(self, which: int) -> None:
        """Hear another one of the raw sounds from the same place on."""
        ...

    def stop_sample(self) -> None:
        """Fade the raw sound out."""
        ...


class RecorderPort(Protocol):
    """Records the output into a file."""

    @property
    def problem(self) -> str:
        """Why the recording ended early; "" without a problem."""
        ...

    @property
    def seconds(self) -> float:
        """Length so far, in seconds."""
        ...

    def start(self, path: Path, *, max_seconds: float | None = None) -> None:
        """Start recording, for so many seconds at most. Raises UserError if the file cannot be written."""
        ...

    def stop(self) -> float:
        """Stop and finish the file; return its length in seconds. Raises UserError if that fails."""
        ...

    def discard(self) -> None:
        """Stop and delete the file."""
        ...


class RenderJobPort(Protocol):
    """One export in another process."""

    def start(self) -> None:
        """Start rendering."""
        ...

    def progress(self) -> float:
        """Return the finished fraction, 0-1."""
        ...

    def done(self) -> bool:
        """Return whether the job has ended, with success or not."""
        ...

    def error(self) -> str | None:
        """Return a message for the user; None without an error."""
        ...

    def cancel(self) -> None:
        """Stop and delete the file."""
        ...


class InputPort(Protocol):
    """The input process, which starts with the first command."""

    def send(self, command: InputCommand) -> None:
        """Send a command."""
        ...

    def reports(self) -> list[InputReport]:
        """Return the reports that have arrived."""
        ...

    def close(self) -> None:
        """End the process; a running recording is kept."""
        ...


class SoundWorkerPort(Protocol):
    """The process that adds, encodes and compares the user's sounds, searches, and breeds."""

    @property
    def busy(self) -> bool:
        """Whether a task is not done yet."""
        ...

    def prepare(self) -> None:
        """Start the process, so that the first task need not wait for it."""
        ...

    def request(self, task: SoundTask) -> None:
        """Do a task after those that wait."""
        ...

    def answers(self) -> list[SoundAnswer]:
        """Return the answers that have arrived."""
        ...

    def cancel(self) -> list[SoundAnswer]:
        """Stop the process and forget every task; return what ``answers`` has not returned."""
        ...


@dataclass(frozen=True)
class Services:
    """Everything outside the window that the window uses."""

    audio: AudioPort
    make_recorder: Callable[[], RecorderPort]
    make_render_job: Callable[[RenderRequest], RenderJobPort]
    music_folder: Path
    presets: PresetLibrary
    sounds: SoundLibrary
    make_input: Callable[[], InputPort]
    make_sound_worker: Callable[[], SoundWorkerPort]
