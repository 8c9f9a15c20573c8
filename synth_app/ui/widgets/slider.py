"""The latent slider: lock, name and how far to trust it, track with the bank's own spread, value."""

from collections.abc import Hashable
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QEnterEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPolygonF,
)
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from synth_app.params import ParamSpec
from synth_app.ui.drawing.cached_background import CachedBackground
from synth_app.ui.drawing.number_cache import paint_number
from synth_app.ui.theme.icons import icon
from synth_app.ui.theme.theme import GRID, font, px, qcolor
from synth_app.ui.widgets.control import ValueControl

_LOCK, _LABEL, _NUMBER = 18, 32, 48  # widths
_SPREAD = 7  # half height of the bank's histogram
QUARTERS = 4.0  # of one of the screen's pixels: a handle that moves by less stays where it is
_HANDLE = 16  # side of the picture of the handle
_STRENGTH = 30  # width of a full strength bar under a name
_MIN_HEIGHT, _MAX_HEIGHT = 20, 40


class LatentSlider(ValueControl):
    """One latent dimension in a row; ``usual`` is the range of most of the data, drawn on the track.

    ``lock_toggled`` is the user's wish; ``pointed`` tells that the mouse or the keyboard came or went.
    """

    short_mark = True
    lock_toggled = Signal()
    pointed = Signal(bool)

    def __init__(self, spec: ParamSpec, usual: tuple[float, float], parent: QWidget | None = None) -> None:
        self.locked, self.lockable = False, True
        super().__init__(spec, parent)
        self._usual = usual
        self._spread: NDArray[np.float64] = np.zeros(0)
        self._strength: float | None = None
        self._ground = CachedBackground(self, behind="panel")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._handle = CachedBackground(self, QSize(px(_HANDLE), px(_HANDLE)))
        self._label_width = px(_LABEL)
        self._room, self._track = (0, 0, 0), QRectF()  # the track last asked for, and in what room
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(px(_MIN_HEIGHT))
        self.setMaximumHeight(px(_MAX_HEIGHT))
        self.setCursor(Qt.CursorShape.SizeHorCursor)

    def sizeHint(self) -> QSize:
        """A compact row."""
        return QSize(px(300), px(_MIN_HEIGHT + 2))

    def set_label_width(self, width: int) -> None:
        """Room for the name, the same for all sliders of a column."""
        self._label_width = width
        self.update()

    def set_spread(self, counts: NDArray[np.float64]) -> None:
        """How many of the bank's notes lie where: a histogram over the whole track."""
        peak = float(counts.max()) if len(counts) else 0.0
        self._spread = counts / peak if peak > 0 else np.zeros(0)
        self._ground.forget()

    def set_strength(self, r: float | None) -> None:
        """How closely the dimension follows what it is called after: |r| as a bar under the name; None shows none."""
        self._strength = r
        self.update()

    def set_locked(self, locked: bool) -> None:
        """Show the lock closed or open; emits nothing."""
        if locked != self.locked:
            self.locked = locked
            self._describe()
            self.update()

    def lock_rect(self) -> QRect:
        """The lock, in own coordinates; empty where there is none."""
        return QRect(0, 0, px(_LOCK) if self.lockable else 0, self.height())

    def menu(self) -> QMenu:
        """Actions on this slider."""
        menu = super().menu()
        if self.lockable:
            menu.addAction("Unlock" if self.locked else "Lock").triggered.connect(self.lock_toggled.emit)
        return menu

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """On the lock toggle it; elsewhere take hold."""
        if event.button() == Qt.MouseButton.LeftButton and self.lock_rect().contains(event.position().toPoint()):
            self.lock_toggled.emit()
        else:
            super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Reset; two clicks on the lock are two clicks."""
        if self.lock_rect().contains(event.position().toPoint()):
            self.mousePressEvent(event)
        else:
            super().mouseDoubleClickEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space locks; the rest as every control."""
        if event.key() == Qt.Key.Key_Space and self.lockable:
            self.lock_toggled.emit()
        else:
            super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        """The mouse came."""
        super().enterEvent(event)
        self.pointed.emit(True)

    def leaveEvent(self, event: QEvent) -> None:
        """The mouse went."""
        super().leaveEvent(event)
        self.pointed.emit(False)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The keyboard came."""
        super().focusInEvent(event)
        if self.focus_visible:
            self.pointed.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The keyboard went."""
        super().focusOutEvent(event)
        self.pointed.emit(False)

    def drag_normalized(self, delta: QPointF) -> float:
        """The handle stays under the mouse."""
        return delta.x() / self.track().width()

    def looks(self) -> Hashable:
        """The number, and the places of handle and rest to a quarter of the screen's pixels: most moves of the fader
        that sixteen of them follow change less."""
        quarters = QUARTERS * self.devicePixelRatioF() * self.way()
        to_normalized = self.spec.to_normalized
        return self.text(), round(quarters * to_normalized(self._value)), round(quarters * to_normalized(self._rest))

    def way(self) -> float:
        """About how many pixels the handle can move by."""
        return self.width() - self._label_width

    def track(self) -> QRectF:
        """The track, in own coordinates."""
        left, width, height = room = self._label_width, self.width(), self.height()
        if room != self._room:
            self._room = room
            self._track = QRectF(left, (height - px(4)) / 2, width - left - px(_NUMBER + GRID), px(4))
        return self._track

    def entry_rect(self) -> QRect:
        """Over the number."""
        return QRect(self.width() - px(_NUMBER), 0, px(_NUMBER), self.height())

    def mark_place(self) -> QPoint:
        """Between track and number."""
        return QPoint(round(self.track().right()) + px(17), (self.height() - px(14)) // 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the row; sixteen of them follow one fader, so whatever can stay is a picture."""
        painter = QPainter(self)
        track, hot, on = self.track(), self.hot(), self.isEnabled()
        look = (hot, on, self.spec.label, self._label_width, self._strength, self._usual)
        self._ground.paint(painter, look, lambda inner: self._paint_ground(inner, track, hot=hot, on=on))
        self._paint_number(painter, hot=hot, on=on)
        if on:
            self._paint_modulated(painter, track)
            self._paint_fill(painter, track, hot=hot)
        if self.focus_visible:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self.paint_focus(painter, QRectF(self.rect()), px(4))

    def _paint_ground(self, painter: QPainter, track: QRectF, *, hot: bool, on: bool) -> None:
        """All that stays while the value moves."""
        self._paint_name(painter, hot=hot, on=on)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(qcolor("track"))
        painter.drawRoundedRect(track.adjusted(0, -1, 0, 1), px(3), px(3))
        usual_left, usual_right = (self._x(value, track) for value in self._usual)
        self._paint_spread(painter, track)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(qcolor("band"))
        painter.drawRoundedRect(QRectF(usual_left, track.top(), usual_right - usual_left, track.height()), 2, 2)

    def _paint_name(self, painter: QPainter, *, hot: bool, on: bool) -> None:
        painter.setFont(font("body"))
        painter.setPen(qcolor("text" if hot else "muted" if on else "disabled"))
        label = QRect(px(_LOCK + 1), 0, self._label_width - px(_LOCK + 5), self.height())
        name = painter.fontMetrics().elidedText(self.spec.label, Qt.TextElideMode.ElideRight, label.width())
        painter.drawText(label, Qt.AlignmentFlag.AlignVCenter, name)
        if self._strength is not None:
            line = QRectF(label.left(), label.center().y() + px(8), px(_STRENGTH), px(2))
            painter.fillRect(line, qcolor("track"))
            line.setWidth(line.width() * abs(self._strength))
            painter.fillRect(line, qcolor("accent" if hot else "border"))

    def _paint_number(self, painter: QPainter, *, hot: bool, on: bool) -> None:
        """The value, and the lock where it should be seen."""
        if self.lockable and (self.locked or hot or self.focus_visible):
            side = px(12)
            at = QRect(px(3), (self.height() - side) // 2, side, side)
            icon("locked" if self.locked else "unlocked", "accent" if self.locked else "muted").paint(painter, at)
        paint_number(painter, self.entry_rect(), px(6), self.text(), "text" if on else "disabled")

    def _paint_spread(self, painter: QPainter, track: QRectF) -> None:
        """The histogram, mirrored at the track."""
        n = len(self._spread)
        if not n:
            return
        x = track.left() + (np.arange(n) + 0.5) / n * track.width()
        tall, middle = self._spread * px(_SPREAD), track.center().y()
        edge = [QPointF(track.left(), middle)]
        edge += [QPointF(float(at), middle - float(up)) for at, up in zip(x, tall, strict=True)]
        edge.append(QPointF(track.right(), middle))
        edge += [QPointF(float(at), middle + float(up)) for at, up in zip(x[::-1], tall[::-1], strict=True)]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(qcolor("band", 130))
        painter.drawPolygon(QPolygonF(edge))

    def _describe(self) -> None:
        moved = ", modulated" if self.modulated else ""
        self.setAccessibleDescription(self.text() + (", locked" if self.locked else "") + moved)

    def _paint_fill(self, painter: QPainter, track: QRectF, *, hot: bool) -> None:
        top, height = track.top(), track.height()
        x, rest, middle, half = (
            self._x(self._value, track),
            self._x(self._rest, track),
            top + height / 2,
            px(_HANDLE) / 2,
        )
        painter.fillRect(QRectF(min(x, rest), top, abs(x - rest), height), qcolor("accent"))
        painter.fillRect(QRectF(rest - 0.75, middle - px(6), 1.5, 2 * px(6)), qcolor("text"))
        self._handle.paint(painter, hot, partial(_paint_handle, hot=hot, half=half), QPointF(x - half, middle - half))

    def _paint_modulated(self, painter: QPainter, track: QRectF) -> None:
        """A line below the track over all that modulation reaches, with ends."""
        ends = self.modulated_normalized()
        if ends is None:
            return
        left, right = (track.left() + normalized * track.width() for normalized in ends)
        y = track.bottom() + px(4)
        painter.fillRect(QRectF(left, y, right - left, px(2)), qcolor("modulated"))
        for x in (left, right):
            painter.fillRect(QRectF(x - 0.75, y - px(2), 1.5, px(6)), qcolor("modulated"))

    def _x(self, value: float, track: QRectF) -> float:
        return track.left() + self.spec.to_normalized(value) * track.width()


def _paint_handle(painter: QPainter, *, hot: bool, half: float) -> None:
    """A ring around a point ``half`` from the corner."""
    radius, middle = px(6.5 if hot else 5.5), QPointF(half, half)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(qcolor("accent"))
    painter.drawEllipse(middle, radius, radius)
    painter.setBrush(qcolor("panel"))
    painter.drawEllipse(middle, radius - px(2.5), radius - px(2.5))
