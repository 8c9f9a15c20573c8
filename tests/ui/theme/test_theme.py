"""The theme: one object of the application, whose changes apply to what is made afterwards."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QApplication, QCheckBox, QPushButton
from pytestqt.qtbot import QtBot

from synth_app.ui.theme import theme
from synth_app.ui.theme.icons import icon
from synth_app.ui.theme.palette import DARK, LIGHT, THEMES
from synth_app.ui.theme.style import style_sheet
from synth_app.ui.theme.theme import Theme, ThemedApplication, current_theme


@pytest.fixture
def changed() -> Iterator[Theme]:
    """The application's theme; restored afterwards."""
    found = current_theme()
    name, zoom, reduced = found.name, found.zoom, found.reduced_motion
    yield found
    found.set_name(name)
    found.set_zoom(zoom)
    found.set_reduced_motion(reduced)


def test_the_application_owns_the_theme(qapp: ThemedApplication) -> None:
    assert current_theme() is qapp.theme


def test_without_an_application_there_is_no_theme(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QApplication, "instance", staticmethod(lambda: None))
    with pytest.raises(RuntimeError, match="make_application"):
        current_theme()


def test_short_functions_follow_the_theme(changed: Theme) -> None:
    changed.set_zoom(1.5)
    assert (theme.zoom(), theme.px(10), theme.font("body").pixelSize()) == (1.5, 15, 18)
    changed.set_name("light")
    assert theme.theme_name() == "light"
    assert theme.colors() == LIGHT
    assert theme.qcolor("accent").name() == LIGHT.accent
    changed.set_name("dark")
    assert theme.qcolor("accent").name() == DARK.accent
    changed.set_reduced_motion(True)
    assert theme.reduced_motion()


def test_an_unknown_name_changes_nothing(changed: Theme) -> None:
    before = changed.name, changed.palette
    with pytest.raises(KeyError):
        changed.set_name("sepia")
    assert (changed.name, changed.palette) == before


def test_two_themes_do_not_share_state(changed: Theme) -> None:
    other = Theme()
    other.set_name("light")
    other.set_zoom(2.0)
    assert style_sheet(other) != style_sheet(changed)
    assert other.color("window").name() == LIGHT.window
    assert changed.color("window").name() == DARK.window


@pytest.mark.parametrize("kind", ["", "primary", "quiet"])
def test_a_button_with_the_focus_has_a_ring(kind: str, qtbot: QtBot) -> None:
    button = QPushButton("Train")
    button.setProperty("kind", kind)
    button.setStyleSheet(style_sheet(current_theme()))
    qtbot.addWidget(button)
    button.show()
    button.clearFocus()
    middle = button.height() // 2
    before = button.grab().toImage().pixelColor(0, middle)
    button.activateWindow()
    button.setFocus()
    qtbot.waitUntil(button.hasFocus, timeout=5000)
    ring = theme.qcolor("focus")
    assert before != ring
    picture = button.grab().toImage()
    assert [picture.pixelColor(x, middle) for x in (0, 1)] == [ring, ring]


@pytest.mark.parametrize("name", THEMES)
def test_a_checked_box_has_a_tick(name: str, qtbot: QtBot, changed: Theme) -> None:
    changed.set_name(name)
    box = QCheckBox("Loop")
    qtbot.addWidget(box)
    box.setStyleSheet(style_sheet(changed))
    box.setChecked(True)
    side = box.height()
    picture = box.grab(QRect(0, 0, side, side)).toImage()
    pixels = [picture.pixelColor(x, y).name() for x in range(side) for y in range(side)]
    assert pixels.count(changed.palette.accent) > 40
    assert pixels.count(changed.palette.on_accent) > 5


def test_an_icon_follows_zoom_and_colours(changed: Theme) -> None:
    small = icon("save").availableSizes()[0]
    dark = icon("save").pixmap(16, 16).toImage()
    changed.set_name("light")
    assert icon("save").pixmap(16, 16).toImage() != dark
    changed.set_zoom(2.0)
    assert icon("save").availableSizes()[0].width() == 2 * small.width()
