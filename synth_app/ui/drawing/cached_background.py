"""The part of a small control that stays while its value moves, drawn once and kept as a picture."""

import math
from collections.abc import Callable, Hashable

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from synth_app.ui.theme.theme import qcolor, theme_name

_CORNER = QPointF(0.0, 0.0)


class CachedBackground:
    """A picture of a widget, or of a part of it, at the screen's own resolution; drawn anew when its look changes.

    Args:
        widget: whose picture.
        size: of the part; None: as large as the widget is.
        behind: token of the colour of what it stands on; "" for a picture with nothing behind it.
    """

    def __init__(self, widget: QWidget, size: QSize | None = None, behind: str = "") -> None:
        self._widget, self._size, self._behind = widget, size, behind
        self._extent = size.toTuple() if size else None
        self._picture = QPixmap()
        self._key: Hashable = None

    def forget(self) -> None:
        """Something that no ``look`` tells has changed."""
        self._key = None
        self._widget.update()

    def paint(self, painter: QPainter, look: Hashable, draw: Callable[[QPainter], None], at: QPointF = _CORNER) -> None:
        """Put the picture down; ``draw`` makes it, and is called only if size, theme or ``look`` are other ones."""
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
    """An empty picture that covers every pixel of a widget of ``size``, those too that are in it by a part only.

    Args:
        size: in the widget's coordinates.
        ratio: of the screen's pixels to these.
        behind: token of the colour that fills it; "" for nothing.
    """
    picture = QPixmap(math.ceil(size.width() * ratio), math.ceil(size.height() * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(qcolor(behind) if behind else Qt.GlobalColor.transparent)
    return picture
