"""Numbers on a panel, drawn once and kept as pictures: sixteen sliders that move with one fader show the same ones."""

from functools import lru_cache

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPixmap

from synth_app.ui.drawing.cached_background import picture_of
from synth_app.ui.theme.theme import font, qcolor, theme_name, zoom

_KEPT = 800  # of 4 KiB each: hundredths from -4 to 4
_PLACE = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight


def paint_number(painter: QPainter, box: QRect, margin: int, text: str, token: str) -> None:
    """Put ``text`` down at the right of ``box``, ``margin`` from its edge, and the panel's colour all over the box."""
    ratio = painter.device().devicePixelRatioF()
    if ratio % 1.0:  # a box does not begin on a whole pixel there
        _draw(painter, box.adjusted(0, 0, -margin, 0), text, token)
    else:
        look = theme_name(), zoom()
        painter.drawPixmap(box.topLeft(), _picture(text, token, box.width(), box.height(), margin, ratio, look))


@lru_cache(maxsize=_KEPT)
def _picture(
    text: str, token: str, width: int, height: int, margin: int, ratio: float, look: tuple[str, float]
) -> QPixmap:
    """The box; ``look`` is the theme and the zoom that it is drawn in."""
    picture = picture_of(QSize(width, height), ratio, "panel")
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _draw(painter, QRect(0, 0, width - margin, height), text, token)
    painter.end()
    return picture


def _draw(painter: QPainter, box: QRect, text: str, token: str) -> None:
    painter.setFont(font("body"))
    painter.setPen(qcolor(token))
    painter.drawText(box, _PLACE, text)
