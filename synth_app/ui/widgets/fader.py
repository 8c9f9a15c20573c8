"""The morph fader: a wide track from slot A's colour to slot B's, with a grip."""

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QLinearGradient, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from synth_app.params import ParamSpec
from synth_app.ui.drawing.cached_background import CachedBackground
from synth_app.ui.theme.theme import blend, font, px, qcolor
from synth_app.ui.widgets.control import ValueControl

_GRIP = 22
_HEIGHT = 36


class MorphFader(ValueControl):
    """A horizontal fader whose ends are the slots."""

    def __init__(self, spec: ParamSpec, parent: QWidget | None = None, ends: tuple[str, str] = ("A", "B")) -> None:
        super().__init__(spec, parent)
        self._ends = ends
        self._background = CachedBackground(self, behind="panel")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(px(_HEIGHT))
        self.setMinimumWidth(px(160))
        self.setCursor(Qt.CursorShape.SizeHorCursor)

    def sizeHint(self) -> QSize:
        """Prefer a wide row."""
        return QSize(px(300), px(_HEIGHT))

    def track(self) -> QRectF:
        """Return the rectangle in which the grip's centre moves, in own coordinates."""
        edge = px(24) + px(_GRIP) / 2
        return QRectF(edge, self.height() / 2 - px(4), self.width() - 2 * edge, px(8))

    def drag_normalized(self, delta: QPointF) -> float:
        """Return the move that keeps the grip under the mouse."""
        return delta.x() / self.track().width()

    def entry_rect(self) -> QRect:
        """Return the rectangle of the grip."""
        x = round(self.track().left() + self.normalized() * self.track().width())
        return QRect(x - px(30), 0, px(60), self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the fader."""
        painter = QPainter(self)
        track, on = self.track(), self.isEnabled()
        self._background.paint(painter, on, lambda inner: self._paint_background(inner, track, on=on))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ends = self.normalized_modulation_range()
        if ends is not None:
            first, last = (track.left() + normalized * track.width() for normalized in ends)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(qcolor("modulated"))
            painter.drawRect(QRectF(first, track.bottom() + px(3), last - first, px(2)))
        x = track.left() + self.normalized() * track.width()
        grip = QRectF(x - px(_GRIP) / 2, px(4), px(_GRIP), self.height() - 2 * px(4))
        painter.setPen(QPen(qcolor("focus" if self.is_active() else "window"), 1.5))
        painter.setBrush(blend("slot_a", "slot_b", self.normalized()) if on else qcolor("raised"))
        painter.drawRoundedRect(grip, px(5), px(5))
        painter.setPen(QPen(qcolor("window"), px(2)))
        painter.drawLine(QPointF(x, grip.top() + px(8)), QPointF(x, grip.bottom() - px(8)))
        self.paint_focus(painter, QRectF(self.rect()), px(6))

    def _paint_background(self, painter: QPainter, track: QRectF, *, on: bool) -> None:
        """Paint track and letters."""
        gradient = QLinearGradient(track.topLeft(), track.topRight())
        gradient.setColorAt(0, qcolor("slot_a" if on else "raised"))
        gradient.setColorAt(1, qcolor("slot_b" if on else "raised"))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(gradient)
        painter.drawRoundedRect(track.adjusted(-px(6), 0, px(6), 0), px(4), px(4))
        for text, token, left in zip(self._ends, ("slot_a", "slot_b"), (0, self.width() - px(16)), strict=True):
            painter.setFont(font("strong"))
            painter.setPen(qcolor(token if on else "disabled"))
            painter.drawText(QRect(left, 0, px(16), self.height()), Qt.AlignmentFlag.AlignCenter, text)
