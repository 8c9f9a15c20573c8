"""The value bubble: what a control is being set to, beside it, while it moves."""

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from synth_app.ui.theme.theme import GRID, RADIUS, font, px, qcolor

_BRIEF_MS = 900
_NAME = "value-bubble"


class ValueTooltip(QWidget):
    """One per window, a child of it: no window of its own that could take focus or flicker.

    The text stands on a widget of its own before it, which fills all of its pixels: another text of the same width
    leaves alone what lies below the box, and that are panels, cards and labels.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName(_NAME)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._beside: QWidget | None = None
        self._line = _Line(window)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._vanish)

    @property
    def text(self) -> str:
        """What it says."""
        return self._line.text

    @classmethod
    def show_for(cls, control: QWidget, text: str, *, brief: bool = False) -> None:
        """Show ``text`` above ``control``; ``brief`` hides it by itself."""
        window = control.window()
        bubble = cls._of(window) or cls(window)
        stands = (
            bubble.isVisible() and not bubble._timer.isActive() and (bubble.text, bubble._beside) == (text, control)
        )
        if stands and not brief:  # a move that changes no digit
            return
        bubble._say(control, text)
        if brief:
            bubble._timer.start(_BRIEF_MS)
        else:
            bubble._timer.stop()

    @classmethod
    def hide_for(cls, control: QWidget) -> None:
        """Hide the window's bubble."""
        bubble = cls._of(control.window())
        if bubble is not None:
            bubble._vanish()

    @classmethod
    def _of(cls, window: QWidget) -> "ValueTooltip | None":
        """Its bubble; asked among its own children only, not among all the hundreds below."""
        return window.findChild(cls, _NAME, Qt.FindChildOption.FindDirectChildrenOnly)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A rounded box."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(qcolor("border"))
        painter.setBrush(qcolor("raised"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), px(RADIUS), px(RADIUS))

    def _vanish(self) -> None:
        self.hide()
        self._line.hide()

    def _say(self, control: QWidget, text: str) -> None:
        """Put box and text there."""
        window, size = control.window(), _size(text)
        above = control.mapTo(window, QPoint((control.width() - size.width()) // 2, -size.height() - px(4)))
        x = min(max(above.x(), px(4)), window.width() - size.width() - px(4))
        y = above.y() if above.y() > px(4) else above.y() + size.height() + control.height() + px(GRID)
        box = QRect(QPoint(x, y), size)
        if (box, self._beside, self.isVisible()) != (self.geometry(), control, True):
            self._beside = control
            self.setGeometry(box)
            self._line.setGeometry(box.adjusted(px(RADIUS), px(GRID / 2), -px(RADIUS), -px(GRID / 2)))
            for part in (self, self._line):
                part.show()
                part.raise_()
        self._line.text = text
        self._line.update()


class _Line(QWidget):
    """The text, on the colour of the box."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.text = ""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Every pixel."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), qcolor("raised"))
        painter.setPen(qcolor("text"))
        painter.setFont(font("strong"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text)


def _size(text: str) -> QSize:
    metrics = QFontMetrics(font("strong"))
    return QSize(metrics.horizontalAdvance(text) + px(2 * GRID), metrics.height() + px(GRID))
