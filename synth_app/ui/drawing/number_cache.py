"""Numbers drawn once and cached as pictures, because sixteen sliders that one fader moves show the same ones."""

from functools import lru_cache

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPixmap

from synth_app.ui.drawing.cached_background import picture_of
from synth_app.ui.theme.theme import font, qcolor, theme_name, zoom

_MAX_PICTURES = 800  # of 4 KiB each: hundredths from -4 to 4
_ALIGNMENT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight


class NumberCache:
    """The pictures that a group of controls uses; the least recently used ones are dropped."""

    def __init__(self) -> None:
        self._picture = lru_cache(maxsize=_MAX_PICTURES)(_make_picture)

    def paint(self, painter: QPainter, box: QRect, margin: int, text: str, token: str) -> None:
        """Paint right-aligned text and fill the rest of its box with the panel's colour.

        Args:
            painter: of a widget on a panel.
            box: the rectangle to fill.
            margin: px between the text and the right edge of the box.
            text: the number.
            token: colour token of the text.
        """
        ratio = painter.device().devicePixelRatioF()
        if ratio % 1.0:  # the box does not begin on a whole device pixel
            _draw(painter, box.adjusted(0, 0, -margin, 0), text, token)
        else:
            look = theme_name(), zoom()
            painter.drawPixmap(box.topLeft(), self._picture(text, token, box.size().toTuple(), margin, ratio, look))


def _make_picture(
    text: str, token: str, size: tuple[int, int], margin: int, ratio: float, look: tuple[str, float]
) -> QPixmap:
    """Draw a number; ``look`` is the theme and the zoom, which only distinguish pictures in the cache."""
    picture = picture_of(QSize(*size), ratio, "panel")
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _draw(painter, QRect(0, 0, size[0] - margin, size[1]), text, token)
    painter.end()
    return picture


def _draw(painter: QPainter, box: QRect, text: str, token: str) -> None:
    painter.setFont(font("body"))
    painter.setPen(qcolor(token))
    painter.drawText(box, _ALIGNMENT, text)
