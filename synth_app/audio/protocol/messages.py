"""What the app and the audio process say to each other: plain frozen dataclasses over a pipe."""

from dataclasses import dataclass

from synth_app.midi import ControllerMoved, MidiSettings
from synth_app.patch import Message
from synth_app.support.logging import ForwardedRecord

BLOCK_SIZES = (64, 128, 256, 512, 1024)
RESERVES_MS = (0, 20, 40)
DEVICE_RATES = (44_100, 48_000, 88_200, 96_000)


@dataclass(frozen=True)
class DeviceSettings:
    """Which output to open.

    Attributes:
        device: None is the system's default; "" is no device (null clock).
        rate: Hz.
        block: frames asked for at once.
        reserve_ms: sound that the device keeps ahead, which bridges moments in which nothing of this program or of the
            sound server gets a core, and comes on top of every latency; 0 is as little as the device allows.
    """

    device: str | None = None
    rate: int = 48_000
    block: int = 256
    reserve_ms: int = 20


# ---- app to audio process


@dataclass(frozen=True)
class Begin:
    """Start to render; until then the process only holds itself ready.

    Attributes:
        asked_at: the app's time.monotonic().
        telemetry: name of the app's ring.
        log_level: level from which log records are forwarded, as ``logging`` counts.
    """

    asked_at: float
    telemetry: str
    log_level: int


@dataclass(frozen=True)
class Preload:
    """Have this model at hand, in this quality, for a SetPatch to come."""

    path: str
    quality: str


@dataclass(frozen=True)
class Play:
    """An engine message, applied at the next block's start. A SetPatch with another model loads it first."""

    message: Message


@dataclass(frozen=True)
class OpenDevice:
    """Close the present output and open this one; on failure the null clock runs."""

    settings: DeviceSettings


@dataclass(frozen=True)
class ListDevices:
    """Ask for a DeviceList."""


@dataclass(frozen=True)
class SetMidi:
    """Listen to these MIDI inputs; answered by a MidiState, also where nothing changed."""

    settings: MidiSettings


@dataclass(frozen=True)
class Ping:
    """Heartbeat."""

    count: int


@dataclass(frozen=True)
class Quit:
    """Close the device and end the process."""


Command = Begin | Preload | Play | OpenDevice | ListDevices | SetMidi | Ping | Quit

# ---- audio process to app


@dataclass(frozen=True)
class Warm:
    """The process is up, its kernels warm, and waits for Begin (kept within the client)."""


@dataclass(frozen=True)
class Ready:
    """The process renders; ``startup_seconds`` after it was asked to."""

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
    """What sounds now. ``running`` False: the null clock runs the engine; ``problem`` says why and what to do."""

    settings: DeviceSettings
    running: bool
    name: str
    latency_ms: float
    problem: str = ""


@dataclass(frozen=True)
class ModelLoaded:
    """The model now playing."""

    path: str


@dataclass(frozen=True)
class ModelRefused:
    """A model that could not be loaded; the one before plays on."""

    path: str
    problem: str


@dataclass(frozen=True)
class Restarted:
    """The audio process had died and was started again with the same state (made by the client)."""

    reason: str


@dataclass(frozen=True)
class Fault:
    """Something failed inside the audio process; it plays on (silence for the block that failed)."""

    problem: str


@dataclass(frozen=True)
class GaveUp:
    """The audio process died too often and is not started again until ``AudioClient.start`` (made by the client)."""

    problem: str


@dataclass(frozen=True)
class MidiState:
    """What is listened to: all ports there are, those that are open, and what is wrong, "" where nothing is."""

    settings: MidiSettings
    ports: tuple[str, ...]
    open: tuple[str, ...]
    problem: str = ""


@dataclass(frozen=True)
class MidiPlayed:
    """What arrived since the last of these: where controllers stand now that moved, and all keys that are down.

    The engine has it already; this is for the window. At most a hundred a second are sent.
    """

    controllers: tuple[ControllerMoved, ...]
    held: frozenset[int]


Report = (
    Warm
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
    | ForwardedRecord
)


@dataclass(frozen=True)
class Meters:
    """Latest figures from shared memory; load is the share of the block's time that rendering took.

    Peaks, ``clipped`` and ``worst_ms`` cover the time since the same reader's last call; counts are totals.
    """

    clock: int  # engine samples rendered so far
    peak_left: float
    peak_right: float
    clipped: bool  # the limiter worked since the last read
    load: float
    worst_ms: float
    underruns: int  # times the device ran dry, as it reports them
    voices: int
    late_blocks: int = 0  # blocks that took longer than they last
    faults: int = 0  # blocks that failed and were silent
    relief: int = 0  # what the engine gave up because the machine is too slow (engine.quality.Relief)
    priority: str = ""  # what the system granted: "real-time", "raised" or "normal"
    key_wait_ms: float | None = None  # from the app's call to the block that played it, median of the latest keys
