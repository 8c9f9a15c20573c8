"""One small spectrogram with a title, as a training reports it."""

import numpy as np
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from synth_app.session.trainings.messages import Picture
from synth_app.ui.analyzers.spectrogram_view import color_table
from synth_app.ui.theme.theme import font, px, qcolor


class SpectrogramStrip(QWidget):
    """Paints a title and below it a picture, stretched over the whole width.

    Args:
        title: of the picture.
    """

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title
        self._image: QImage | None = None
        self._colors = color_table()
        self.setAccessibleName(title)
        self.setAccessibleDescription("Spectrogram of one note: low frequencies at the bottom, time to the right")
        self.setMinimumSize(px(140), px(56))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        """Prefer a low strip."""
        return QSize(px(220), px(90))

    def show_picture(self, picture: Picture | None) -> None:
        """Show a picture [bands, columns]; None shows an empty area."""
        self._image = None if picture is None else _image(picture, self._colors)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint title and picture."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setFont(font("caption"))
        painter.setPen(qcolor("muted"))
        head = px(18)
        painter.drawText(QRect(0, 0, self.width(), head), Qt.AlignmentFlag.AlignVCenter, self._title)
        area = QRect(0, head, self.width(), self.height() - head)
        painter.fillRect(area, qcolor("well"))
        if self._image is not None:
            painter.drawImage(area, self._image)


def _image(picture: Picture, table: "np.ndarray[tuple[int, int], np.dtype[np.uint8]]") -> QImage:
    rgb = np.ascontiguousarray(table[picture[::-1]])
    height, width = picture.shape
    return QImage(rgb.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()
