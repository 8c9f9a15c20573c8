"""The base class of self-painted surfaces: a sunk background, a cached layer, the focus ring, an empty state.

A canvas stands on a panel and paints all of its pixels, so Qt does not paint window, panel and scroll area behind it
again. These took a third of the time of all views together.
"""

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFocusEvent, QPainter, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from synth_app.ui.drawing.cached_background import picture_of
from synth_app.ui.theme.theme import RADIUS, font, px, qcolor

_GRID_LINES = 8
CURSOR_RADIUS = 7.0  # design px


class Canvas(QWidget):
    """A focusable surface. Subclasses draw the unchanging part in ``draw_layer`` and the rest in ``paintEvent``.

    Attributes:
        focus_visible: whether the focus ring is shown.
        menu_extras: functions that add entries of other parts of the window to the context menu.
    """

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.focus_visible = False
        self.menu_extras: list[Callable[[QMenu], None]] = []
        self._layer: QPixmap | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(name)

    def sizeHint(self) -> QSize:
        """Prefer an area that is about square."""
        return QSize(px(360), px(330))

    def extended(self, menu: QMenu) -> QMenu:
        """Return the menu with the entries of ``menu_extras``."""
        for extend in self.menu_extras:
            extend(menu)
        return menu

    def invalidate_layer(self) -> None:
        """Draw the layer again, because something on it has changed."""
        self._layer = None
        self.update()

    def draw_layer(self, painter: QPainter) -> None:
        """Draw the part that stays the same during a drag."""
        raise NotImplementedError

    def paint_layer(self, painter: QPainter) -> None:
        """Paint the cached layer at the screen's resolution."""
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
        """Paint the empty surface with one sentence."""
        painter.fillRect(self.rect(), qcolor("panel"))
        paint_well(painter, QRectF(self.rect()))
        painter.setPen(qcolor("muted"))
        painter.setFont(font("body"))
        box = self.rect().adjusted(px(16), 0, -px(16), 0)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, sentence)

    def paint_focus(self, painter: QPainter) -> None:
        """Paint the focus ring if it is visible."""
        if self.focus_visible:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(qcolor("focus"), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), px(RADIUS), px(RADIUS))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus ring, unless the mouse set the focus."""
        self.focus_visible = event.reason() != Qt.FocusReason.MouseFocusReason
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide the focus ring."""
        self.focus_visible = False
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw the layer again at the new size."""
        self.invalidate_layer()


def paint_well(painter: QPainter, rect: QRectF) -> None:
    """Paint the sunk surface."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(qcolor("well"))
    painter.drawRoundedRect(rect, px(RADIUS), px(RADIUS))


def paint_grid(painter: QPainter, rect: QRectF) -> None:
    """Paint a grid of faint lines."""
    painter.setPen(QPen(qcolor("line", 130), 1))
    for i in range(1, _GRID_LINES):
        x = round(rect.width() * i / _GRID_LINES) + 0.5
        y = round(rect.height() * i / _GRID_LINES) + 0.5
        painter.drawLine(QPointF(x, 0), QPointF(x, rect.height()))
        painter.drawLine(QPointF(0, y), QPointF(rect.width(), y))


def paint_cursor(painter: QPainter, at: QPointF, area: QRectF, *, active: bool, hollow: bool = False) -> None:
    """Paint a crosshair over ``area`` and a knob at its centre; a hollow one if the sound is not exactly there."""
    paint_crosshair(painter, at, area, active=active)
    paint_knob(painter, at, hollow=hollow)


def paint_crosshair(painter: QPainter, at: QPointF, area: QRectF, *, active: bool) -> None:
    """Paint the lines of a cursor over ``area``."""
    line = qcolor("accent", 150 if active else 80)
    painter.fillRect(QRectF(round(at.x()), area.top(), 1, area.height()), line)
    painter.fillRect(QRectF(area.left(), round(at.y()), area.width(), 1), line)


def paint_knob(painter: QPainter, at: QPointF, *, hollow: bool) -> None:
    """Paint the knob of a cursor."""
    radius = px(CURSOR_RADIUS)
    if hollow:
        painter.setBrush(qcolor("well", 150))
        for token, width in (("well", 4.5), ("accent", 2.0)):
            painter.setPen(QPen(qcolor(token), px(width)))
            painter.drawEllipse(at, radius - 1, radius - 1)
        return
    painter.setPen(QPen(qcolor("well"), px(1.5)))
    painter.setBrush(qcolor("accent"))
    painter.drawEllipse(at, radius, radius)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(qcolor("well"))
    painter.drawEllipse(at, px(2.5), px(2.5))


def paint_remark(painter: QPainter, area: QRectF, text: str, cursor: QPointF) -> None:
    """Paint one line on a plate that keeps it readable, at the ``remark_plate`` of ``area``."""
    painter.setFont(font("caption"))
    metrics = painter.fontMetrics()
    room = int(area.width()) - 2 * px(RADIUS)
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room - 2 * px(RADIUS))
    plate = remark_plate(area, metrics.horizontalAdvance(shown), metrics.height(), cursor)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(qcolor("panel", 225))
    painter.drawRoundedRect(plate, px(4), px(4))
    painter.setPen(qcolor("text"))
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, shown)


def remark_plate(area: QRectF, width: float, height: float, cursor: QPointF) -> QRectF:
    """Return where a line of text of a size in px lies: at the lower left, or below the first line if at the cursor."""
    plate = QRectF(0, 0, width + 2 * px(RADIUS), height + px(4))
    plate.moveBottomLeft(QPointF(area.left() + px(RADIUS), area.bottom() - px(RADIUS)))
    near = 2 * px(CURSOR_RADIUS)
    if plate.adjusted(-near, -near, near, near).contains(cursor):
        plate.moveTop(area.top() + 2 * px(RADIUS) + plate.height())
    return plate


def paint_badge(painter: QPainter, box: QRectF, token: str, text: str) -> None:
    """Paint a slot's letter on its colour."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(qcolor(token))
    painter.drawRoundedRect(box, px(4), px(4))
    painter.setPen(qcolor("well"))
    painter.setFont(font("strong"))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
