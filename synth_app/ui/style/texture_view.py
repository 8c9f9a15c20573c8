"""A picture of the texture in slot S: how its bands rise and fall."""

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from synth_app.patch import StyleTexture
from synth_app.ui.drawing.cached_background import CachedBackground
from synth_app.ui.theme.theme import RADIUS, colors, font, px, qcolor

_RANGE_DB = 12.0  # above and below the mean
_EMPTY = "Drop a sound here, or choose a texture"


class TextureView(QWidget):
    """Time from left to right, low bands below; bright is louder than the band's mean."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._texture: StyleTexture | None = None
        self._background = CachedBackground(self)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(px(120), px(48))
        self.setToolTip("The texture in slot S: bands of frequency over time. Bright is louder than the band's mean")
        self.setAccessibleName("Texture in slot S")

    def show_texture(self, texture: StyleTexture | None) -> None:
        """Show a texture; None shows what can be done."""
        if texture is not self._texture:
            self._texture = texture
            seconds = len(texture.movement()) / texture.frames_per_second if texture else 0.0
            self.setAccessibleDescription(f"{texture.name}, {seconds:.1f} s" if texture else "empty")
            self._background.invalidate()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the picture."""
        self._background.paint(QPainter(self), self.isEnabled(), self._paint)

    def _paint(self, painter: QPainter) -> None:
        rect = QRectF(self.rect())
        clip = QPainterPath()
        clip.addRoundedRect(rect, px(RADIUS), px(RADIUS))
        painter.setClipPath(clip)
        painter.fillRect(rect, qcolor("well"))
        if self._texture is None:
            painter.setPen(qcolor("muted"))
            painter.setFont(font("caption"))
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, _EMPTY)
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(rect, texture_image(self._texture))


def texture_image(texture: StyleTexture) -> QImage:
    """Return a picture in the theme's heat colours, one pixel a frame and band; bands that are not heard are dark."""
    at = np.clip(0.5 + texture.movement() / (2.0 * _RANGE_DB), 0.0, 1.0) * texture.heard()
    heat_colors = [QColor(color) for color in colors().heat]
    heat = np.array([(each.red(), each.green(), each.blue()) for each in heat_colors], np.float64)
    stops = np.linspace(0.0, 1.0, len(heat))
    rgb = np.stack([np.interp(at, stops, heat[:, i]) for i in range(3)], axis=2)
    pixels = np.ascontiguousarray(rgb.transpose(1, 0, 2)[::-1].round().astype(np.uint8))
    image = QImage(pixels.data, pixels.shape[1], pixels.shape[0], 3 * pixels.shape[1], QImage.Format.Format_RGB888)
    return image.copy()  # the array goes out of scope
