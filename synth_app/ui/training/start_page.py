"""The first page: which recordings, what the model is called, and what it begins with; below, what there is already."""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from synth_app.modelfile import ModelEntry
from synth_app.session.trainings.plan import Beginning
from synth_app.ui.base.boxes import Picker
from synth_app.ui.base.plain_text import sentence
from synth_app.ui.theme.theme import GRID, px
from synth_app.ui.training.beginning_fields import BeginningFields, NewModelDraft
from synth_app.ui.training.own_lists import OwnLists
from synth_app.ui.widgets.panel import form_layout, form_row, label, tight

_LICENCES = ("My own recordings", "CC0", "CC BY 4.0", "CC BY-SA 4.0", "CC BY-NC 4.0", "MIT")
_INTRO = (
    "Choose a folder of recordings, one note each, such as cello-048.wav. Twenty notes at several keys are a good "
    "beginning, a hundred are better. The recordings stay as they are."
)


@dataclass
class Draft:
    """What the fields hold.

    Attributes:
        folder: of the recordings. name: of the model. licence: of the recordings.
        start: path of the model to fine-tune, "" before one was chosen.
        new: the new model to fit; None to fine-tune.
    """

    folder: str = ""
    name: str = ""
    licence: str = ""
    start: str = ""
    new: NewModelDraft | None = None


class StartPage(QWidget):
    """Emits ``check_requested`` when the fields are complete, and ``compare_requested`` for a blind test.

    Args:
        draft: kept up to date with the fields.
        models: that a training can begin with.
        lists: of trainings and models, shown below; kept as an attribute.
    """

    check_requested = Signal(object)  # Beginning
    compare_requested = Signal()

    def __init__(self, draft: Draft, models: tuple[ModelEntry, ...], lists: OwnLists) -> None:
        super().__init__()
        self._draft, self.lists = draft, lists
        self.folder, self.name = QLineEdit(draft.folder), QLineEdit(draft.name)
        self.name.setMaxLength(64)
        self.licence = Picker()
        self.licence.addItems(_LICENCES)
        typed = QLineEdit()
        typed.setMaxLength(100)
        typed.setPlaceholderText("Who owns them, and what may be done with them")
        self.licence.setLineEdit(typed)
        self.licence.setCurrentText(draft.licence)
        self.beginning = BeginningFields(models, draft.start, draft.new)
        self.problem = label("", "problem")
        self.problem.setWordWrap(True)
        self.check = QPushButton("Check the recordings")
        self.check.setProperty("kind", "primary")
        self.check.clicked.connect(self._request)
        self.compare = QPushButton("Compare two models by ear…")
        self.compare.setProperty("kind", "quiet")
        self.compare.setToolTip("A blind test with any two models: yours, or those that came with the program")
        self.compare.clicked.connect(self.compare_requested)
        for field in (self.folder, self.name, typed):
            field.returnPressed.connect(self.check.click)
        self._chosen_by_return = (self.beginning.models, self.beginning.families, self.beginning.size)
        self.folder.textChanged.connect(self._take_name)
        self._lay_out(lists)

    def show_problem(self, text: str) -> None:
        """Show why the check cannot begin, "" for nothing."""
        self.problem.setText(sentence(text) if text else "")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Check with Return from the pickers and numbers, too; a list below has its own Return."""
        pressed = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.isAutoRepeat()
        if pressed and self.focusWidget() in self._chosen_by_return:
            self.check.click()
        else:
            super().keyPressEvent(event)

    def keep_draft(self) -> None:
        """Write the fields to the draft."""
        draft = self._draft
        draft.folder, draft.name = self.folder.text().strip(), self.name.text().strip()
        draft.licence = self.licence.currentText().strip()
        draft.start, draft.new = self.beginning.start(), self.beginning.new_model()

    def _request(self) -> None:
        self.keep_draft()
        draft = self._draft
        chosen: Beginning | None = self.beginning.chosen()
        if not draft.folder:
            self._refuse(self.folder, "choose the folder of your recordings first")
        elif not Path(draft.folder).is_dir():
            self._refuse(self.folder, f"{draft.folder} is not a folder; choose another")
        elif not draft.name:
            self._refuse(self.name, "give the model a name")
        elif not draft.licence:
            text = "say whose recordings these are; the model's card names it when you share the model"
            self._refuse(self.licence, text)
        elif chosen is None:
            self._refuse(self.beginning.models, "there is no model to begin with; fit a new one")
        else:
            self.show_problem("")
            self.check_requested.emit(chosen)

    def _refuse(self, field: QWidget, problem: str) -> None:
        self.show_problem(problem)
        field.setFocus()

    def _choose(self) -> None:
        name = QFileDialog.getExistingDirectory(self, "Folder of recordings", self.folder.text())
        if name:
            self.folder.setText(name)

    def _take_name(self, text: str) -> None:
        """Suggest the folder's name for the model."""
        if not self.name.isModified():
            self.name.setText(Path(text.strip()).name[:64])

    def _lay_out(self, lists: OwnLists) -> None:
        choose = QPushButton("Choose…")
        choose.setAccessibleName("Choose the folder of recordings")
        choose.clicked.connect(self._choose)
        row = QHBoxLayout()
        row.addWidget(self.folder, 1)
        row.addWidget(choose)
        form = form_layout()
        rows: tuple[tuple[str, QWidget, QWidget | QHBoxLayout], ...] = (
            ("Recordings", self.folder, row), ("Name of the model", self.name, self.name),
            ("Licence", self.licence, self.licence),
        )  # fmt: skip
        for text, field, place in rows:
            field.setAccessibleName(text)
            form_row(form, text, place)
        self.beginning.add_to(form)
        intro = label(_INTRO, "muted")
        intro.setWordWrap(True)
        buttons = QHBoxLayout()
        buttons.addWidget(self.problem, 1)
        buttons.addWidget(self.check, 0, Qt.AlignmentFlag.AlignBottom)
        box = QVBoxLayout(self)
        tight(box, 0, 2 * GRID)
        head = QHBoxLayout()
        head.addWidget(label("Train a model", "heading"))
        head.addStretch(1)
        head.addWidget(self.compare)
        box.addLayout(head)
        box.addWidget(intro)
        box.addLayout(form)
        box.addLayout(buttons)
        box.addWidget(lists, 1)
        QWidget.setTabOrder(self.check, self.compare)  # it is above the fields, but they come first
        self.folder.setMinimumWidth(px(200))
