"""The part of a small control that stays while its value moves, drawn once and kept as a picture."""

from collections.abc import Callable, Hashable

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from synth_app.ui.theme import theme_name


class Ground:
    """A widget's picture at the screen's own resolution, drawn anew when its size, the theme or its look changes."""

    def __init__(self, widget: QWidget) -> None:
        self._widget = widget
        self._picture = QPixmap()
        self._key: Hashable = None

    def forget(self) -> None:
        """Something that no ``look`` tells has changed."""
        self._key = None
        self._widget.update()

    def paint(self, painter: QPainter, look: Hashable, draw: Callable[[QPainter], None]) -> None:
        """Put the picture down; ``draw`` makes it, and is called only if ``look`` is another one than before."""
        ratio = self._widget.devicePixelRatioF()
        key = (self._widget.size().toTuple(), ratio, theme_name(), look)
        if key != self._key:
            self._picture = QPixmap(self._widget.size() * ratio)
            self._picture.setDevicePixelRatio(ratio)
            self._picture.fill(Qt.GlobalColor.transparent)
            inner = QPainter(self._picture)
            inner.setRenderHint(QPainter.RenderHint.Antialiasing)
            draw(inner)
            inner.end()
            self._key = key
        painter.drawPixmap(0, 0, self._picture)
