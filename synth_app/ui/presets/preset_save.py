"""The dialog for the name, category and tags of a preset."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from synth_app.session.state.preset import CATEGORIES, USER_CATEGORY, Preset
from synth_app.ui.base.boxes import Picker
from synth_app.ui.base.name_dialog import MAX_LENGTH
from synth_app.ui.theme.theme import GRID, px
from synth_app.ui.widgets.panel import form_layout, form_row, label, tight

DIALOG_WIDTH = 380  # design px
_MAX_TAG_LENGTH = 24


class SaveDialog(QDialog):
    """Asks for name, category and tags; ``submitted`` emits them when the user accepts valid input."""

    submitted = Signal(str, str, tuple)

    def __init__(
        self, like: Preset | None, categories: tuple[str, ...], parent: QWidget | None = None, *, renaming: bool = True
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Save preset" if renaming else "Category and tags")
        self.setMinimumWidth(px(DIALOG_WIDTH))
        self.name = QLineEdit(like.name if like else "")
        self.name.setMaxLength(MAX_LENGTH)
        self.name.selectAll()
        self.name.setEnabled(renaming)
        self.category = Picker()
        self.category.setEditable(True)
        self.category.addItems(list(dict.fromkeys((*CATEGORIES, USER_CATEGORY, *categories))))
        self.category.setCurrentText(like.category if like else USER_CATEGORY)
        self.tags = QLineEdit(", ".join(like.tags) if like else "")
        self.tags.setPlaceholderText("warm, slow, …")
        self.problem = label("", "problem")
        self.accept_button = QPushButton("Save")
        self.accept_button.setProperty("kind", "primary")
        self.accept_button.setDefault(True)
        self.accept_button.clicked.connect(self.submit)
        cancel = QPushButton("Cancel")
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        self._lay_out(cancel)

    def _lay_out(self, cancel: QPushButton) -> None:
        form = form_layout()
        fields: tuple[tuple[str, QWidget], ...] = (
            ("Name", self.name),
            ("Category", self.category),
            ("Tags", self.tags),
        )
        for text, field in fields:
            field.setAccessibleName(text)
            form_row(form, text, field)
        buttons = QHBoxLayout()
        buttons.addWidget(self.problem, 1)
        buttons.addWidget(cancel)
        buttons.addWidget(self.accept_button)
        box = QVBoxLayout(self)
        tight(box, 2 * GRID, 2 * GRID)
        box.addLayout(form)
        box.addLayout(buttons)

    def submit(self) -> None:
        """Emit ``submitted`` and close; stay open and show the problem if the input is invalid."""
        name, category = self.name.text().strip(), self.category.currentText().strip().lower()
        if not name or not category:
            self.problem.setText("A preset needs a name and a category.")
            return
        tags = tuple(tag.strip() for tag in self.tags.text().split(",") if tag.strip())
        if any(len(tag) > _MAX_TAG_LENGTH for tag in tags):
            self.problem.setText(f"A tag has at most {_MAX_TAG_LENGTH} characters.")
            return
        self.accept()
        self.submitted.emit(name, category, tags)
