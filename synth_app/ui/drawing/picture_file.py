"""Pictures as files."""

from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QPixmap


def png_bytes(picture: QPixmap) -> bytes:
    """Return a picture as the content of a PNG file. To write it here shows why a write fails: Qt does not say."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(buffer, "PNG")
    return bytes(buffer.data().data())
