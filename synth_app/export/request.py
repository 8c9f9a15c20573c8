"""What to render into a file: immutable requests, checked before any work is done."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from synth_app.patch import ENGINE_RATE, Event, Patch
from synth_app.support.errors import UserError

RATES = (44_100, 48_000, 96_000)
BITS = {16: "PCM_16", 24: "PCM_24", 32: "FLOAT"}
MAX_SECONDS = 600.0


@dataclass(frozen=True)
class RenderRequest:
    """One note of one sound as a WAV file.

    Attributes:
        sound: what is played.
        path: file to write.
        note: MIDI note, 0-127.
        velocity: 1-127.
        seconds: how long the key is held.
        tail_seconds: how long the release may sound after it.
        ring_out: whether the file goes on until echoes and reverb have died away.
        rate: Hz, one of ``RATES``.
        bits: 16, 24 (PCM) or 32 (float).
        channels: 1 or 2.
    """

    patch: Patch
    path: Path
    note: int = 60
    velocity: int = 100
    seconds: float = 2.0
    tail_seconds: float = 1.0
    ring_out: bool = True
    rate: int = 48_000
    bits: int = 24
    channels: int = 2

    def __post_init__(self) -> None:
        """Refuse what no file can hold, naming the limit."""
        if not 0 <= self.note <= 127:
            raise UserError(f"note {self.note} is outside MIDI 0-127")
        if not 1 <= self.velocity <= 127:
            raise UserError(f"velocity {self.velocity} is outside 1-127")
        if not 0.05 <= self.seconds <= MAX_SECONDS or not 0 <= self.tail_seconds <= MAX_SECONDS:
            raise UserError(f"length {self.seconds:g} s + tail {self.tail_seconds:g} s: each at most {MAX_SECONDS:g} s")
        check_format(self.rate, self.bits, self.channels)


@dataclass(frozen=True)
class PerformanceRequest:
    """A whole performance of one sound as a WAV file.

    Attributes:
        sound: what is played.
        path: file to write.
        events: what is played, in order of time; times in samples at ``ENGINE_RATE`` from the file's beginning.
        samples: how long that takes; what still sounds then is rendered until it is silent.
        rate, bits, channels: as in ``RenderRequest``.
    """

    patch: Patch
    path: Path
    events: tuple[Event, ...]
    samples: int
    rate: int = 48_000
    bits: int = 24
    channels: int = 2

    def __post_init__(self) -> None:
        """Refuse what no file can hold, naming the limit."""
        if self.samples > MAX_SECONDS * ENGINE_RATE:
            minutes, limit = self.samples / ENGINE_RATE / 60, MAX_SECONDS / 60
            raise UserError(f"{minutes:.1f} minutes of music; {limit:g} fit into one file: render it in parts")
        check_format(self.rate, self.bits, self.channels)


class FileFormat(Protocol):
    """What of a request says how the file is written."""

    @property
    def path(self) -> Path: ...
    @property
    def rate(self) -> int: ...
    @property
    def bits(self) -> int: ...
    @property
    def channels(self) -> int: ...


def check_format(rate: int, bits: int, channels: int) -> None:
    """Refuse what is not written. Raises UserError naming the choices."""
    if rate not in RATES:
        raise UserError(f"rate {rate} Hz; choose one of {', '.join(map(str, RATES))}")
    if bits not in BITS:
        raise UserError(f"{bits} bits; choose 16, 24 or 32 (float)")
    if channels not in (1, 2):
        raise UserError(f"{channels} channels; choose 1 or 2")
