"""Line icons, drawn in code in a theme colour at any zoom."""

from collections.abc import Callable
from functools import lru_cache, partial

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

from synth_app.ui.theme.theme import px, qcolor, theme_name

_SIDE = 16.0  # design box
_Draw = Callable[[QPainter], None]


def icon(name: str, token: str = "text") -> QIcon:
    """Return an icon by its name in ``_DRAW``, in the colour ``token`` of the current theme and at the current zoom."""
    return _drawn(name, token, px(_SIDE), theme_name())


@lru_cache(maxsize=64)
def _drawn(name: str, token: str, side: int, _theme: str) -> QIcon:
    ratio = 2
    pixmap = QPixmap(side * ratio, side * ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(side * ratio / _SIDE, side * ratio / _SIDE)
    pen = QPen(qcolor(token), 1.6)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    _DRAW[name](painter)
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return QIcon(pixmap)


def _lines(*lines: tuple[tuple[float, float], ...]) -> _Draw:
    def draw(painter: QPainter) -> None:
        for line in lines:
            painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in line]))

    return draw


def _record(painter: QPainter) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(qcolor("danger"))
    painter.drawEllipse(QPointF(8, 8), 5, 5)


def _stop(painter: QPainter) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(qcolor("danger"))
    painter.drawRoundedRect(QRectF(3.5, 3.5, 9, 9), 1.5, 1.5)


def _settings(painter: QPainter) -> None:
    for y, x in ((4.0, 10.5), (8.0, 5.5), (12.0, 9.5)):
        painter.drawLine(QPointF(2, y), QPointF(14, y))
        painter.setBrush(painter.pen().color())
        painter.drawEllipse(QPointF(x, y), 1.6, 1.6)


def _camera(painter: QPainter) -> None:
    painter.drawRoundedRect(QRectF(1.8, 4.5, 12.4, 8.8), 1.5, 1.5)
    painter.drawLine(QPointF(5.5, 4.3), QPointF(6.5, 2.8))
    painter.drawLine(QPointF(6.5, 2.8), QPointF(9.5, 2.8))
    painter.drawLine(QPointF(9.5, 2.8), QPointF(10.5, 4.3))
    painter.drawEllipse(QPointF(8, 8.8), 2.4, 2.4)


def _grip(painter: QPainter) -> None:
    painter.setBrush(painter.pen().color())
    for x in (6.0, 10.0):
        for y in (4.0, 8.0, 12.0):
            painter.drawEllipse(QPointF(x, y), 0.7, 0.7)


def _randomize(painter: QPainter) -> None:
    painter.drawRoundedRect(QRectF(2.5, 2.5, 11, 11), 2.5, 2.5)
    painter.setBrush(painter.pen().color())
    for x, y in ((5.5, 5.5), (10.5, 5.5), (8.0, 8.0), (5.5, 10.5), (10.5, 10.5)):
        painter.drawEllipse(QPointF(x, y), 0.6, 0.6)


def _lock(painter: QPainter, *, closed: bool) -> None:
    painter.drawRoundedRect(QRectF(3.5, 7.5, 9, 6.5), 1.5, 1.5)
    left = 5.5 if closed else 2.5
    painter.drawArc(QRectF(left, 2, 5, 8), 0, 180 * 16)
    if closed:
        painter.drawLine(QPointF(5.5, 6), QPointF(5.5, 7.5))
    painter.drawLine(QPointF(left + 5, 6), QPointF(left + 5, 7.5))


def _heart(*, full: bool) -> _Draw:
    def draw(painter: QPainter) -> None:
        path = QPainterPath(QPointF(8, 13.2))
        path.cubicTo(1.2, 8.8, 1.6, 3.2, 4.9, 3.2)
        path.cubicTo(6.6, 3.2, 7.5, 4.2, 8, 5.2)
        path.cubicTo(8.5, 4.2, 9.4, 3.2, 11.1, 3.2)
        path.cubicTo(14.4, 3.2, 14.8, 8.8, 8, 13.2)
        if full:
            painter.setBrush(painter.pen().color())
        painter.drawPath(path)

    return draw


_DRAW: dict[str, _Draw] = {
    "heart": _heart(full=False),
    "heart_full": _heart(full=True),
    "randomize": _randomize,
    "grip": _grip,
    "save": _lines(
        ((2.8, 2.8), (10.6, 2.8), (13.2, 5.4), (13.2, 13.2), (2.8, 13.2), (2.8, 2.8)),
        ((5.4, 13), (5.4, 8.6), (10.6, 8.6), (10.6, 13)),
        ((5.4, 3), (5.4, 5.4), (9.6, 5.4), (9.6, 3)),
    ),
    "previous": _lines(((10, 3.5), (5.5, 8), (10, 12.5))),
    "next": _lines(((6, 3.5), (10.5, 8), (6, 12.5))),
    "down": _lines(((4, 6.5), (8, 10.5), (12, 6.5))),
    "swap": _lines(
        ((2.5, 5.5), (13, 5.5)),
        ((10.5, 3), (13, 5.5), (10.5, 8)),
        ((13.5, 10.5), (3, 10.5)),
        ((5.5, 8), (3, 10.5), (5.5, 13)),
    ),
    "locked": partial(_lock, closed=True),
    "unlocked": partial(_lock, closed=False),
    "camera": _camera,
    "freeze": _lines(((5.5, 3.5), (5.5, 12.5)), ((10.5, 3.5), (10.5, 12.5))),
    "pop": _lines(
        ((6.5, 3.5), (3, 3.5), (3, 13), (12.5, 13), (12.5, 9.5)),
        ((9, 2.5), (13.5, 2.5), (13.5, 7)),
        ((13.2, 2.8), (7.5, 8.5)),
    ),
    "record": _record,
    "stop": _stop,
    "export": _lines(
        ((8, 2), (8, 9.5)), ((4.8, 6.5), (8, 9.7), (11.2, 6.5)), ((2.5, 11), (2.5, 13.5), (13.5, 13.5), (13.5, 11))
    ),
    "plus": _lines(((8, 3.5), (8, 12.5)), ((3.5, 8), (12.5, 8))),
    "close": _lines(((5, 5), (11, 11)), ((11, 5), (5, 11))),
    "panic": _lines(((4, 4), (12, 12)), ((12, 4), (4, 12))),
    "settings": _settings,
    "menu": _lines(((2.5, 4.5), (13.5, 4.5)), ((2.5, 8), (13.5, 8)), ((2.5, 11.5), (13.5, 11.5))),
}
