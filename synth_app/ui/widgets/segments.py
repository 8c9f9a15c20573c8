"""A row of exclusive choices that are all visible: modes of a panel, pages of the deck."""

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from synth_app.ui.theme.theme import font, px
from synth_app.ui.widgets.panel import tight

_UPRIGHT_HEIGHT = 14  # design px, without the border


class Segments(QWidget):
    """Exclusive buttons; arrow keys move between them.

    ``chosen`` emits a key for the user's choices, never for ``show_choice``.

    Args:
        name: accessible name of the row.
        choices: key, text and tooltip of each button.
        parent: Qt's parent.
        upright: whether the buttons stand in a column.
    """

    chosen = Signal(str)

    def __init__(
        self,
        name: str,
        choices: tuple[tuple[str, str, str], ...],
        parent: QWidget | None = None,
        *,
        upright: bool = False,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.buttons: dict[str, QToolButton] = {}
        self._group = QButtonGroup(self)
        box = QVBoxLayout(self) if upright else QHBoxLayout(self)
        tight(box, 0, 0 if upright else 2)
        for key, text, tip in choices:
            button = QToolButton()
            button.setText(text)
            button.setCheckable(True)
            button.setProperty("kind", "segment")
            button.setAccessibleName(f"{name}: {text}")
            button.setToolTip(tip)
            button.clicked.connect(lambda _=False, key=key: self.chosen.emit(key))
            text_width = QFontMetrics(font("strong")).horizontalAdvance(text)  # the chosen one is bold
            # overrides the window's style sheet; eight buttons in a column share the height of the deck
            height = f"; min-height: {px(_UPRIGHT_HEIGHT)}px; max-height: {px(_UPRIGHT_HEIGHT)}px" if upright else ""
            button.setStyleSheet(f"min-width: {text_width + 4}px{height}")
            button.toggled.connect(partial(_let_tab_reach, button))
            _let_tab_reach(button, on=False)
            self._group.addButton(button)
            self.buttons[key] = button
            box.addWidget(button)
        if upright:
            box.addStretch(1)
        self.show_choice(choices[0][0])

    @property
    def choice(self) -> str:
        """Key of the current choice."""
        return next(key for key, button in self.buttons.items() if button.isChecked())

    def show_choice(self, key: str) -> None:
        """Show another choice; emits nothing."""
        self.buttons[key].setChecked(True)


def _let_tab_reach(button: QToolButton, on: bool) -> None:
    """Let Tab reach a button only while it is chosen: Qt would stop at the one that had the focus last."""
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus if on else Qt.FocusPolicy.NoFocus)
