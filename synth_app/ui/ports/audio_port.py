"""What the window needs from the rest, as protocols, so that it can be driven without a sound card."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from synth_app.audio.protocol.messages import DeviceSettings, Meters
from synth_app.export.request import RenderRequest
from synth_app.midi import MidiSettings
from synth_app.patch import Message
from synth_app.session import PresetLibrary


class TelemetryPort(Protocol):
    """Read side of the audio process's shared memory."""

    def meters(self) -> Meters:
        """Latest figures."""
        ...

    @property
    def written(self) -> int:
        """Samples of output so far; the index of the next one."""
        ...

    def read_since(self, index: int) -> tuple[NDArray[np.float32], int, int]:
        """Samples from ``index`` on that are still there, at 48 kHz.

        Returns:
            float32 [n, 2], the index after the last, and how many from ``index`` on were lost.
        """
        ...


class AudioPort(Protocol):
    """The audio process as the window sees it."""

    @property
    def telemetry(self) -> TelemetryPort:
        """Meters and the latest output."""
        ...

    def start(self) -> None:
        """Start the process; after it was given up, again. Does nothing while it runs."""
        ...

    def send(self, message: Message) -> None:
        """Play something."""
        ...

    def open_device(self, settings: DeviceSettings) -> None:
        """Change the output; the answer is a DeviceState report."""
        ...

    def set_midi(self, settings: MidiSettings) -> None:
        """Listen to other MIDI inputs, or look for them again; the answer is a MidiState report."""
        ...

    def request_devices(self) -> None:
        """Ask for a DeviceList report."""
        ...


class RecorderPort(Protocol):
    """Writes what is heard into a file."""

    @property
    def problem(self) -> str:
        """Why it ended early, "" while all is well."""
        ...

    @property
    def seconds(self) -> float:
        """Length so far."""
        ...

    def start(self, path: Path) -> None:
        """Begin. Raises UserError if the file cannot be written."""
        ...

    def stop(self) -> object:
        """Finish the file."""
        ...

    def discard(self) -> None:
        """Stop and leave no file."""
        ...


class RenderJobPort(Protocol):
    """One export under way."""

    def start(self) -> None:
        """Begin, elsewhere."""
        ...

    def progress(self) -> float:
        """Share done, 0-1."""
        ...

    def done(self) -> bool:
        """Whether it ended, well or not."""
        ...

    def error(self) -> str | None:
        """What went wrong, for the user."""
        ...

    def cancel(self) -> None:
        """Stop and leave no file."""
        ...


@dataclass(frozen=True)
class Services:
    """Everything outside the window that it uses."""

    audio: AudioPort
    make_recorder: Callable[[], RecorderPort]
    make_render_job: Callable[[RenderRequest], RenderJobPort]
    music_folder: Path
    presets: PresetLibrary
