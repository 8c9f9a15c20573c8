"""Icons come from SVG files, in the colour of the theme."""

import re
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QImage

from synth_app.support.resources import resource_folder
from synth_app.ui.theme.icons import app_icon, icon
from synth_app.ui.theme.theme import ThemedApplication, qcolor, set_theme

ROOT = Path(__file__).parents[3]
FILES = sorted((resource_folder("assets") / "icons").glob("*.svg"))


def colors(image: QImage) -> list[QColor]:
    """The colours of all opaque pixels."""
    pixels = (image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height()))
    return [pixel for pixel in pixels if pixel.alpha() == 255]


def distance(a: QColor, b: QColor) -> int:
    """The largest difference of a channel, 0-255."""
    return max(abs(a.red() - b.red()), abs(a.green() - b.green()), abs(a.blue() - b.blue()))


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_each_icon_has_the_colour_of_the_theme(qapp: ThemedApplication, file: Path, theme: str) -> None:
    set_theme(theme)
    try:
        wanted = qcolor("danger" if file.stem in ("record", "stop") else "accent")
        image = icon(file.stem, "accent").pixmap(64, 64).toImage()
    finally:
        set_theme("dark")
    found = colors(image)
    assert len(found) > 20, "it is drawn"
    assert all(distance(pixel, wanted) <= 2 for pixel in found)


def test_the_code_names_no_missing_icon_and_no_icon_is_unused() -> None:
    sources = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "synth_app" / "ui").rglob("*.py"))
    named = {name for call in re.findall(r"\bicon\((.*?)[,)]", sources) for name in re.findall(r'"(\w+)"', call)}
    names = {file.stem for file in FILES}
    assert named <= names
    assert {name for name in names if f'"{name}"' not in sources} == set()


def test_a_missing_icon_is_an_error(qapp: ThemedApplication) -> None:
    with pytest.raises(FileNotFoundError):
        icon("nothing")


def test_windows_have_the_app_icon(qapp: ThemedApplication) -> None:
    assert not qapp.windowIcon().isNull()
    sizes = {size.width() for size in app_icon().availableSizes()}
    assert {16, 32, 256} <= sizes
    picture = app_icon().pixmap(QSize(256, 256)).toImage()
    assert len({pixel.name() for pixel in colors(picture)}) > 50, "it is the picture, not a plain square"
