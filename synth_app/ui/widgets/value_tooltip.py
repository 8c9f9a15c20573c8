"""The value tooltip: the value of a control, shown beside it during a drag."""

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from synth_app.ui.theme.theme import GRID, RADIUS, font, px, qcolor

_BRIEF_MS = 900
_NAME = "value-tooltip"


class ValueTooltip(QWidget):
    """One per window, and a child of it: a separate window could take the focus or flicker.

    The text is on a separate widget above the box that fills all of its pixels. So another text of the same width does
    not repaint the panels, cards and labels below the box.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName(_NAME)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._control: QWidget | None = None
        self._line = _Line(window)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._hide_all)

    @property
    def text(self) -> str:
        """The text shown."""
        return self._line.text

    @classmethod
    def show_for(cls, control: QWidget, text: str, *, brief: bool = False) -> None:
        """Show ``text`` above ``control``; with ``brief`` it disappears by itself."""
        window = control.window()
        tooltip = cls._of(window) or cls(window)
        lasting = tooltip.isVisible() and not tooltip._timer.isActive()
        if lasting and not brief and (tooltip.text, tooltip._control) == (text, control):
            return  # the drag has changed no digit
        tooltip._show_text(control, text)
        if brief:
            tooltip._timer.start(_BRIEF_MS)
        else:
            tooltip._timer.stop()

    @classmethod
    def hide_for(cls, control: QWidget) -> None:
        """Hide the tooltip of the control's window."""
        tooltip = cls._of(control.window())
        if tooltip is not None:
            tooltip._hide_all()

    @classmethod
    def _of(cls, window: QWidget) -> "ValueTooltip | None":
        """Return the window's tooltip; search its direct children only, not the hundreds of widgets below."""
        return window.findChild(cls, _NAME, Qt.FindChildOption.FindDirectChildrenOnly)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint a rounded box."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(qcolor("border"))
        painter.setBrush(qcolor("raised"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), px(RADIUS), px(RADIUS))

    def _hide_all(self) -> None:
        self.hide()
        self._line.hide()

    def _show_text(self, control: QWidget, text: str) -> None:
        """Move box and text to the control and show them."""
        window, size = control.window(), _size(text)
        above = control.mapTo(window, QPoint((control.width() - size.width()) // 2, -size.height() - px(4)))
        x = min(max(above.x(), px(4)), window.width() - size.width() - px(4))
        y = above.y() if above.y() > px(4) else above.y() + size.height() + control.height() + px(GRID)
        box = QRect(QPoint(x, y), size)
        if (box, self._control, self.isVisible()) != (self.geometry(), control, True):
            self._control = control
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
        """Paint every pixel."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), qcolor("raised"))
        painter.setPen(qcolor("text"))
        painter.setFont(font("strong"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text)


def _size(text: str) -> QSize:
    metrics = QFontMetrics(font("strong"))
    return QSize(metrics.horizontalAdvance(text) + px(2 * GRID), metrics.height() + px(GRID))
