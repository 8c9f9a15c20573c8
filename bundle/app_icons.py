"""Make the app icon of each system from the SVG file: ``python bundle/app_icons.py``.

Run it after a change of ``assets/app-icon/synth-app.svg``. It needs Pillow, which the ``dev`` extra installs.
"""

from pathlib import Path

from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

FOLDER = Path(__file__).parents[1] / "assets" / "app-icon"
SIDE = 1024
ICO_SIDES = (16, 24, 32, 48, 64, 128, 256)
PNG_SIDE = 256


def drawn(source: Path, side: int) -> Image.Image:
    """Return an SVG file as a picture of ``side`` pixels, RGBA."""
    image = QImage(side, side, QImage.Format.Format_RGBA8888)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(str(source)).render(painter)
    painter.end()
    return Image.frombytes("RGBA", (side, side), bytes(image.constBits()))


def main() -> None:
    """Write ``synth-app.png``, ``synth-app.ico`` and ``synth-app.icns`` beside the SVG file."""
    app = QGuiApplication(["app-icons", "-platform", "offscreen"])
    source = FOLDER / "synth-app.svg"
    drawn(source, PNG_SIDE).save(FOLDER / "synth-app.png", optimize=True)
    smaller = [drawn(source, side) for side in ICO_SIDES]
    smaller[-1].save(FOLDER / "synth-app.ico", sizes=[(side, side) for side in ICO_SIDES], append_images=smaller[:-1])
    drawn(source, SIDE).save(FOLDER / "synth-app.icns")
    del app


if __name__ == "__main__":
    main()
