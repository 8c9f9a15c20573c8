"""Line icons from the SVG files in ``assets/icons``, in a theme colour at any zoom."""

from functools import cache, lru_cache

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from synth_app.support.resources import resource_folder
from synth_app.ui.theme.theme import px, qcolor, theme_name

_SIDE = 16.0  # design box
_PIXEL_RATIO = 2
_OWN_COLORS = {"record": "danger", "stop": "danger"}
_SIZES_OF_APP_ICON = (16, 24, 32, 48, 64, 128, 256)


def icon(name: str, token: str = "text") -> QIcon:
    """Return an icon in a colour of the current theme and at the current zoom.

    Args:
        name: of the file in ``assets/icons``, without suffix.
        token: of the colour; "record" and "stop" are always red.

    Raises:
        FileNotFoundError: there is no such icon.
    """
    return _drawn(name, _OWN_COLORS.get(name, token), px(_SIDE), theme_name())


def app_icon() -> QIcon:
    """Return the program's icon, for its windows, at every size that desktops show."""
    renderer = QSvgRenderer(str(resource_folder("assets") / "app-icon" / "synth-app.svg"))
    made = QIcon()
    for side in _SIZES_OF_APP_ICON:
        made.addPixmap(_rendered(renderer, side))
    return made


@lru_cache(maxsize=64)
def _drawn(name: str, token: str, side: int, _theme: str) -> QIcon:
    source = _source(name).replace("currentColor", qcolor(token).name())
    pixmap = _rendered(QSvgRenderer(source.encode()), side * _PIXEL_RATIO)
    pixmap.setDevicePixelRatio(_PIXEL_RATIO)
    return QIcon(pixmap)


@cache
def _source(name: str) -> str:
    return (resource_folder("assets") / "icons" / f"{name}.svg").read_text(encoding="utf-8")


def _rendered(renderer: QSvgRenderer, side: int) -> QPixmap:
    pixmap = QPixmap(side, side)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(0, 0, side, side))
    painter.end()
    return pixmap
