"""The latent slider: name, track with the note's own place marked, value; filled from the note to the value."""

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from synth_app.params import ParamSpec
from synth_app.ui.control import ValueControl
from synth_app.ui.theme import GRID, font, px, qcolor

_LABEL, _NUMBER = 32, 48  # widths
_MIN_HEIGHT, _MAX_HEIGHT = 20, 40


class LatentSlider(ValueControl):
    """One latent dimension in a row; ``usual`` is the range of most of the data, drawn on the track."""

    def __init__(self, spec: ParamSpec, usual: tuple[float, float], parent: QWidget | None = None) -> None:
        super().__init__(spec, parent)
        self._usual = usual
        self._label_width = px(_LABEL)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(px(_MIN_HEIGHT))
        self.setMaximumHeight(px(_MAX_HEIGHT))
        self.setCursor(Qt.CursorShape.SizeHorCursor)

    def sizeHint(self) -> QSize:  # noqa: N802
        """A compact row."""
        return QSize(px(300), px(_MIN_HEIGHT + 2))

    def set_label_width(self, width: int) -> None:
        """Room for the name, the same for all sliders of a column."""
        self._label_width = width
        self.update()

    def drag_travel(self, delta: QPointF) -> float:
        """The handle stays under the mouse."""
        return delta.x() / self.track().width()

    def track(self) -> QRectF:
        """The track, in own coordinates."""
        left = self._label_width
        height = px(4)
        return QRectF(left, (self.height() - height) / 2, self.width() - left - px(_NUMBER + GRID), height)

    def entry_rect(self) -> QRect:
        """Over the number."""
        return QRect(self.width() - px(_NUMBER), 0, px(_NUMBER), self.height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw the row."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        track, hot, on = self.track(), self.hot(), self.isEnabled()
        self._paint_texts(painter, hot=hot, on=on)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(qcolor("track"))
        painter.drawRoundedRect(track.adjusted(0, -1, 0, 1), px(3), px(3))
        usual_left, usual_right = (self._x(value) for value in self._usual)
        painter.setBrush(qcolor("band"))
        painter.drawRoundedRect(QRectF(usual_left, track.top(), usual_right - usual_left, track.height()), 2, 2)
        if on:
            self._paint_fill(painter, track, hot=hot)
        self.paint_focus(painter, QRectF(self.rect()), px(4))

    def _paint_texts(self, painter: QPainter, *, hot: bool, on: bool) -> None:
        painter.setFont(font("body"))
        painter.setPen(qcolor("text" if hot else "muted" if on else "disabled"))
        label = QRect(px(6), 0, self._label_width - px(12), self.height())
        name = painter.fontMetrics().elidedText(self.spec.label, Qt.TextElideMode.ElideRight, label.width())
        painter.drawText(label, Qt.AlignmentFlag.AlignVCenter, name)
        painter.setPen(qcolor("text" if on else "disabled"))
        number = self.entry_rect().adjusted(0, 0, -px(6), 0)
        painter.drawText(number, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, self.text())

    def _paint_fill(self, painter: QPainter, track: QRectF, *, hot: bool) -> None:
        x, rest, middle = self._x(self.value), self._x(self.rest), track.center().y()
        painter.setBrush(qcolor("accent"))
        painter.drawRect(QRectF(min(x, rest), track.top(), abs(x - rest), track.height()))
        painter.setBrush(qcolor("text"))
        painter.drawRect(QRectF(rest - 0.75, middle - px(6), 1.5, 2 * px(6)))
        radius = px(6.5 if hot else 5.5)
        painter.setBrush(qcolor("accent"))
        painter.drawEllipse(QPointF(x, middle), radius, radius)
        painter.setBrush(qcolor("panel"))
        painter.drawEllipse(QPointF(x, middle), radius - px(2.5), radius - px(2.5))

    def _x(self, value: float) -> float:
        track = self.track()
        return track.left() + self.spec.to_travel(value) * track.width()
