"""The marks of an analyzer: two cursors and a region. Plain data."""

import json
from dataclasses import asdict, dataclass, replace

CURSORS = ("Cursor 1", "Cursor 2")
REGION_ENDS = ("Region start", "Region end")


@dataclass(frozen=True)
class Marks:
    """Places on the axis across, and which marks are shown.

    Attributes:
        a, b: cursors 1 and 2.
        start, end: of the region.
        cursors, region: whether they are shown.
    """

    a: float
    b: float
    start: float
    end: float
    cursors: bool = True
    region: bool = False

    def moved(self, which: int, x: float) -> "Marks":
        """Move cursor 1 or 2 (0, 1), or an end of the region (2, 3), which does not pass the other end."""
        match which:
            case 0:
                return replace(self, a=x)
            case 1:
                return replace(self, b=x)
            case 2:
                return replace(self, start=min(x, self.end))
        return replace(self, end=max(x, self.start))

    def shown(self) -> tuple[int, ...]:
        """Return the numbers of the shown marks, as in ``moved``."""
        return (*((0, 1) if self.cursors else ()), *((2, 3) if self.region else ()))

    def place(self, which: int) -> float:
        """Return where a mark is."""
        return (self.a, self.b, self.start, self.end)[which]

    def to_text(self) -> str:
        """Return the marks as text for ``from_text``."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> "Marks":
        """Return the marks of ``to_text``."""
        return cls(**json.loads(text))
