"""Cached pictures of numbers are equal to newly drawn numbers."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from synth_app.params import ParamSpec
from synth_app.ui.drawing.number_cache import NumberCache
from synth_app.ui.theme import theme
from synth_app.ui.widgets.latent_slider import LatentSlider

SPEC = ParamSpec("z1", "z1", "", -2.0, 6.0, 1.0, "linear", 8, "latent", "help")
BOX, MARGIN = QRect(10, 3, 48, 22), 6
NUMBERS = NumberCache()


@pytest.fixture(autouse=True)
def usual_look(qapp: object) -> Iterator[None]:
    """Restore theme and zoom afterwards."""
    name, zoom = theme.theme_name(), theme.zoom()
    yield
    theme.set_theme(name)
    theme.set_zoom(zoom)


def painted(text: str, token: str, ratio: float, *, cached: bool) -> QImage:
    image = QImage(round(70 * ratio), round(30 * ratio), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(theme.qcolor("panel"))
    painter = QPainter(image)
    if cached:
        NUMBERS.paint(painter, BOX, MARGIN, text, token)
    else:
        painter.setFont(theme.font("body"))
        painter.setPen(theme.qcolor(token))
        alignment = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(BOX.adjusted(0, 0, -MARGIN, 0), alignment, text)
    painter.end()
    return image


def test_pictures_follow_theme_zoom_screen_and_state() -> None:
    seen: list[QImage] = []
    for name in theme.THEMES:
        for zoom in (1.0, 1.25):
            for token in ("text", "disabled"):
                for text in ("+0.57", "−1.20"):
                    theme.set_theme(name)
                    theme.set_zoom(zoom)
                    for ratio in (1.0, 1.5, 2.0):
                        picture = painted(text, token, ratio, cached=True)
                        assert picture == painted(text, token, ratio, cached=False), (name, zoom, token, text, ratio)
                        assert picture not in seen
                        seen.append(picture)


def test_a_resized_slider_is_drawn_again(qtbot: QtBot) -> None:
    one, other = (LatentSlider(SPEC, (-1.0, 2.0)) for _ in range(2))
    for slider in (one, other):
        qtbot.addWidget(slider)
        slider.set_value(2.5)
    one.resize(240, 24)
    one.set_label_width(90)
    one.grab()
    one.resize(300, 30)
    other.resize(300, 30)
    other.set_label_width(90)
    assert one.track() == other.track()
    assert one.grab().toImage() == other.grab().toImage()
