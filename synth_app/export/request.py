"""What to render into a file: one immutable request, checked before any work is done."""

from dataclasses import dataclass
from pathlib import Path

from synth_app.engine import Sound
from synth_app.errors import UserError

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
        rate: Hz, one of ``RATES``.
        bits: 16, 24 (PCM) or 32 (float).
        channels: 1 or 2.
    """

    sound: Sound
    path: Path
    note: int = 60
    velocity: int = 100
    seconds: float = 2.0
    tail_seconds: float = 1.0
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
        if self.rate not in RATES:
            raise UserError(f"rate {self.rate} Hz; choose one of {', '.join(map(str, RATES))}")
        if self.bits not in BITS:
            raise UserError(f"{self.bits} bits; choose 16, 24 or 32 (float)")
        if self.channels not in (1, 2):
            raise UserError(f"{self.channels} channels; choose 1 or 2")
