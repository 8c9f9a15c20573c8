"""A titled surface of the window, and the small helpers that lay its content out on the grid."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFormLayout, QFrame, QHBoxLayout, QLabel, QLayout, QVBoxLayout, QWidget

from synth_app.ui.theme.theme import GRID, px, qcolor


def label(text: str, role: str = "body") -> QLabel:
    """Text in a role of the type scale: title, heading, muted, caption, problem or body."""
    made = QLabel(text)
    made.setProperty("role", role)
    return made


class Readout(QWidget):
    """Muted text at the right of a panel's header that changes while a hand moves.

    As wide as its first text. It fills all of its pixels, so that nothing behind it is painted again with every digit,
    as behind a QLabel.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFixedSize(label(text, "muted").sizeHint())
        self.setAccessibleName(text)

    def text(self) -> str:
        """What it says."""
        return self._text

    def say(self, text: str) -> None:
        """Say something else."""
        if text != self._text:
            self._text = text
            self.setAccessibleName(text)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Every pixel."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), qcolor("panel"))
        painter.setPen(qcolor("muted"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._text)


def tight(layout: QLayout, margin: float = 0, spacing: float = GRID) -> QLayout:
    """Margins and spacing in design px."""
    layout.setContentsMargins(px(margin), px(margin), px(margin), px(margin))
    layout.setSpacing(px(spacing))
    return layout


def form_layout() -> QFormLayout:
    """Names on the left, fields on the right."""
    form = QFormLayout()
    form.setHorizontalSpacing(px(2 * GRID))
    form.setVerticalSpacing(px(GRID))
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    return form


def form_row(form: QFormLayout, name: str, field: QWidget | QLayout) -> None:
    """A row whose name stands on the middle of its field."""
    text = label(name, "muted")
    text.setMinimumHeight(px(32))
    if isinstance(field, QLayout):
        form.addRow(text, field)
    else:
        form.addRow(text, field)


class Panel(QFrame):
    """Surface with a header row and a body."""

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
