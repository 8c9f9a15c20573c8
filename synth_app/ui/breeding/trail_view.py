"""The trail of breeding as a row: the first sound, then the number that was picked in each generation."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QListView, QListWidget, QListWidgetItem, QWidget

from synth_app.session.breeding.trail import Generation
from synth_app.ui.theme.theme import px

_HEIGHT, _LEAST_WIDTH = 34, 80  # design px


class TrailView(QListWidget):
    """A row of generations. A click or Enter goes back to one.

    Signals:
        chosen: position of a generation, from 0.
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Trail of generations")
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setFixedHeight(px(_HEIGHT))
        self.setMinimumWidth(px(_LEAST_WIDTH))  # the row scrolls
        self.setSpacing(px(1))
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.itemClicked.connect(lambda item: self.chosen.emit(self.row(item)))

    def show_generations(self, generations: list[Generation], at: int) -> None:
        """Show the generations and mark the present one; emits nothing."""
        self.blockSignals(True)
        self.clear()
        for number, generation in enumerate(generations):
            text = _text(number, generation)
            item = QListWidgetItem(text)
            item.setTextAlignment(Qt.AlignmentFlag.AlignCenter)
            spoken = text if generation.picked is None else f"Generation {number}, from variation {text}"
            item.setData(Qt.ItemDataRole.AccessibleTextRole, spoken)
            item.setToolTip(f"Go back to {spoken[:1].lower() + spoken[1:]}")
            self.addItem(item)
        self.setCurrentRow(at if generations else -1)
        self.blockSignals(False)
        if generations:
            self.scrollToItem(self.item(at))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose by Enter or Space; letters and digits play and hear, so Qt's search by letter is off."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            if self.currentRow() >= 0:
                self.chosen.emit(self.currentRow())
        elif event.text().isalnum() and not event.modifiers():
            event.ignore()
        else:
            super().keyPressEvent(event)


def _text(number: int, generation: Generation) -> str:
    """Return what a generation is called: the number that was picked, or how else it began."""
    if generation.picked is not None:
        return str(generation.picked + 1)
    return "Edited" if number else "Start"
