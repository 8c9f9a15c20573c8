"""The slider of a latent dimension: slider lock, name with its strength, track with the bank's histogram, value."""

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
from synth_app.ui.base.accessible_value import tell_value_changed
from synth_app.ui.drawing.cached_background import CachedBackground
from synth_app.ui.drawing.number_cache import NumberCache
from synth_app.ui.theme.icons import icon
from synth_app.ui.theme.theme import GRID, font, px, qcolor
from synth_app.ui.widgets.control import ValueControl

_LOCK, _LABEL, _NUMBER = 18, 32, 48  # widths, design px
_HISTOGRAM = 7  # half height of the bank's histogram, design px
STEPS_PER_PIXEL = 4.0  # a handle that moves by less than a quarter of a screen pixel is not painted again
_HANDLE = 16  # side of the handle's picture, design px
_STRENGTH = 30  # width of a full strength bar under a name, design px
_MIN_HEIGHT, _MAX_HEIGHT = 20, 40


class LatentSlider(ValueControl):
    """One latent dimension in a row.

    Signals:
        lock_toggled: the user requests to set or release the slider lock, which protects the dimension from
            randomizing.
        pointed: whether the mouse or the keyboard focus is on the slider.

    Args:
        spec: the dimension as a parameter.
        usual: the range of most of the data, painted on the track.
        parent: Qt's parent.
        numbers: pictures of numbers that several sliders share.
    """

    short_mark = True
    lock_toggled = Signal()
    pointed = Signal(bool)

    def __init__(
        self,
        spec: ParamSpec,
        usual: tuple[float, float],
        parent: QWidget | None = None,
        numbers: NumberCache | None = None,
    ) -> None:
        self.locked, self.lockable = False, True
        self._lock_words = ("Unlock slider", "Lock slider", "locked")
        super().__init__(spec, parent)
        self._usual = usual
        self._numbers = numbers or NumberCache()
        self._histogram: NDArray[np.float64] = np.zeros(0)
        self._strength: float | None = None
        self._background = CachedBackground(self, behind="panel")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._handle = CachedBackground(self, QSize(px(_HANDLE), px(_HANDLE)))
        self._label_width = px(_LABEL)
        self._track_key, self._track = (0, 0, 0), QRectF()  # the last track, and label width and size that it is for
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(px(_MIN_HEIGHT))
        self.setMaximumHeight(px(_MAX_HEIGHT))
        self.setCursor(Qt.CursorShape.SizeHorCursor)

    def sizeHint(self) -> QSize:
        """Prefer a compact row."""
        return QSize(px(300), px(_MIN_HEIGHT + 2))

    def set_label_width(self, width: int) -> None:
        """Set the width of the name, which is the same for all sliders of a column."""
        self._label_width = width
        self.update()

    def set_histogram(self, counts: NDArray[np.float64]) -> None:
        """Show how many of the bank's notes have which value: counts [bins] over the whole track."""
        peak = float(counts.max()) if len(counts) else 0.0
        self._histogram = counts / peak if peak > 0 else np.zeros(0)
        self._background.invalidate()

    def set_strength(self, r: float | None) -> None:
        """Show |r| of the trait that names the dimension as a bar under the name; None shows no bar."""
        self._strength = r
        self.update()

    def set_locked(self, locked: bool) -> None:
        """Show a closed or an open slider lock; emits nothing."""
        if locked != self.locked:
            self.locked = locked
            self._describe()
            self.update()

    def call_lock(self, word: str) -> None:
        """Name the lock for the user, such as "pin"."""
        self._lock_words = (f"Release {word}", word.capitalize(), f"{word}ned")

    def lock_rect(self) -> QRect:
        """Return the slider lock's rectangle in own coordinates; empty if the slider has no lock."""
        return QRect(0, 0, px(_LOCK) if self.lockable else 0, self.height())

    def menu(self) -> QMenu:
        """Return the menu of actions on this slider."""
        menu = super().menu()
        if self.lockable:
            words = self._lock_words[0] if self.locked else self._lock_words[1]
            menu.addAction(words).triggered.connect(self.lock_toggled.emit)
        return menu

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Toggle the slider lock, or start a drag beside it."""
        if event.button() == Qt.MouseButton.LeftButton and self.lock_rect().contains(event.position().toPoint()):
            self.lock_toggled.emit()
        else:
            super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Reset to the reset value; on the lock, a double-click is two clicks."""
        if self.lock_rect().contains(event.position().toPoint()):
            self.mousePressEvent(event)
        else:
            super().mouseDoubleClickEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space toggles the slider lock; other keys work as on every control."""
        if event.key() == Qt.Key.Key_Space and self.lockable:
            self.lock_toggled.emit()
        else:
            super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Emit that the mouse is on the slider."""
        super().enterEvent(event)
        self.pointed.emit(True)

    def leaveEvent(self, event: QEvent) -> None:
        """Emit that the mouse has left."""
        super().leaveEvent(event)
        self.pointed.emit(False)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Emit that the keyboard focus is on the slider."""
        super().focusInEvent(event)
        if self.focus_visible:
            self.pointed.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Emit that the focus has left."""
        super().focusOutEvent(event)
        self.pointed.emit(False)

    def drag_normalized(self, delta: QPointF) -> float:
        """Return the move that keeps the handle under the mouse."""
        return delta.x() / self.track().width()

    def appearance(self) -> Hashable:
        """Return the number, and the positions of handle and reset value to a quarter of a screen pixel.

        Most moves of the morph fader change sixteen sliders by less than that.
        """
        steps = STEPS_PER_PIXEL * self.devicePixelRatioF() * self.track_length_px()
        to_normalized = self.spec.to_normalized
        return self.text(), round(steps * to_normalized(self._value)), round(steps * to_normalized(self._reset_value))

    def track_length_px(self) -> float:
        """Return about how many pixels the handle can move."""
        return self.width() - self._label_width

    def track(self) -> QRectF:
        """Return the track's rectangle in own coordinates."""
        left, width, height = key = self._label_width, self.width(), self.height()
        if key != self._track_key:
            self._track_key = key
            self._track = QRectF(left, (height - px(4)) / 2, width - left - px(_NUMBER + GRID), px(4))
        return self._track

    def entry_rect(self) -> QRect:
        """Return the rectangle of the number."""
        return QRect(self.width() - px(_NUMBER), 0, px(_NUMBER), self.height())

    def mark_position(self) -> QPoint:
        """Return a position between track and number."""
        return QPoint(round(self.track().right()) + px(17), (self.height() - px(14)) // 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the row. Sixteen rows follow one fader, so the unchanging parts are cached pictures."""
        painter = QPainter(self)
        track, active, on = self.track(), self.is_active(), self.isEnabled()
        look = (active, on, self.spec.label, self._label_width, self._strength, self._usual)
        self._background.paint(painter, look, lambda inner: self._paint_background(inner, track, active=active, on=on))
        self._paint_number(painter, active=active, on=on)
        if on:
            self._paint_modulated(painter, track)
            self._paint_fill(painter, track, active=active)
        if self.focus_visible or self.drop_marked:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self.paint_focus(painter, QRectF(self.rect()), px(4))

    def _paint_background(self, painter: QPainter, track: QRectF, *, active: bool, on: bool) -> None:
        """Paint everything that does not change with the value."""
        self._paint_name(painter, active=active, on=on)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(qcolor("track"))
        painter.drawRoundedRect(track.adjusted(0, -1, 0, 1), px(3), px(3))
        usual_left, usual_right = (self._x(value, track) for value in self._usual)
        self._paint_histogram(painter, track)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(qcolor("band"))
        painter.drawRoundedRect(QRectF(usual_left, track.top(), usual_right - usual_left, track.height()), 2, 2)

    def _paint_name(self, painter: QPainter, *, active: bool, on: bool) -> None:
        painter.setFont(font("body"))
        painter.setPen(qcolor("text" if active else "muted" if on else "disabled"))
        label = QRect(px(_LOCK + 1), 0, self._label_width - px(_LOCK + 5), self.height())
        name = painter.fontMetrics().elidedText(self.spec.label, Qt.TextElideMode.ElideRight, label.width())
        painter.drawText(label, Qt.AlignmentFlag.AlignVCenter, name)
        if self._strength is not None:
            line = QRectF(label.left(), label.center().y() + px(8), px(_STRENGTH), px(2))
            painter.fillRect(line, qcolor("track"))
            line.setWidth(line.width() * abs(self._strength))
            painter.fillRect(line, qcolor("accent" if active else "border"))

    def _paint_number(self, painter: QPainter, *, active: bool, on: bool) -> None:
        """Paint the value, and the lock if it is closed or the slider is hovered or focused."""
        if self.lockable and (self.locked or active or self.focus_visible):
            side = px(12)
            at = QRect(px(3), (self.height() - side) // 2, side, side)
            icon("locked" if self.locked else "unlocked", "accent" if self.locked else "muted").paint(painter, at)
        self._numbers.paint(painter, self.entry_rect(), px(6), self.text(), "text" if on else "disabled")

    def _paint_histogram(self, painter: QPainter, track: QRectF) -> None:
        """Paint the histogram, mirrored at the track."""
        n = len(self._histogram)
        if not n:
            return
        x = track.left() + (np.arange(n) + 0.5) / n * track.width()
        tall, middle = self._histogram * px(_HISTOGRAM), track.center().y()
        edge = [QPointF(track.left(), middle)]
        edge += [QPointF(float(at), middle - float(up)) for at, up in zip(x, tall, strict=True)]
        edge.append(QPointF(track.right(), middle))
        edge += [QPointF(float(at), middle + float(up)) for at, up in zip(x[::-1], tall[::-1], strict=True)]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(qcolor("band", 130))
        painter.drawPolygon(QPolygonF(edge))

    def _describe(self) -> None:
        modulated = ", modulated" if self.modulation_range else ""
        self.setAccessibleDescription(self.text() + (f", {self._lock_words[2]}" if self.locked else "") + modulated)
        tell_value_changed(self, self.value)

    def _paint_fill(self, painter: QPainter, track: QRectF, *, active: bool) -> None:
        top, height = track.top(), track.height()
        x, reset_value = self._x(self._value, track), self._x(self._reset_value, track)
        middle, half = top + height / 2, px(_HANDLE) / 2
        painter.fillRect(QRectF(min(x, reset_value), top, abs(x - reset_value), height), qcolor("accent"))
        painter.fillRect(QRectF(reset_value - 0.75, middle - px(6), 1.5, 2 * px(6)), qcolor("text"))
        self._handle.paint(
            painter,
            active,
            partial(_paint_handle, active=active, half=half),
            QPointF(x - half, middle - half),
        )

    def _paint_modulated(self, painter: QPainter, track: QRectF) -> None:
        """Paint a line with ends below the track over the modulation range."""
        ends = self.normalized_modulation_range()
        if ends is None:
            return
        left, right = (track.left() + normalized * track.width() for normalized in ends)
        y = track.bottom() + px(4)
        painter.fillRect(QRectF(left, y, right - left, px(2)), qcolor("modulated"))
        for x in (left, right):
            painter.fillRect(QRectF(x - 0.75, y - px(2), 1.5, px(6)), qcolor("modulated"))

    def _x(self, value: float, track: QRectF) -> float:
        return track.left() + self.spec.to_normalized(value) * track.width()


def _paint_handle(painter: QPainter, *, active: bool, half: float) -> None:
    """Paint a ring whose centre is ``half`` px from the left and the top edge."""
    radius, middle = px(6.5 if active else 5.5), QPointF(half, half)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(qcolor("accent"))
    painter.drawEllipse(middle, radius, radius)
    painter.setBrush(qcolor("panel"))
    painter.drawEllipse(middle, radius - px(2.5), radius - px(2.5))
