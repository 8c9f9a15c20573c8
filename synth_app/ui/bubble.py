"""The value bubble: what a control is being set to, beside it, while it moves."""

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from synth_app.ui.theme import GRID, RADIUS, font, px, qcolor

_BRIEF_MS = 900
_NAME = "value-bubble"


class Bubble(QWidget):
    """One per window, a child of it: no window of its own that could take focus or flicker."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName(_NAME)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.text = ""
        self._beside: QWidget | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)

    @classmethod
    def show_for(cls, control: QWidget, text: str, *, brief: bool = False) -> None:
        """Show ``text`` above ``control``; ``brief`` hides it by itself."""
        window = control.window()
        bubble = window.findChild(cls, _NAME) or cls(window)
        stands = (
            bubble.isVisible() and not bubble._timer.isActive() and (bubble.text, bubble._beside) == (text, control)
        )
        if stands and not brief:  # a move that changes no digit
            return
        bubble.text, bubble._beside = text, control
        bubble.resize(bubble._size())
        above = control.mapTo(window, QPoint((control.width() - bubble.width()) // 2, -bubble.height() - px(4)))
        x = min(max(above.x(), px(4)), window.width() - bubble.width() - px(4))
        y = above.y() if above.y() > px(4) else above.y() + bubble.height() + control.height() + px(GRID)
        bubble.move(x, y)
        bubble.show()
        bubble.raise_()
        bubble.update()
        if brief:
            bubble._timer.start(_BRIEF_MS)
        else:
            bubble._timer.stop()

    @classmethod
    def hide_for(cls, control: QWidget) -> None:
        """Hide the window's bubble."""
        bubble = control.window().findChild(cls, _NAME)
        if bubble is not None:
            bubble.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A rounded box with the text."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(qcolor("border"))
        painter.setBrush(qcolor("raised"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), px(RADIUS), px(RADIUS))
        painter.setPen(qcolor("text"))
        painter.setFont(font("strong"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text)

    def _size(self) -> QSize:
        metrics = QFontMetrics(font("strong"))
        return QSize(metrics.horizontalAdvance(self.text) + px(2 * GRID), metrics.height() + px(GRID))
