"""The dialog that shares models, sounds and presets as one file."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from synth_app.export.jobs.pack_job import PackRequest
from synth_app.session.packs import SUFFIX, PackTexts
from synth_app.session.sounds.sound_library import SoundEntry
from synth_app.session.state.preset import Preset
from synth_app.support.file_names import slug, with_ending
from synth_app.ui.base.question import ask
from synth_app.ui.theme.theme import GRID, px
from synth_app.ui.widgets.panel import form_layout, form_row, label, tight

_DATA = Qt.ItemDataRole.UserRole


@dataclass(frozen=True)
class PackContents:
    """What can be shared: models with their titles, sounds, and presets."""

    models: tuple[tuple[str, Path], ...]
    sounds: tuple[SoundEntry, ...]
    presets: tuple[Preset, ...]


class PackDialog(QDialog):
    """Lists what can be shared. The chosen things are written when a file is chosen.

    Args:
        contents: what can be shared.
        chosen: path of the model that is ticked at first, and its presets by ``belongs``.
        belongs: whether a preset was made with that model.
        write: called with the request.
        parent: the window.
    """

    def __init__(
        self, contents: PackContents, chosen: Path | None, belongs: Callable[[Preset], bool],
        write: Callable[[PackRequest], object], parent: QWidget,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._write = write
        self.question: QMessageBox | None = None  # the last one asked
        self.setWindowTitle("Share as one file")
        self.resize(px(460), px(480))
        self.tree = QTreeWidget()
        self.tree.setHeaderHidden(True)
        self.tree.setAccessibleName("What goes into the file")
        self._groups = (
            self._group("Models", [(title, path, path == chosen) for title, path in contents.models]),
            self._group("Sounds", [(each.sound.name, each, False) for each in contents.sounds]),
            self._group("Presets", [(each.name, each, belongs(each)) for each in contents.presets]),
        )
        self.tree.itemChanged.connect(lambda *_: self._show_count())
        self.name, self.author, self.licence = QLineEdit(_first_title(contents, chosen)), QLineEdit(), QLineEdit()
        for field, longest in ((self.name, 64), (self.author, 200), (self.licence, 200)):
            field.setMaxLength(longest)
        self.licence.setPlaceholderText("for example CC0, or who may use it")
        self.problem = label("", "problem")
        self.problem.setWordWrap(True)
        self.save, self.cancel = QPushButton("Write the file…"), QPushButton("Cancel")
        self.save.setProperty("kind", "primary")
        self.save.setDefault(True)
        self.save.clicked.connect(self._save)
        self.cancel.clicked.connect(self.reject)
        self._lay_out()
        self._show_count()

    def request(self, out: Path) -> PackRequest:
        """Return what is ticked, to be written to ``out``."""
        models, sounds, presets = (tuple(_ticked(group)) for group in self._groups)
        texts = PackTexts(self.name.text().strip(), self.author.text().strip(), self.licence.text().strip())
        return PackRequest(out, texts, models, sounds, presets)

    def tick(self, model: Path, belongs: Callable[[Preset], bool]) -> bool:
        """Tick a model and its presets, beside what is ticked already. Return whether the list has the model."""
        models, _, presets = self._groups
        own = [item for item in _items(models) if item.data(0, _DATA) == model]
        if not own:
            return False
        for item in (*own, *(each for each in _items(presets) if belongs(each.data(0, _DATA)))):
            item.setCheckState(0, Qt.CheckState.Checked)
        return True

    def _save(self) -> None:
        name = self.name.text().strip()
        if not name:
            self.problem.setText("Give the file's content a name.")
            return
        target, _ = QFileDialog.getSaveFileName(self, self.windowTitle(), slug(name, "pack") + SUFFIX, f"*{SUFFIX}")
        if not target:
            return
        path = with_ending(Path(target), SUFFIX)
        if path != Path(target) and path.exists():  # the file dialog has asked about another name
            question = f"{path.name} already exists in {path.parent}. Replace it?"
            self.question = ask(self, question, "Replace", "Cancel", lambda: self._write_to(path))
        else:
            self._write_to(path)

    def _write_to(self, path: Path) -> None:
        self._write(self.request(path))
        self.accept()

    def _group(self, title: str, entries: Sequence[tuple[str, object, bool]]) -> QTreeWidgetItem:
        group = QTreeWidgetItem(self.tree, [title if entries else f"{title}: none of your own"])
        group.setFlags(Qt.ItemFlag.ItemIsEnabled)
        for text, entry, ticked in entries:
            item = QTreeWidgetItem(group, [text])
            item.setData(0, _DATA, entry)
            item.setCheckState(0, Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)
        group.setExpanded(True)
        return group

    def _show_count(self) -> None:
        count = sum(len(_ticked(group)) for group in self._groups)
        self.save.setEnabled(count > 0)
        self.save.setToolTip("" if count else "Tick at least one model, sound or preset")

    def _lay_out(self) -> None:
        form = form_layout()
        for text, field in (("Name", self.name), ("Author", self.author), ("Licence", self.licence)):
            field.setAccessibleName(text)
            form_row(form, text, field)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.save)
        box = QVBoxLayout(self)
        tight(box, 2 * GRID, 2 * GRID)
        box.addWidget(self.tree, 1)
        box.addLayout(form)
        box.addWidget(self.problem)
        box.addLayout(buttons)


def _ticked(group: QTreeWidgetItem) -> list[Any]:
    return [item.data(0, _DATA) for item in _items(group) if item.checkState(0) == Qt.CheckState.Checked]


def _items(group: QTreeWidgetItem) -> list[QTreeWidgetItem]:
    children: list[QTreeWidgetItem | None] = [group.child(i) for i in range(group.childCount())]
    return [child for child in children if child is not None]


def _first_title(contents: PackContents, chosen: Path | None) -> str:
    return next((title for title, path in contents.models if path == chosen), "")[:64]
