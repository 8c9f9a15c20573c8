"""The user's trainings and models: go on, rename, share and delete."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from synth_app.modelfile import ModelEntry
from synth_app.session.trainings.library import TrainingEntry
from synth_app.ui.theme.theme import GRID, px
from synth_app.ui.widgets.panel import label, tight

_DATA = Qt.ItemDataRole.UserRole


class OwnLists(QWidget):
    """Two lists side by side. Each button acts on the chosen row of its list."""

    open_requested = Signal(object)  # TrainingEntry
    remove_requested = Signal(object)  # TrainingEntry
    load_requested = Signal(object)  # Path
    rename_requested = Signal(object)  # ModelEntry
    share_requested = Signal(object)  # Path
    compare_requested = Signal(object)  # Path
    delete_requested = Signal(object)  # ModelEntry

    def __init__(self) -> None:
        super().__init__()
        self.trainings = _list("Your trainings")
        self.models = _list("Your models")
        box = QHBoxLayout(self)
        tight(box, 0, 2 * GRID)
        training, model = self._training, self._model
        self.training_buttons = (
            _button("Open", "Show the training, and go on with it", lambda: self.open_requested.emit(training())),
            _button(
                "Delete…", "Delete the training and its checkpoints; the finished model stays",
                lambda: self.remove_requested.emit(training()),
            ),
        )  # fmt: skip
        self.model_buttons = (
            _button("Play", "Load the model", lambda: self.load_requested.emit(model().path)),
            _button("Rename…", "Give the model another name", lambda: self.rename_requested.emit(model())),
            _button("Share…", "Write a pack with the model", lambda: self.share_requested.emit(model().path)),
            _button(
                "Compare…",
                "Compare the model blind with another one",
                lambda: self.compare_requested.emit(model().path),
            ),
            _button("Delete…", "Move the model to the trash", lambda: self.delete_requested.emit(model())),
        )
        for title, rows, buttons in (
            ("Your trainings", self.trainings, self.training_buttons),
            ("Your models", self.models, self.model_buttons),
        ):
            box.addLayout(_column(title, rows, buttons), 1)
        self.trainings.itemDoubleClicked.connect(lambda _: self.training_buttons[0].click())
        self.models.itemDoubleClicked.connect(lambda _: self.model_buttons[0].click())

    def show_entries(
        self, trainings: Sequence[TrainingEntry], models: Sequence[ModelEntry], running: Path | None = None
    ) -> None:
        """Show what there is; ``running`` is the folder of the training that runs."""
        rows = [(_training_text(each, runs=each.folder == running), each) for each in trainings]
        _fill(self.trainings, rows, "No training yet")
        named = [(each.card.title if each.card else f"{each.path.stem} (damaged)", each) for each in models]
        _fill(self.models, named, "No model of your own yet")
        for view, buttons in ((self.trainings, self.training_buttons), (self.models, self.model_buttons)):
            for button in buttons:
                button.setVisible(view.currentItem() is not None)

    def choose_model(self, path: Path) -> None:
        """Move the keyboard to the row of a model."""
        for i in range(self.models.count()):
            entry = self.models.item(i).data(_DATA)
            if isinstance(entry, ModelEntry) and entry.path == path:
                self.models.setCurrentRow(i)
                self.models.setFocus()

    def _training(self) -> TrainingEntry:
        entry = self.trainings.currentItem().data(_DATA)
        assert isinstance(entry, TrainingEntry)
        return entry

    def _model(self) -> ModelEntry:
        entry = self.models.currentItem().data(_DATA)
        assert isinstance(entry, ModelEntry)
        return entry


def _training_text(entry: TrainingEntry, *, runs: bool) -> str:
    return f"{entry.plan.name} · {'is being trained' if runs else 'finished' if entry.finished else 'can go on'}"


def _list(name: str) -> QListWidget:
    rows = QListWidget()
    rows.setAccessibleName(name)
    rows.setMinimumHeight(px(72))
    rows.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    rows.setTextElideMode(Qt.TextElideMode.ElideMiddle)
    return rows


def _fill(rows: QListWidget, entries: Sequence[tuple[str, object]], empty: str) -> None:
    rows.clear()
    for text, entry in entries:
        item = QListWidgetItem(text)
        item.setToolTip(text)
        item.setData(_DATA, entry)
        rows.addItem(item)
    if entries:
        rows.setCurrentRow(0)
    else:
        item = QListWidgetItem(empty)
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        rows.addItem(item)
        rows.setCurrentRow(-1)


def _button(text: str, tip: str, act: Callable[[], None]) -> QPushButton:
    button = QPushButton(text)
    button.setProperty("kind", "quiet")
    button.setToolTip(tip)
    button.setAccessibleDescription(tip)
    button.clicked.connect(lambda: act())
    return button


def _column(title: str, rows: QListWidget, buttons: Sequence[QPushButton]) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(px(GRID / 2))
    column.addWidget(label(title, "title"))
    column.addWidget(rows, 1)
    row = QHBoxLayout()
    row.setSpacing(px(GRID / 2))
    for button in buttons:
        row.addWidget(button)
    row.addStretch(1)
    column.addLayout(row)
    return column
