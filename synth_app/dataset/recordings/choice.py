"""What the user decides about one file of an import."""

from dataclasses import dataclass

from synth_app.support.errors import UserError

MAX_GAIN_DB = 60.0


@dataclass(frozen=True, slots=True)
class FileChoice:
    """How one file becomes a note.

    Attributes:
        leave_out: the file becomes no note.
        key: MIDI, in place of the one in its name or its sound; None reads or estimates it.
        start_s: seconds that are cut off its start.
        gain_db: added to its level.
    """

    leave_out: bool = False
    key: int | None = None
    start_s: float = 0.0
    gain_db: float = 0.0

    def __post_init__(self) -> None:
        """Check the ranges. Raises UserError."""
        if self.key is not None and not 0 <= self.key <= 127:
            raise UserError(f"key {self.key} is outside MIDI 0-127; middle C is 60")
        if not 0.0 <= self.start_s < 600.0:
            raise UserError(f"a start at {self.start_s:g} s is outside 0-600; choose the moment where the note begins")
        if not -MAX_GAIN_DB <= self.gain_db <= MAX_GAIN_DB:
            raise UserError(f"a gain of {self.gain_db:g} dB is outside {-MAX_GAIN_DB:g} to {MAX_GAIN_DB:g} dB")
