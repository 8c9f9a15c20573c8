"""The ground of the timbre map: brightness as light and shade, families as soft regions with their names."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QLinearGradient, QPainter, QPainterPath

from synth_app.session.pad.map_regions import REACH, SIDE, MapRegions, RegionName
from synth_app.ui.pad.map.names import NameToPlace, PlacedName, place_names
from synth_app.ui.theme.family_colors import family_look, family_names
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
        """Paint the names of the regions beside each other; the smallest regions have none if there is no room."""
        painter.setFont(font("title"))
        for placed in self.place_names(to_pixel, rect):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(qcolor("well", 190))
            painter.drawRoundedRect(placed.plate, px(4), px(4))
            painter.setPen(qcolor("text"))
            painter.drawText(placed.plate, Qt.AlignmentFlag.AlignCenter, placed.text)

    def place_names(self, to_pixel: ToPixel, rect: QRectF) -> tuple[PlacedName, ...]:
        """Return where the names are on a canvas, the largest region first. See ``paint``."""
        regions = self.regions
        if regions is None:
            return ()
        metrics = QFontMetrics(font("title"))
        origin, corner = to_pixel((0.0, 0.0)), to_pixel((1.0, 1.0))
        across, up = corner.x() - origin.x(), corner.y() - origin.y()

        def size_of(text: str) -> QSizeF:
            return QSizeF(metrics.horizontalAdvance(text) + 2 * px(GRID), metrics.height() + px(2))

        def name_of(name: RegionName) -> NameToPlace:
            def at_home(at: QPointF) -> bool:
                return regions.belongs((at.x() - origin.x()) / across, (at.y() - origin.y()) / up, name.family)

            return NameToPlace(family_names(name.family), to_pixel(name.at), at_home)

        names = [name_of(name) for name in regions.names]
        return place_names(names, size_of, rect.adjusted(2, 2, -2, -2), (self._scale_plate(rect),))

    def paint_scale(self, painter: QPainter, rect: QRectF) -> None:
        """Paint at the upper right what light and shade mean."""
        if self.regions is None:
            return
        plate = self._scale_plate(rect)
        painter.setFont(font("caption"))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(qcolor("panel", 225))
        painter.drawRoundedRect(plate, px(4), px(4))
        bar = QRectF(
            plate.left() + _caption_width(_DARKER) + px(3), plate.center().y() - px(3), px(_SCALE_WIDTH), px(6)
        )
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

    def _scale_plate(self, rect: QRectF) -> QRectF:
        width = _caption_width(_DARKER) + px(_SCALE_WIDTH) + _caption_width(_BRIGHTER) + px(6)
        plate = QRectF(0, 0, width, QFontMetrics(font("caption")).height() + px(4))
        plate.moveTopRight(QPointF(rect.right() - px(RADIUS), rect.top() + px(RADIUS)))
        return plate

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


def _caption_width(text: str) -> float:
    return QFontMetrics(font("caption")).horizontalAdvance(text) + px(6)
