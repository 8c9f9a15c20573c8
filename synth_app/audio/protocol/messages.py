"""Messages between the app and the audio process: frozen dataclasses, sent over a pipe."""

from dataclasses import dataclass

from synth_app.midi import ControllerMoved, MidiSettings
from synth_app.patch import Message
from synth_app.support.logging import ForwardedRecord

BLOCK_SIZES = (64, 128, 256, 512, 1024)
EXCLUSIVE_HOST_API = "Windows WASAPI"  # the one with an exclusive mode, as PortAudio names it
RESERVES_MS = (0, 20, 40, 100, 200)
DEVICE_RATES = (44_100, 48_000, 88_200, 96_000)


@dataclass(frozen=True)
class DeviceSettings:
    """Settings of the output.

    Attributes:
        device: name; None for the system's default, "" for no device (null clock).
        rate: sample rate in Hz.
        block: frames per callback.
        reserve_ms: length of the device's buffer. It bridges moments in which this program or the sound server gets
            no core, and adds to every latency. 0 is the shortest that the device supports.
        host_api: name of the sound system that offers the device, since several can offer the same name; None for the
            first one that does.
        exclusive: keep other programs off the device, for a lower latency. Only Windows WASAPI has this mode.
    """

    device: str | None = None
    rate: int = 48_000
    block: int = 256
    reserve_ms: int = 20
    host_api: str | None = None
    exclusive: bool = False


# ---- app to audio process


@dataclass(frozen=True)
class Begin:
    """Start to render; before it, the process only prepares.

    Attributes:
        requested_at: time.monotonic() of the app.
        telemetry: name of the app's telemetry ring.
        log_level: level from which log records are forwarded, as ``logging`` counts.
    """

    requested_at: float
    telemetry: str
    log_level: int


@dataclass(frozen=True)
class Preload:
    """Load this model in this quality, for a later SetPatch."""

    path: str
    quality: str


@dataclass(frozen=True)
class Play:
    """A message to the engine, applied at the start of the next block. A SetPatch with another model loads it first."""

    message: Message


@dataclass(frozen=True)
class OpenDevice:
    """Close the current output and open this one; on failure the null clock runs."""

    settings: DeviceSettings


@dataclass(frozen=True)
class ListDevices:
    """Request a DeviceList."""


@dataclass(frozen=True)
class SetMidi:
    """Select MIDI inputs; answered by a MidiState, also if nothing changed."""

    settings: MidiSettings


@dataclass(frozen=True)
class PlaySample:
    """Play one of several sounds beside the engine; answered by a SampleState. What played before stops.

    Attributes:
        number: tells this request from all others; its SampleStates carry it.
        paths: one or two files of raw 32-bit floats, mono at the engine's rate, of equal length.
        which: the one to hear.
        start_s: where to begin.
    """

    number: int
    paths: tuple[str, ...]
    which: int = 0
    start_s: float = 0.0


@dataclass(frozen=True)
class SwitchSample:
    """Hear another one of the sounds from the same place on."""

    which: int


@dataclass(frozen=True)
class StopSample:
    """Fade the sound out."""


@dataclass(frozen=True)
class Ping:
    """Heartbeat."""

    count: int


@dataclass(frozen=True)
class Quit:
    """Close the device and end the process."""


Command = (
    Begin | Preload | Play | OpenDevice | ListDevices | SetMidi | PlaySample | SwitchSample | StopSample | Ping | Quit
)

# ---- audio process to app


@dataclass(frozen=True)
class Compiling:
    """The process compiles kernels, once after an installation or update; ``fraction`` is 0-1. Then sound starts."""

    fraction: float


@dataclass(frozen=True)
class Warm:
    """The process has its kernels ready and waits for Begin (handled by the client, not passed on)."""


@dataclass(frozen=True)
class Ready:
    """The process renders, ``startup_seconds`` after the request."""

    pid: int
    startup_seconds: float


@dataclass(frozen=True)
class Pong:
    """Answer to Ping."""

    count: int


@dataclass(frozen=True)
class DeviceInfo:
    """One output device as PortAudio names it."""

    name: str
    host_api: str
    channels: int
    default_rate: float
    is_default: bool


@dataclass(frozen=True)
class DeviceList:
    """All output devices; empty where there is none."""

    devices: tuple[DeviceInfo, ...]


@dataclass(frozen=True)
class DeviceState:
    """The current output. Without ``running`` the null clock runs; ``problem`` says why and what to do."""

    settings: DeviceSettings
    running: bool
    name: str
    latency_ms: float
    problem: str = ""


@dataclass(frozen=True)
class ModelLoaded:
    """The model that now plays."""

    path: str


@dataclass(frozen=True)
class ModelRefused:
    """A model that could not be loaded; the previous one keeps playing."""

    path: str
    problem: str


@dataclass(frozen=True)
class Restarted:
    """The audio process ended and another one continues with the same state (created by the client)."""

    reason: str


@dataclass(frozen=True)
class Fault:
    """Something failed inside the audio process. The process continues; a failed block is silent."""

    problem: str


@dataclass(frozen=True)
class GaveUp:
    """The audio process ended too often; only ``AudioClient.start`` starts it again (created by the client)."""

    problem: str


@dataclass(frozen=True)
class MidiState:
    """State of the MIDI inputs: all ports, the open ones, and the problem, "" without one."""

    settings: MidiSettings
    ports: tuple[str, ...]
    open: tuple[str, ...]
    problem: str = ""


@dataclass(frozen=True)
class SampleState:
    """The sound of the PlaySample ``number`` has begun or ended; ``problem`` says why it cannot be played, or ""."""

    number: int
    playing: bool
    problem: str = ""


@dataclass(frozen=True)
class MidiPlayed:
    """MIDI activity for the window: latest values of controllers that moved since the last report, and all held keys.

    The engine has received the events already. At most 100 reports per second are sent.
    ``sequencer_runs``: a clock was started and not stopped yet.
    """

    controllers: tuple[ControllerMoved, ...]
    held: frozenset[int]
    sequencer_runs: bool = False


Report = (
    Compiling
    | Warm
    | Ready
    | Pong
    | DeviceList
    | DeviceState
    | ModelLoaded
    | ModelRefused
    | Fault
    | Restarted
    | GaveUp
    | MidiState
    | MidiPlayed
    | SampleState
    | ForwardedRecord
)


@dataclass(frozen=True)
class Meters:
    """Latest figures from the telemetry.

    ``load`` is rendering time divided by block length. Peaks, ``limited`` and ``worst_ms`` cover the time since the
    same reader's last call; counts are totals.
    """

    clock: int  # engine samples rendered so far
    peak_left: float
    peak_right: float
    limited: bool  # the limiter was active since the last read
    load: float
    worst_ms: float
    underruns: int  # times the device ran dry, as it reports them
    voices: int
    late_blocks: int = 0  # blocks whose rendering took longer than their duration
    faults: int = 0  # blocks that failed and were silent
    relief: int = 0  # quality reduction because the machine is too slow (patch.quality.Relief)
    dropped_events: int = 0  # presses and controllers of bursts that the present audio process did not play
    priority: str = ""  # granted by the system: "real-time", "raised" or "normal"
    key_wait_ms: float | None = None  # from sending to the start of the block, median of the latest keys
