"""What self-painted surfaces share: a sunk background, a layer that is kept, the focus ring, a word when empty.

They stand on panels and paint every pixel of theirs, so that Qt paints none of what lies behind them again: window,
panel and scroll area, each as large, took a third as long as all views together.
"""

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFocusEvent, QPainter, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from synth_app.ui.drawing.cached_background import picture_of
from synth_app.ui.theme.theme import RADIUS, font, px, qcolor

_GRID_LINES = 8


class Canvas(QWidget):
    """Focusable; subclasses draw their layer with ``draw_layer`` and what moves in ``paintEvent``."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.focus_visible = False
        self.menu_extras: list[Callable[[QMenu], None]] = []  # add what others offer on this surface
        self._layer: QPixmap | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(name)

    def sizeHint(self) -> QSize:
        """About square."""
        return QSize(px(360), px(330))

    def extended(self, menu: QMenu) -> QMenu:
        """A menu with what others offer."""
        for extend in self.menu_extras:
            extend(menu)
        return menu

    def forget_layer(self) -> None:
        """What doesn't move has changed: draw it anew."""
        self._layer = None
        self.update()

    def draw_layer(self, painter: QPainter) -> None:
        """Draw what stays the same while something is dragged."""
        raise NotImplementedError

    def paint_layer(self, painter: QPainter) -> None:
        """Put the kept layer down, drawn at the screen's own resolution."""
        ratio = self.devicePixelRatioF()
        if self._layer is None or self._layer.devicePixelRatio() != ratio:
            layer = picture_of(self.size(), ratio, "panel")
            inner = QPainter(layer)
            inner.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_well(inner, QRectF(self.rect()))
            self.draw_layer(inner)
            inner.end()
            self._layer = layer
        painter.drawPixmap(0, 0, self._layer)

    def paint_empty(self, painter: QPainter, sentence: str) -> None:
        """The surface with one sentence."""
        painter.fillRect(self.rect(), qcolor("panel"))
        paint_well(painter, QRectF(self.rect()))
        painter.setPen(qcolor("muted"))
        painter.setFont(font("body"))
        box = self.rect().adjusted(px(16), 0, -px(16), 0)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, sentence)

    def paint_focus(self, painter: QPainter) -> None:
        """Draw the ring when it should be seen."""
        if self.focus_visible:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(qcolor("focus"), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), px(RADIUS), px(RADIUS))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the ring where the keyboard brought the focus."""
        self.focus_visible = event.reason() != Qt.FocusReason.MouseFocusReason
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide the ring."""
        self.focus_visible = False
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The layer has another size."""
        self.forget_layer()


def paint_well(painter: QPainter, rect: QRectF) -> None:
    """The sunk surface."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(qcolor("well"))
    painter.drawRoundedRect(rect, px(RADIUS), px(RADIUS))


def paint_grid(painter: QPainter, rect: QRectF) -> None:
    """Faint lines."""
    painter.setPen(QPen(qcolor("line", 130), 1))
    for i in range(1, _GRID_LINES):
        x = round(rect.width() * i / _GRID_LINES) + 0.5
        y = round(rect.height() * i / _GRID_LINES) + 0.5
        painter.drawLine(QPointF(x, 0), QPointF(x, rect.height()))
        painter.drawLine(QPointF(0, y), QPointF(rect.width(), y))


def paint_cursor(painter: QPainter, at: QPointF, area: QRectF, *, active: bool) -> None:
    """Crosshair and knob."""
    line = qcolor("accent", 150 if active else 80)
    painter.fillRect(QRectF(round(at.x()), area.top(), 1, area.height()), line)
    painter.fillRect(QRectF(area.left(), round(at.y()), area.width(), 1), line)
    painter.setPen(QPen(qcolor("well"), px(1.5)))
    painter.setBrush(qcolor("accent"))
    painter.drawEllipse(at, px(7), px(7))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(qcolor("well"))
    painter.drawEllipse(at, px(2.5), px(2.5))


def paint_badge(painter: QPainter, box: QRectF, token: str, text: str) -> None:
    """A slot's letter on its colour."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(qcolor(token))
    painter.drawRoundedRect(box, px(4), px(4))
    painter.setPen(qcolor("well"))
    painter.setFont(font("strong"))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
