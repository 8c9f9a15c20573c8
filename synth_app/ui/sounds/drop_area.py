"""The big empty place of a page without sounds: drop files, or choose another way."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from synth_app.ui.theme.icons import icon
from synth_app.ui.theme.theme import GRID, RADIUS, px, qcolor
from synth_app.ui.widgets.panel import label, tight

DROP_TEXT = "Drop files here or record"
_CAPTURE = ("Capture output", "waves", "Record what this program plays")
_FORMATS = "WAV, FLAC, AIFF, MP3, OGG and more, whole folders too, up to two minutes a file"


class DropArea(QWidget):
    """Says what can be done, with the buttons ``open``, ``record`` and ``capture`` for each way.

    Args:
        title: what can be dropped.
        detail: a line below it.
        capture: text, icon and tooltip of the button for what the program plays.
    """

    def __init__(
        self, title: str = DROP_TEXT, detail: str = _FORMATS, capture: tuple[str, str, str] = _CAPTURE
    ) -> None:
        super().__init__()
        self.hovered = False  # a drag is over the page
        self.setAccessibleName(title)
        self.open = _button("Open…", "plus")
        self.record = _button("Record", "record")
        self.capture = _button(*capture[:2])
        self.open.setToolTip("Choose audio files")
        self.record.setToolTip("Record from a microphone or another input")
        self.capture.setToolTip(capture[2])
        column = QVBoxLayout(self)
        tight(column, 2 * GRID, GRID)
        column.addStretch(1)
        for text, role in ((title, "heading"), (detail, "muted")):
            line = label(text, role)
            line.setAlignment(Qt.AlignmentFlag.AlignCenter)
            line.setWordWrap(True)
            column.addWidget(line)
        column.addSpacing(px(GRID))
        row = QHBoxLayout()
        tight(row, 0, GRID)
        row.addStretch(1)
        for button in (self.open, self.record, self.capture):
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)
        column.addStretch(1)

    def show_hovered(self, hovered: bool) -> None:
        """Show whether a drag is over the page."""
        if hovered != self.hovered:
            self.hovered = hovered
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the dashed frame."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(qcolor("accent" if self.hovered else "border"), px(2), Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(qcolor("accent", 30) if self.hovered else qcolor("well"))
        edge = px(2)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(edge, edge, -edge, -edge), px(RADIUS), px(RADIUS))


def _button(text: str, name: str) -> QPushButton:
    button = QPushButton(icon(name), text)
    button.setAutoDefault(False)
    return button
