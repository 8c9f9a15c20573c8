"""A card of one variation: its number, and the handles that it moves most."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from synth_app.session.breeding.breed import Variation
from synth_app.ui.theme.theme import RADIUS, font, px, qcolor

_HEIGHT, _NUMBER = 58, 30  # design px


class VariationCard(QAbstractButton):
    """A click lets the variation be heard; a double-click picks it.

    Signals:
        pick_requested: the card was double-clicked.
    """

    pick_requested = Signal()

    def __init__(self, number: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._number, self._heard = number, False
        self._lines: tuple[str, ...] = ()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setMinimumHeight(px(_HEIGHT))
        self.setToolTip(f"Hear variation {number} ({number}); double-click picks it")
        self.show_variation(None, heard=False)

    def sizeHint(self) -> QSize:
        """Prefer half the width of a page."""
        return QSize(px(190), px(_HEIGHT))

    def show_variation(self, variation: Variation | None, *, heard: bool) -> None:
        """Show a variation, or none; ``heard`` marks the one that sounds."""
        self.setEnabled(variation is not None)
        changes = variation.changes if variation is not None else ()
        lines = tuple(f"{label} {_signed(steps)}" for label, steps in changes)
        if variation is not None and not lines:
            lines = (f"{variation.distance_db:.1f} dB away",)
        self._lines, self._heard = lines, heard
        self.setAccessibleName(f"Variation {self._number}")
        self.setAccessibleDescription(", ".join((*lines, *(("heard",) if heard else ()))))
        self.update()

    @property
    def lines(self) -> tuple[str, ...]:
        """What the card says about the variation."""
        return self._lines

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Pick the variation."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.pick_requested.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the card."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        on = self.isEnabled()
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        edge = "accent" if self._heard else "border" if self.underMouse() and on else "line"
        painter.setPen(QPen(qcolor("focus" if self.hasFocus() else edge), 2 if self._heard or self.hasFocus() else 1))
        painter.setBrush(qcolor("raised" if on else "well"))
        painter.drawRoundedRect(box, px(RADIUS), px(RADIUS))
        painter.setFont(font("heading"))
        painter.setPen(qcolor("accent" if self._heard else "text" if on else "disabled"))
        painter.drawText(QRectF(px(4), 0, px(_NUMBER), self.height()), Qt.AlignmentFlag.AlignCenter, str(self._number))
        painter.setFont(font("body"))
        painter.setPen(qcolor("text" if on else "disabled"))
        room = QRectF(px(_NUMBER) + px(6), px(4), self.width() - px(_NUMBER) - px(12), self.height() - px(8))
        metrics = painter.fontMetrics()
        shown = [metrics.elidedText(line, Qt.TextElideMode.ElideRight, int(room.width())) for line in self._lines]
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, "\n".join(shown))


def _signed(steps: float) -> str:
    return f"{steps:+.1f}".replace("-", "\N{MINUS SIGN}")
