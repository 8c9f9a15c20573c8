"""A find as plain data, which is sent between processes, and how near it is in words."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["note", "sound", "preset"]
KINDS: tuple[Kind, ...] = ("note", "sound", "preset")
FAR = 12.0  # median distance of two instruments
# One instrument within 7 semitones lies at 3.5 in the median; of other instruments, 1 % are within 5.5, 5 % within 7.
_WORDS = ((3.5, "nearly the same"), (5.5, "very similar"), (7.0, "similar"), (9.0, "a little similar"))
_DIFFERENT = "different"


@dataclass(frozen=True)
class Similar:
    """Something found.

    Attributes:
        kind: what it is.
        key: of the note, sound or preset; a note's is its name in the bank.
        name: shown to the user.
        group: family of a note, category of a preset, "" for a sound.
        pitch: MIDI, at which it is nearest.
        distance: from what was looked for.
    """

    kind: Kind
    key: str
    name: str
    group: str
    pitch: float
    distance: float

    @property
    def nearness(self) -> float:
        """How near it is: 1 for the same sound, 0 from ``FAR`` on."""
        return max(1.0 - self.distance / FAR, 0.0)

    @property
    def nearness_text(self) -> str:
        """How near it is, in words."""
        return next((word for limit, word in _WORDS if self.distance < limit), _DIFFERENT)
