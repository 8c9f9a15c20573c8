"""The notes that were found in a recording, and what can be made of them."""

from PySide6.QtWidgets import QHBoxLayout, QWidget

from synth_app.session.sounds.sound_edits import Slice
from synth_app.ui.graphs.graph_page import quiet_button
from synth_app.ui.theme.theme import GRID
from synth_app.ui.widgets.panel import label, tight


class SliceRow(QWidget):
    """Hidden until notes are shown.

    Attributes:
        slices: the notes.
        count: says how many.
        as_keys, as_sounds, dismiss: buttons.
    """

    def __init__(self) -> None:
        super().__init__()
        self.slices: tuple[Slice, ...] = ()
        self.count = label("", "strong")
        self.as_keys = quiet_button("As keys of this sound", "Each note becomes a recording with its own key")
        self.as_sounds = quiet_button("As separate sounds", "Each note becomes a sound of its own")
        self.dismiss = quiet_button("Dismiss", "Forget the notes")
        row = QHBoxLayout(self)
        tight(row, 0, GRID)
        for widget in (self.count, self.as_keys, self.as_sounds, self.dismiss):
            row.addWidget(widget)
        row.addStretch(1)
        self.hide()

    def show_slices(self, slices: tuple[Slice, ...]) -> None:
        """Show other notes; none hides the row."""
        self.slices = slices
        self.count.setText(f"{len(slices)} note{'s' * (len(slices) != 1)} found:")
        self.setVisible(bool(slices))
