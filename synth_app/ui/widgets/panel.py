"""A titled surface of the window, and small helpers that lay out its content on the grid."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from synth_app.ui.base.boxes import Picker
from synth_app.ui.theme.icons import icon
from synth_app.ui.theme.theme import GRID, px, qcolor


def label(text: str, role: str = "body") -> QLabel:
    """Return a label in a role of the type scale: title, heading, muted, caption, problem or body.

    It shows its text as it is: the text may come from a user or a file.
    """
    made = rich_label("", role)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setText(text)
    return made


def rich_label(html: str, role: str = "body") -> QLabel:
    """Return a label of HTML in a role of the type scale; ``plain`` belongs around text of users and files."""
    made = QLabel(html)
    made.setTextFormat(Qt.TextFormat.RichText)
    made.setProperty("role", role)
    return made


class Readout(QWidget):
    """Muted text at the right of a panel's header that changes during a drag.

    It is as wide as its first text. It fills all of its pixels, so a new text does not repaint what is behind it, as
    a QLabel would.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFixedSize(label(text, "muted").sizeHint())
        self.setAccessibleName(text)

    def text(self) -> str:
        """Return the text shown."""
        return self._text

    def set_text(self, text: str) -> None:
        """Show another text."""
        if text != self._text:
            self._text = text
            self.setAccessibleName(text)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint every pixel."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), qcolor("panel"))
        painter.setPen(qcolor("muted"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._text)


def tight(layout: QLayout, margin: float = 0, spacing: float = GRID) -> QLayout:
    """Set a layout's margins and spacing in design px; return the layout."""
    layout.setContentsMargins(px(margin), px(margin), px(margin), px(margin))
    layout.setSpacing(px(spacing))
    return layout


def form_layout() -> QFormLayout:
    """Return a form layout with names on the left and fields on the right."""
    form = QFormLayout()
    form.setHorizontalSpacing(px(2 * GRID))
    form.setVerticalSpacing(px(GRID))
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    return form


def form_row(form: QFormLayout, name: str, field: QWidget | QLayout) -> None:
    """Add a row whose name is vertically centred on its field."""
    text = label(name, "muted")
    text.setMinimumHeight(px(32))
    if isinstance(field, QLayout):
        form.addRow(text, field)
    else:
        form.addRow(text, field)


def compact_combo(name: str, tooltip: str = "", min_width: float = 0) -> Picker:
    """Return a small combo box for a panel.

    Args:
        name: accessible name.
        tooltip: shown on hover.
        min_width: in design px; longer entries are cut off.
    """
    combo = Picker()
    combo.setProperty("compact", True)
    combo.setAccessibleName(name)
    combo.setToolTip(tooltip)
    combo.setMinimumWidth(px(min_width))
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    return combo


class Panel(QFrame):
    """A surface with a header row and a body.

    Attributes:
        box: layout of the panel, below the header.
        header: layout of the header row, which begins with the title.
    """

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("panel", True)
        self.setAccessibleName(title)
        self.box = QVBoxLayout(self)
        self.box.setContentsMargins(px(12), px(6), px(12), px(GRID))
        self.box.setSpacing(px(4))
        self.header = QHBoxLayout()
        self.header.setSpacing(px(GRID))
        self.title = label(title, "title")
        self.title.setMinimumHeight(px(26))
        self.header.addWidget(self.title, 0, Qt.AlignmentFlag.AlignVCenter)
        self.header.addStretch(1)
        self.box.addLayout(self.header)

    def add_edit_button(self, tip: str, act: Callable[[], object]) -> QToolButton:
        """Add a small button to the header that opens the panel's content as a graph."""
        button = QToolButton()
        button.setIcon(icon("pop", "muted"))
        button.setProperty("kind", "quiet")
        button.setAccessibleName(tip)
        button.setToolTip(tip)
        button.clicked.connect(lambda _=False: act())
        self.header.addWidget(button)
        return button

    def replace_title(self, widget: QWidget) -> None:
        """Show a widget instead of the title, for example the choice of modes."""
        self.header.removeWidget(self.title)
        self.title.hide()
        self.header.insertWidget(0, widget)
