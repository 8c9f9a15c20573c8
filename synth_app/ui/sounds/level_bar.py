"""A horizontal level meter for recording."""

import math

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from synth_app.ui.theme.theme import px, qcolor

LOW_DB = -60.0
_FALL_DB = 1.8  # per update of 40 ms
_WARM_DB, _HOT_DB = -12.0, -1.0


class LevelBar(QWidget):
    """Two bars, left above right. It remembers that the input was too loud until ``clear``."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.levels_db = [LOW_DB, LOW_DB]
        self.clipped = False
        self.setMinimumWidth(px(80))
        self.setFixedHeight(px(14))
        self.setAccessibleName("Input level")
        self.setToolTip("Level from −60 to 0 dB. The end turns red if the input is too loud: lower its gain")

    def sizeHint(self) -> QSize:
        """Prefer a wide bar."""
        return QSize(px(240), px(14))

    def show_peaks(self, left: float, right: float) -> None:
        """Show new peaks, 0-1; the bars fall slowly."""
        before = list(self.levels_db)
        for i, peak in enumerate((left, right)):
            db = 20.0 * math.log10(max(peak, 1e-6))
            self.levels_db[i] = max(db, self.levels_db[i] - _FALL_DB, LOW_DB)
            self.clipped = self.clipped or db > -0.1
        if self.levels_db != before:
            self.setAccessibleDescription(f"{max(self.levels_db):.0f} dB" + (", too loud" if self.clipped else ""))
            self.update()

    def clear(self) -> None:
        """Show silence, and forget that it was too loud."""
        self.levels_db, self.clipped = [LOW_DB, LOW_DB], False
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint both bars and the light at their end."""
        painter = QPainter(self)
        painter.setPen(Qt.PenStyle.NoPen)
        gap, light = px(2), px(10)
        width, height = self.width() - light - gap, (self.height() - gap) / 2
        colors = QLinearGradient(0, 0, width, 0)
        colors.setColorAt(0.0, qcolor("accent"))
        colors.setColorAt(1.0 + _WARM_DB / -LOW_DB, qcolor("accent"))
        colors.setColorAt(1.0 + _HOT_DB / -LOW_DB, qcolor("danger"))
        for i, db in enumerate(self.levels_db):
            row = QRectF(0, i * (height + gap), width, height)
            painter.setBrush(qcolor("line"))
            painter.drawRect(row)
            painter.setBrush(colors)
            painter.drawRect(QRectF(0, row.top(), width * (1.0 - db / LOW_DB), height))
        painter.setBrush(qcolor("danger" if self.clipped else "line"))
        painter.drawRect(QRectF(width + gap, 0, light, self.height()))
