"""What the timbre map shows: notes of the bank, presets and the user's sounds, in one list of rows."""

from collections import Counter
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from synth_app.modelfile import BankNote
from synth_app.ui.pad.note_marks import note_title
from synth_app.ui.theme.family_colors import OWN_SOUNDS, PRESETS
from synth_app.ui.theme.theme import px

MarkKind = Literal["preset", "sound"]
_BESIDE, _TURN = 13.0, 2.4  # design px and radians from one mark at a place to the next
KIND_ENTRIES: dict[MarkKind, str] = {"preset": PRESETS, "sound": OWN_SOUNDS}  # entries of the legend


@dataclass(frozen=True)
class MapMark:
    """A preset or one of the user's sounds on the map.

    Attributes:
        kind: which of the two.
        key: in its library.
        title: shown on screen.
        at: position in 0-1, y upwards.
        on: whether the map plays this sound there; otherwise it is the nearest place.
    """

    kind: MarkKind
    key: str
    title: str
    at: tuple[float, float]
    on: bool = True


@dataclass(frozen=True)
class ShownNotes:
    """The notes and marks on the map. Rows count the notes first, then the marks.

    Attributes:
        notes: the bank notes.
        positions: float64 [n, 2] in 0-1, y upwards.
        indices: their indices in the bank.
        found: rows that match the search; None while the search is empty.
        marks: presets and own sounds.
    """

    notes: tuple[BankNote, ...]
    positions: NDArray[np.float64]
    indices: tuple[int, ...]
    found: frozenset[int] | None = None
    marks: tuple[MapMark, ...] = ()

    @property
    def places(self) -> NDArray[np.float64]:
        """The positions of all rows, float64 [rows, 2]."""
        if not self.marks:
            return self.positions
        return np.concatenate([self.positions, np.array([mark.at for mark in self.marks])])

    def mark(self, row: int) -> MapMark | None:
        """Return the preset or sound of a row; None for a note."""
        return self.marks[row - len(self.notes)] if row >= len(self.notes) else None

    def title(self, row: int) -> str:
        """Return one line for a row, as shown on screen."""
        mark = self.mark(row)
        if mark is None:
            return note_title(self.notes[row])
        kind = "Preset" if mark.kind == "preset" else "Your sound"
        return f"{kind}: {mark.title}" if mark.on else f"{kind}: {mark.title} (nearest place)"


def set_apart(pixels: NDArray[np.float64], notes: int) -> NDArray[np.float64]:
    """Return pixels at which marks that would cover a note, or each other, stand beside it and can be hit.

    A preset that plays a note as it is lies exactly there, so no zoom would part the two.

    Args:
        pixels: float64 [rows, 2], of all rows.
        notes: how many rows are notes, which stay where they are.
    """
    out, taken = pixels.copy(), Counter[tuple[int, int]]()
    for row, (x, y) in enumerate(np.rint(pixels).astype(int).tolist()):
        before = taken[x, y] if row >= notes else 0
        if before:
            angle = _TURN * before - 0.8
            out[row] += px(_BESIDE) * np.array([np.cos(angle), np.sin(angle)])
        taken[x, y] += 1
    return out
