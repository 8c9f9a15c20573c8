"""The model picker: a list with previous and next buttons, a description, and the problem of unusable models."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QToolButton, QWidget

from synth_app.modelfile import ModelCard, ModelEntry
from synth_app.ui.base.boxes import Picker
from synth_app.ui.base.plain_text import plain, plain_tip
from synth_app.ui.theme.icons import icon
from synth_app.ui.theme.theme import px
from synth_app.ui.widgets.panel import tight

_PATH = Qt.ItemDataRole.UserRole
_IMPORT, _NONE = "Import model file…", "No model"


def describe_model(card: ModelCard) -> str:
    """Describe a model in one line: latent size, sample rate and frame size."""
    return (
        f"{card.latent_size} latent dimensions · {card.spec.sample_rate / 1000:g} kHz · {card.spec.n_fft}-point frames"
    )


class ModelPicker(QWidget):
    """Emits ``chosen`` with a path. The shown row changes only by ``show_current``."""

    chosen = Signal(object)  # Path
    import_requested = Signal()
    cancel_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries: tuple[ModelEntry, ...] = ()
        self._current: Path | None = None
        self._title = _NONE  # of the current model
        self.box = Picker()
        self.box.setMinimumWidth(px(186))
        self.box.setSizeAdjustPolicy(Picker.SizeAdjustPolicy.AdjustToContents)  # the list is read after the first show
        self.box.setAccessibleName("Model")
        self.box.activated.connect(self._activated)
        self.previous = self._step_button("previous", "Previous model", -1)
        self.next = self._step_button("next", "Next model", 1)
        self.cancel = QPushButton("Cancel")
        self.cancel.setProperty("kind", "quiet")
        self.cancel.setAccessibleName("Cancel loading")
        self.cancel.clicked.connect(self.cancel_requested.emit)
        self.cancel.hide()
        row = QHBoxLayout(self)
        tight(row, 0, 4)
        for widget in (self.previous, self.box, self.next, self.cancel):
            row.addWidget(widget)

    def show_entries(self, entries: tuple[ModelEntry, ...]) -> None:
        """List the models; unusable ones show their problem and cannot be chosen."""
        self._entries = entries
        rows = QStandardItemModel(self.box)
        for entry in entries:
            rows.appendRow(_row(entry))
        rows.appendRow(QStandardItem(_IMPORT))
        self.box.setModel(rows)
        self.box.insertSeparator(len(entries))
        self._show_row()

    def show_current(self, path: Path, card: ModelCard) -> None:
        """Show the loaded model."""
        self._current, self._title = path, card.title
        self.box.setToolTip(f"<b>{plain(card.title)}</b><br>{plain(card.description)}<br>{describe_model(card)}")
        self._show_row()

    def show_busy(self, what: str) -> None:
        """Show what is being loaded, "" when done."""
        self.cancel.setVisible(bool(what))
        self.cancel.setToolTip(what)
        if not what:
            self._show_row()

    def usable(self) -> list[Path]:
        """Return the paths of usable models, in the order of the list."""
        return [entry.path for entry in self._entries if entry.card is not None]

    def _step_button(self, name: str, title: str, by: int) -> QToolButton:
        button = QToolButton()
        button.setIcon(icon(name))
        button.setAccessibleName(title)
        button.setToolTip(title)
        button.clicked.connect(lambda: self._step(by))
        return button

    def _step(self, by: int) -> None:
        paths = self.usable()
        if paths:
            at = paths.index(self._current) if self._current in paths else -1 if by > 0 else 0
            self.chosen.emit(paths[(at + by) % len(paths)])

    def _activated(self, row: int) -> None:
        path = self.box.itemData(row, _PATH)
        if path is not None:
            self.chosen.emit(Path(path))
        elif self.box.itemText(row) == _IMPORT:
            self.import_requested.emit()
        self._show_row()  # the current model stays shown until the new one is loaded

    def _show_row(self) -> None:
        row = next((i for i, entry in enumerate(self._entries) if self._is_current(entry)), -1)
        self.box.setPlaceholderText(self._title)  # of a model that is not listed, as of an epoch in a training
        self.box.setCurrentIndex(row)

    def _is_current(self, entry: ModelEntry) -> bool:
        return self._current is not None and entry.path == self._current


def _row(entry: ModelEntry) -> QStandardItem:
    if entry.card is None:
        item = QStandardItem(f"{entry.path.stem} (cannot be used)")
        item.setEnabled(False)
        item.setToolTip(plain_tip(entry.problem))
        return item
    item = QStandardItem(entry.card.title)
    item.setToolTip(plain_tip(f"{entry.card.description}\n{describe_model(entry.card)}\n{entry.path}"))
    item.setData(str(entry.path), _PATH)
    return item
