"""A strip along the lower edge of a window that says what the program waits for, and how far that is."""

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from synth_app.ui.theme.theme import GRID, colors, px, qcolor
from synth_app.ui.widgets.panel import label

_BAR_WIDTH, _BAR_HEIGHT = 160, 4
_ROW_HEIGHT = 30


class ProgressNotice(QFrame):
    """The strip. It lies over the window's content, so that it is in sight also where the content scrolls."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("progressNotice")
        look = f"background: {colors().raised}; border: none; border-top: 1px solid {colors().border};"
        self.setStyleSheet(f"#progressNotice {{ {look} }}")
        self.text, self.percent, self.bar = label(""), label(""), _Bar()
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        row = QHBoxLayout(self)
        row.setContentsMargins(px(12), px(4), px(12), px(4))
        row.setSpacing(px(GRID))
        row.addWidget(self.text, 1)
        self.percent.setMinimumWidth(self.percent.fontMetrics().horizontalAdvance("100 %") + px(2))
        row.addWidget(self.percent)
        row.addWidget(self.bar)
        window.installEventFilter(self)
        self.hide()

    def show_progress(self, text: str, fraction: float) -> None:
        """Show what is done, and the fraction of it that is finished, 0-1."""
        self.text.setText(text)
        self.percent.setText(f"{100 * fraction:.0f} %")
        self.setAccessibleName(f"{text}: {100 * fraction:.0f} %")
        self.bar.set_fraction(fraction)
        self._reposition()
        self.show()
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the window when it changes size."""
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._reposition()
        return False

    def _reposition(self) -> None:
        window = self.parentWidget()
        if window is None:
            return
        width = window.width()
        self.text.setWordWrap(False)
        self.text.setWordWrap(self.sizeHint().width() > width)
        needed = self.heightForWidth(width) if self.hasHeightForWidth() else self.sizeHint().height()
        height = max(px(_ROW_HEIGHT), needed)
        self.setGeometry(0, window.height() - height, width, height)


class _Bar(QWidget):
    """A thin bar, filled from the left."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(px(_BAR_WIDTH), px(_BAR_HEIGHT))
        self._fraction = 0.0

    def set_fraction(self, fraction: float) -> None:
        """Fill this fraction, 0-1."""
        self._fraction = min(max(fraction, 0.0), 1.0)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the bar."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        radius = self.height() / 2
        painter.setBrush(qcolor("border"))
        painter.drawRoundedRect(QRectF(self.rect()), radius, radius)
        painter.setBrush(qcolor("accent"))
        painter.drawRoundedRect(QRectF(0, 0, self._fraction * self.width(), self.height()), radius, radius)
