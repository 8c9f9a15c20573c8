"""A cached picture of the part of a control that does not change with its value."""

import math
from collections.abc import Callable, Hashable

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from synth_app.ui.theme.theme import qcolor, theme_name

_TOP_LEFT = QPointF(0.0, 0.0)


class CachedBackground:
    """A picture of a widget or of a part of it, at the screen's resolution; drawn again when its look changes.

    Args:
        widget: the widget that is painted.
        size: of the part; None for the whole widget.
        behind: colour token of the surface below; "" for a transparent picture.
    """

    def __init__(self, widget: QWidget, size: QSize | None = None, behind: str = "") -> None:
        self._widget, self._size, self._behind = widget, size, behind
        self._extent = size.toTuple() if size else None
        self._picture = QPixmap()
        self._key: Hashable = None

    def invalidate(self) -> None:
        """Draw the picture again, after a change that ``look`` does not contain."""
        self._key = None
        self._widget.update()

    def paint(
        self, painter: QPainter, look: Hashable, draw: Callable[[QPainter], None], at: QPointF = _TOP_LEFT
    ) -> None:
        """Paint the picture; call ``draw`` for it only if size, theme or ``look`` have changed."""
        widget, ratio = self._widget, self._widget.devicePixelRatioF()
        key = (self._extent or (widget.width(), widget.height()), ratio, theme_name(), look)
        if key != self._key:
            self._picture = picture_of(self._size or widget.size(), ratio, self._behind)
            inner = QPainter(self._picture)
            inner.setRenderHint(QPainter.RenderHint.Antialiasing)
            draw(inner)
            inner.end()
            self._key = key
        painter.drawPixmap(at, self._picture)


def picture_of(size: QSize, ratio: float, behind: str) -> QPixmap:
    """Return an empty picture that covers every pixel of a widget of ``size``, also partly covered ones.

    Args:
        size: in the widget's coordinates.
        ratio: device pixels per pixel of these coordinates.
        behind: colour token that fills the picture; "" for transparent.
    """
    picture = QPixmap(math.ceil(size.width() * ratio), math.ceil(size.height() * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(qcolor(behind) if behind else Qt.GlobalColor.transparent)
    return picture
