"""The ground of the timbre map: brightness as light and shade, families as soft regions with their names."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QLinearGradient, QPainter, QPainterPath

from synth_app.session.pad.map_regions import REACH, SIDE, MapRegions
from synth_app.ui.theme.family_colors import family_look, family_title
from synth_app.ui.theme.theme import GRID, RADIUS, blend, font, px, qcolor, theme_name

_TINT = 0.26  # of a family's colour, where a place belongs to it wholly
_SCALE_WIDTH = 64  # design px
_DARKER, _BRIGHTER = "darker", "brighter"
ToPixel = Callable[[tuple[float, float]], QPointF]


class MapGround:
    """Paints the regions of a map. It keeps the picture until the regions or the theme change."""

    def __init__(self) -> None:
        self.regions: MapRegions | None = None
        self._picture: tuple[MapRegions, str, QImage] | None = None

    def paint(self, painter: QPainter, to_pixel: ToPixel, rect: QRectF) -> None:
        """Paint light, shade and tints over ``rect``; nothing without regions.

        Args:
            painter: of the canvas.
            to_pixel: maps a position in 0-1, y upwards, to a pixel.
            rect: of the canvas.
        """
        if self.regions is None:
            return
        painter.save()
        outline = QPainterPath()
        outline.addRoundedRect(rect, px(RADIUS), px(RADIUS))
        painter.setClipPath(outline)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        target = QRectF(to_pixel((-REACH, 1.0 + REACH)), to_pixel((1.0 + REACH, -REACH)))
        painter.drawImage(target, self._image())
        painter.restore()

    def paint_names(self, painter: QPainter, to_pixel: ToPixel, rect: QRectF) -> None:
        """Paint the names of the regions; a name that would cover a larger region's name is left out."""
        if self.regions is None:
            return
        painter.setFont(font("title"))
        metrics = QFontMetrics(font("title"))
        taken: list[QRectF] = []
        for name in self.regions.names:
            text, center = family_title(name.family), to_pixel(name.at)
            plate = QRectF(0, 0, metrics.horizontalAdvance(text) + 2 * px(GRID), metrics.height() + px(2))
            plate.moveCenter(center)
            if not rect.contains(center) or any(plate.intersects(other) for other in taken):
                continue
            plate.translate(_into(plate, rect))
            taken.append(plate)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(qcolor("well", 190))
            painter.drawRoundedRect(plate, px(4), px(4))
            painter.setPen(qcolor("text"))
            painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)

    def paint_scale(self, painter: QPainter, rect: QRectF) -> None:
        """Paint at the upper right what light and shade mean."""
        if self.regions is None:
            return
        painter.setFont(font("caption"))
        metrics = painter.fontMetrics()
        widths = [metrics.horizontalAdvance(text) + px(6) for text in (_DARKER, _BRIGHTER)]
        plate = QRectF(0, 0, sum(widths) + px(_SCALE_WIDTH) + px(6), metrics.height() + px(4))
        plate.moveTopRight(QPointF(rect.right() - px(RADIUS), rect.top() + px(RADIUS)))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(qcolor("panel", 225))
        painter.drawRoundedRect(plate, px(4), px(4))
        bar = QRectF(plate.left() + widths[0] + px(3), plate.center().y() - px(3), px(_SCALE_WIDTH), px(6))
        shade = QLinearGradient(bar.topLeft(), bar.topRight())
        for at, color in zip((0.0, 1.0), _shades(), strict=True):
            shade.setColorAt(at, color)
        painter.setPen(qcolor("border"))
        painter.setBrush(shade)
        painter.drawRoundedRect(bar, px(2), px(2))
        painter.setPen(qcolor("text"))
        left, right = plate.adjusted(px(6), 0, 0, 0), plate.adjusted(0, 0, -px(6), 0)
        painter.drawText(left, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, _DARKER)
        painter.drawText(right, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, _BRIGHTER)

    def _image(self) -> QImage:
        regions = self.regions
        assert regions is not None
        if self._picture is None or self._picture[0] is not regions or self._picture[1] != theme_name():
            self._picture = regions, theme_name(), _picture_of(regions)
        return self._picture[2]


def _picture_of(regions: MapRegions) -> QImage:
    """Return the regions as a picture of SIDE x SIDE pixels, the top row first."""
    well, dark, bright = (_rgb(color) for color in (qcolor("well"), *_shades()))
    shade = dark + regions.brightness[:, :, None] * (bright - dark)
    ground = well + regions.near[:, :, None] * (shade - well)
    for family, strength in zip(regions.families, regions.strength, strict=True):
        tint = _TINT * strength[:, :, None]
        ground += tint * (_rgb(QColor(family_look(family).color)) - ground)
    pixels = np.full((SIDE, SIDE, 4), 255, np.uint8)
    pixels[:, :, :3] = np.rint(ground[::-1]).astype(np.uint8)
    image = QImage(pixels.tobytes(), SIDE, SIDE, 4 * SIDE, QImage.Format.Format_RGBA8888)
    return image.copy()  # the bytes belong to Python


def _shades() -> tuple[QColor, QColor]:
    """Return the colours of the darkest and the brightest sounds."""
    if theme_name() == "dark":
        return qcolor("well"), blend("well", "hover", 0.9)
    return blend("well", "pressed", 0.9), qcolor("well")


def _rgb(color: QColor) -> NDArray[np.float64]:
    return np.array([color.red(), color.green(), color.blue()], np.float64)


def _into(plate: QRectF, rect: QRectF) -> QPointF:
    """Return the shift that brings a plate wholly into ``rect``."""
    room = rect.adjusted(2, 2, -2, -2)
    x = max(room.left() - plate.left(), 0.0) + min(room.right() - plate.right(), 0.0)
    y = max(room.top() - plate.top(), 0.0) + min(room.bottom() - plate.bottom(), 0.0)
    return QPointF(x, y)
