"""Asks what a preset is called and where it belongs."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QDialog, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from synth_app.session.state.preset import CATEGORIES, USER_CATEGORY, Preset
from synth_app.ui.theme.theme import GRID, px
from synth_app.ui.widgets.panel import form_layout, form_row, label, tight

_LONGEST = 64


class SaveDialog(QDialog):
    """``taken`` gives name, category and tags."""

    taken = Signal(str, str, tuple)

    def __init__(
        self, like: Preset | None, categories: tuple[str, ...], parent: QWidget | None = None, *, renaming: bool = True
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Save preset" if renaming else "Category and tags")
        self.setMinimumWidth(px(380))
        self.name = QLineEdit(like.name if like else "")
        self.name.setMaxLength(_LONGEST)
        self.name.selectAll()
        self.name.setEnabled(renaming)
        self.category = QComboBox()
        self.category.setEditable(True)
        self.category.addItems(list(dict.fromkeys((*CATEGORIES, *categories))))
        self.category.setCurrentText(like.category if like else USER_CATEGORY)
        self.tags = QLineEdit(", ".join(like.tags) if like else "")
        self.tags.setPlaceholderText("warm, slow, …")
        self.problem = label("", "problem")
        self.accept_button = QPushButton("Save")
        self.accept_button.setProperty("kind", "primary")
        self.accept_button.setDefault(True)
        self.accept_button.clicked.connect(self.take)
        cancel = QPushButton("Cancel")
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
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

    def take(self) -> None:
        """Hand over what is typed; stays open while the name is empty."""
        name, category = self.name.text().strip(), self.category.currentText().strip().lower()
        if not name or not category:
            self.problem.setText("A preset needs a name and a category.")
            return
        tags = tuple(tag.strip() for tag in self.tags.text().split(",") if tag.strip())
        if any(len(tag) > 24 for tag in tags):
            self.problem.setText("A tag has at most 24 characters.")
            return
        self.accept()
        self.taken.emit(name, category, tags)
