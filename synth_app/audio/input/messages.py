"""Messages between the app and the input process: frozen dataclasses, sent over a pipe."""

from dataclasses import dataclass


@dataclass(frozen=True)
class InputDevice:
    """One input as PortAudio names it."""

    name: str
    host_api: str
    channels: int
    is_default: bool


# ---- app to input process


@dataclass(frozen=True)
class ListInputs:
    """Request an InputList."""


@dataclass(frozen=True)
class OpenInput:
    """Open an input, instead of the one that is open; answered by an InputState.

    Attributes:
        device: name; None for the system's default.
        host_api: name of the sound system that offers it; None for the first one that does.
        monitor: whether the input is heard.
        output, output_host_api: where it is heard, as in ``DeviceSettings``.
    """

    device: str | None = None
    host_api: str | None = None
    monitor: bool = False
    output: str | None = None
    output_host_api: str | None = None


@dataclass(frozen=True)
class StartTake:
    """Record into a new WAV file of so many seconds at most; answered by a TakeStarted, later by a TakeEnded."""

    path: str
    max_seconds: float


@dataclass(frozen=True)
class StopTake:
    """End the recording and keep it, or delete it."""

    discard: bool = False


InputCommand = ListInputs | OpenInput | StartTake | StopTake

# ---- input process to app


@dataclass(frozen=True)
class InputList:
    """All inputs, the default one first; empty where there is none."""

    devices: tuple[InputDevice, ...]


@dataclass(frozen=True)
class InputState:
    """The input that is open, or why none is. ``problem`` says what to do."""

    name: str
    rate: int
    problem: str = ""


@dataclass(frozen=True)
class InputLevel:
    """Peaks since the last report, 0-1, at most 25 times a second, and the length of a recording so far in s."""

    left: float
    right: float
    seconds: float


@dataclass(frozen=True)
class TakeStarted:
    """The recording runs."""


@dataclass(frozen=True)
class TakeEnded:
    """The recording has ended. ``path`` is "" if there is no file; ``problem`` is "" if all went well."""

    path: str
    seconds: float
    problem: str = ""


InputReport = InputList | InputState | InputLevel | TakeStarted | TakeEnded
