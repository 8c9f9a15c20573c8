"""A search field that a cross in the style of the window clears."""

from PySide6.QtWidgets import QLineEdit, QWidget

from synth_app.ui.theme.icons import icon


class SearchField(QLineEdit):
    """A line of text to search for.

    Args:
        text: the first one.
        parent: Qt's parent.

    Attributes:
        clear_action: shown as a cross at the end of the field while there is text.
    """

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.clear_action = self.addAction(icon("close", "muted"), QLineEdit.ActionPosition.TrailingPosition)
        self.clear_action.setText("Clear the search")
        self.clear_action.setToolTip("Clear the search")
        self.clear_action.setVisible(bool(text))
        self.clear_action.triggered.connect(lambda _=False: self.clear())
        self.textChanged.connect(lambda now: self.clear_action.setVisible(bool(now)))
