"""The base class of the surfaces that show bank notes as points: the plane of the pad and the map."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from synth_app.ui.drawing.canvas import Canvas
from synth_app.ui.pad.modulation_range import ModulationBox
from synth_app.ui.theme.theme import px

_TARGET, _LEAST_TARGET = 24, 24  # diameter of what hits a note: design px, and px at any zoom


def hit_radius() -> float:
    """Return how far from a note the mouse still hits it, in px. The nearest of several wins."""
    return max(px(_TARGET), _LEAST_TARGET) / 2


class NoteCanvas(Canvas):
    """A canvas of notes and a cursor. Subclasses compute the pixels of the notes in ``_update_pixels``.

    Attributes:
        modulation_box: what modulation of the cursor reaches; None without such modulation.
        hovered: row of the note under the mouse, None for no note.
        dragging: whether the cursor is dragged.
    """

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.modulation_box: ModulationBox | None = None
        self.hovered: int | None = None
        self.dragging = False
        self._press: QPointF | None = None
        self._pixels: NDArray[np.float64] = np.zeros((0, 2))
        self.setMouseTracking(True)

    def leaveEvent(self, event: QEvent) -> None:
        """Hover nothing any more."""
        if self.hovered is not None:
            self.hovered = None
            self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Move the notes with the size."""
        self._update_pixels()

    def _update_pixels(self) -> None:
        """Compute where the notes are, float64 [notes, 2], and draw the layer again."""
        raise NotImplementedError
