"""Immutable render requests, checked before any work is done."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from synth_app.export.audio_format import AudioFormat
from synth_app.export.formats import DEFAULT_FORMAT, FORMATS
from synth_app.export.tail import MAX_TAIL_S
from synth_app.patch import ENGINE_RATE, Event, Patch
from synth_app.support.errors import UserError

RATES = (44_100, 48_000, 96_000)
MAX_SECONDS = 600.0  # of one note
MAX_PERFORMANCE_SECONDS = 4 * 3_600.0


@dataclass(frozen=True)
class RenderRequest:
    """A request to render one note of a patch into an audio file.

    Attributes:
        patch: the patch to play.
        path: file to write.
        note: MIDI note, 0-127.
        velocity: 1-127.
        seconds: how long the key is held.
        tail_seconds: how long the release is rendered after it.
        ring_out: whether the file continues until echoes and reverb have died away.
        rate: Hz, one of ``RATES``.
        bits: one of the format's bit depths.
        channels: 1 or 2.
        format: of the file.
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
    format: AudioFormat = DEFAULT_FORMAT

    def __post_init__(self) -> None:
        """Raise UserError for a value out of range; the message names the limit."""
        if not 0 <= self.note <= 127:
            raise UserError(f"note {self.note} is outside MIDI 0-127; choose another note")
        if not 1 <= self.velocity <= 127:
            raise UserError(f"velocity {self.velocity} is outside 1-127; choose another velocity")
        if not 0.05 <= self.seconds <= MAX_SECONDS or not 0 <= self.tail_seconds <= MAX_SECONDS:
            raise UserError(
                f"length {self.seconds:g} s + tail {self.tail_seconds:g} s: "
                f"choose 0.05 to {MAX_SECONDS:g} s for the length and 0 to {MAX_SECONDS:g} s for the tail"
            )
        check_file_settings(self)


@dataclass(frozen=True)
class PerformanceRequest:
    """A request to render a whole performance of one patch into an audio file.

    Attributes:
        patch: the patch to play.
        path: file to write.
        events: performance events in order of time; times in samples at ``ENGINE_RATE`` from the file's start.
        samples: length of the performance; notes and effects that last longer are rendered until they are silent.
        rate, bits, channels, format: as in ``RenderRequest``.
    """

    patch: Patch
    path: Path
    events: tuple[Event, ...]
    samples: int
    rate: int = 48_000
    bits: int = 24
    channels: int = 2
    format: AudioFormat = DEFAULT_FORMAT

    def __post_init__(self) -> None:
        """Raise UserError for a value out of range; the message names the limit."""
        seconds = self.samples / ENGINE_RATE
        if seconds > MAX_PERFORMANCE_SECONDS:
            raise UserError(
                f"{seconds / 60:.1f} minutes of music; the limit is {MAX_PERFORMANCE_SECONDS / 60:g} minutes: "
                "cut the file into parts"
            )
        check_file_settings(self)
        size = (seconds + MAX_TAIL_S) * self.rate * self.channels * self.bits / 8
        if self.format.max_bytes is not None and size > self.format.max_bytes:
            raise UserError(
                f"{seconds / 60:.1f} minutes of music can take {size / 2**30:.1f} GiB, but a {self.format.name} file "
                f"holds {self.format.max_bytes / 2**30:.1f} GiB at most; choose fewer bits, a lower rate or mono"
            )


class FileSettings(Protocol):
    """The part of a request that describes the file to write."""

    @property
    def path(self) -> Path: ...
    @property
    def rate(self) -> int: ...
    @property
    def bits(self) -> int: ...
    @property
    def channels(self) -> int: ...
    @property
    def format(self) -> AudioFormat: ...


def check_file_settings(settings: FileSettings) -> None:
    """Raise UserError, naming the choices, if a rate, bit depth or number of channels cannot be written."""
    if settings.rate not in RATES:
        raise UserError(f"rate {settings.rate} Hz; choose one of {', '.join(map(str, RATES))}")
    if settings.bits not in settings.format.bits:
        others = " or ".join(each.name for each in FORMATS.values() if settings.bits in each.bits)
        instead = f", or {others} for {settings.bits} bits" if others else ""
        raise UserError(
            f"{settings.bits} bits; {settings.format.name} has {settings.format.depth_text}: choose one{instead}"
        )
    if settings.channels not in (1, 2):
        raise UserError(f"{settings.channels} channels; choose 1 or 2")
