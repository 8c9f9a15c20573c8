"""The amount of a modulation connection: a number above a track that is filled from its centre."""

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from synth_app.params import ParamSpec
from synth_app.ui.base.plain_text import plain
from synth_app.ui.theme.theme import font, px, qcolor
from synth_app.ui.widgets.control import ValueControl

_HEIGHT = 22  # design px
_TRACK = 3  # height of the track, design px


class AmountSlider(ValueControl):
    """A bipolar slider; 0 is in the middle, and a drag to the right raises the amount."""

    short_mark = True

    def __init__(self, spec: ParamSpec, parent: QWidget | None = None) -> None:
        super().__init__(spec, parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(px(_HEIGHT))
        self.setMinimumWidth(px(84))
        self.setCursor(Qt.CursorShape.SizeHorCursor)

    def sizeHint(self) -> QSize:
        """Prefer a short row."""
        return QSize(px(110), px(_HEIGHT))

    def set_spec(self, spec: ParamSpec) -> None:
        """Show another target's unit and range; emits nothing."""
        if spec != self.spec:
            self.spec = spec
            self.setToolTip(f"<b>{plain(spec.label)}</b><br>{plain(spec.help)}")
            self.set_value_and_reset_value(self.value, spec.default)
            self._describe()
            self.update()

    def drag_normalized(self, delta: QPointF) -> float:
        """Return the move that keeps the end of the fill under the mouse."""
        return delta.x() / max(self.width(), 1)

    def entry_rect(self) -> QRect:
        """Return the whole control."""
        return self.rect()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the track, the fill from its centre, and the number."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        active, on = self.is_active(), self.isEnabled()
        box = QRectF(self.rect()).adjusted(0.5, 1.5, -0.5, -1.5)
        painter.setPen(QPen(qcolor("border" if active else "line"), 1))
        painter.setBrush(qcolor("well"))
        painter.drawRoundedRect(box, px(4), px(4))
        inner = box.adjusted(px(4), 0, -px(4), 0)
        middle, end = inner.center().x(), inner.left() + self.normalized() * inner.width()
        painter.setPen(Qt.PenStyle.NoPen)
        track = inner.adjusted(0, box.height() - px(_TRACK) - 2, 0, -2)
        painter.setBrush(qcolor("track"))
        painter.drawRect(track)
        painter.setBrush(qcolor("modulated" if on else "disabled"))
        painter.drawRect(QRectF(min(middle, end), track.top(), abs(end - middle), track.height()))
        painter.drawRect(QRectF(end - 1, track.top() - 1, 2, track.height() + 1))
        painter.setFont(font("body"))
        painter.setPen(qcolor("text" if on else "disabled"))
        painter.drawText(box.adjusted(0, 0, 0, -px(_TRACK)), Qt.AlignmentFlag.AlignCenter, self.text())
        self.paint_focus(painter, QRectF(self.rect()), px(4))
