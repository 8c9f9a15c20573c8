"""Sizes, zoom, accessible names and keyboard access."""

import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QScrollArea, QScrollBar, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from synth_app.decoder import Model
from synth_app.patch import NoteOff, NoteOn
from synth_app.session import WindowSettings
from synth_app.ui.theme import theme
from synth_app.ui.theme.theme import qcolor
from synth_app.ui.theme.zoom import _MIN_HEIGHT, _MIN_WIDTH, CHOICES
from synth_app.ui.widgets.control import ValueControl
from synth_app.ui.window.command_palette import window_commands
from synth_app.ui.window.demo.scripted_input import click
from synth_app.ui.window.workspace import Workspace
from tests.ui.conftest import Rig, param_controls


@pytest.mark.parametrize(("width", "height", "zoom"), [(1280, 720, 1.0), (1920, 1080, 1.25), (2560, 1440, 1.5)])
def test_nothing_is_cut_off(rig: Rig, qtbot: QtBot, width: int, height: int, zoom: float) -> None:
    window = rig.window
    window.resize(width, height)
    window.appearance.follow_size()
    QApplication.processEvents()
    assert theme.zoom() == zoom
    assert (window.width(), window.height()) == (width, height), "the content must not need more"
    for widget in window.work.findChildren(QWidget):
        inside_scroll = _scrolled(widget)
        if widget is window.work or not widget.isVisible() or inside_scroll:
            continue
        parent = widget.parentWidget()
        assert parent is None or parent.rect().contains(widget.geometry()), widget
        hint = widget.minimumSizeHint()
        least = widget.minimumWidth() or hint.width()  # an icon's button may be as narrow as the style sheet says
        assert widget.width() >= least or isinstance(widget, QScrollBar), widget
    for slider in window.work.latent.shown_sliders:
        top = slider.mapTo(window, QPoint(0, 0))
        assert QRect(0, 0, width, height).contains(QRect(top, slider.size()))
    window.resize(1280, 720)
    window.appearance.follow_size()


def _scrolled(widget: QWidget) -> bool:
    parent = widget.parentWidget()
    while parent is not None and not isinstance(parent, Workspace):  # which scrolls at high zooms only
        if isinstance(parent, QScrollArea | QAbstractScrollArea):
            return True
        parent = parent.parentWidget()
    return False


def test_zoom_rebuilds_with_the_same_state_and_old_widgets_are_gone(rig: Rig) -> None:
    rig.store.set_morph(0.3)
    old = rig.window.work
    rig.window.appearance.set_fixed_zoom(1.25)
    assert rig.window.work is not old
    assert rig.window.work.morph.fader.value == 0.3
    rig.audio.sent.clear()
    rig.store.set_morph(0.6)
    assert rig.window.work.morph.fader.value == 0.6
    assert old.morph.fader.value == 0.3, "nothing is told to widgets that are going away"
    assert len(rig.audio.sent) == 1
    assert rig.window.window_settings().zoom == 1.25
    rig.window.appearance.set_fixed_zoom(None)
    assert theme.zoom() == 1.0
    assert rig.window.window_settings() == WindowSettings()


def test_the_theme_changes_at_once_and_is_saved(rig: Rig) -> None:
    window, old = rig.window, rig.window.work
    window.resize(1280, 720)
    rig.store.set_morph(0.3)
    dark = window.grab().toImage().pixelColor(3, 3)
    window.appearance.set_theme("light")
    assert window.work is not old
    assert window.work.morph.fader.value == 0.3
    light = window.grab().toImage()
    assert light.pixelColor(3, 3) == qcolor("window")
    assert light.pixelColor(3, 3).lightness() > dark.lightness() + 150
    assert window.window_settings().theme == "light"
    window.appearance.set_theme("dark")
    assert window.grab().toImage().pixelColor(3, 3) == dark


def test_no_dark_area_remains_in_the_light_theme(rig: Rig) -> None:
    """Self-painted widgets follow too: under 2 % of the light window is as dark as the dark theme."""
    window = rig.window
    window.resize(1280, 720)
    window.appearance.set_theme("light")
    QApplication.processEvents()
    image = window.grab().toImage().scaled(320, 180)
    window.appearance.set_theme("dark")
    dark = sum(image.pixelColor(x, y).lightness() < 60 for x in range(320) for y in range(145))
    assert dark < 0.02 * 320 * 145


def _no_scroll_bars(rig: Rig) -> None:
    area = rig.window.centralWidget()
    assert isinstance(area, QScrollArea)
    assert not area.horizontalScrollBar().isVisible()
    assert not area.verticalScrollBar().isVisible()
    assert area.viewport().size() == area.size() == rig.window.size()


def test_a_smaller_zoom_leaves_no_scroll_bars(rig: Rig, qtbot: QtBot) -> None:
    """From 200 % to the automatic zoom at 1280 x 720, then to the larger zoom of 1920 x 1080."""
    rig.window.resize(1280, 720)
    rig.window.appearance.set_fixed_zoom(2.0)
    qtbot.wait(50)
    rig.window.appearance.set_fixed_zoom(None)
    qtbot.wait(50)
    _no_scroll_bars(rig)
    rig.window.resize(1920, 1080)
    qtbot.waitUntil(lambda: theme.zoom() == 1.25)
    qtbot.wait(50)  # what Qt does by itself; a redraw by a test would hide stale scroll bars
    _no_scroll_bars(rig)


def test_the_default_window_shows_everything_at_full_size(rig: Rig) -> None:
    smallest = rig.window.work.minimumSizeHint()
    assert theme.zoom() == 1.0
    assert smallest.width() <= _MIN_WIDTH
    assert smallest.height() <= _MIN_HEIGHT


@pytest.mark.parametrize("zoom", CHOICES)
def test_any_zoom_keeps_the_window_size_and_scrolls_if_needed(rig: Rig, zoom: float) -> None:
    window = rig.window
    window.resize(1280, 720)
    window.appearance.set_fixed_zoom(zoom)
    QApplication.processEvents()
    assert theme.zoom() == zoom
    assert (window.width(), window.height()) == (1280, 720)
    work, area = window.work, window.centralWidget()
    assert isinstance(area, QScrollArea)
    assert area.horizontalScrollBar().maximum() == max(0, work.width() - area.viewport().width())
    assert work.minimumSizeHint().width() <= work.width()
    window.appearance.set_fixed_zoom(None)


def test_everything_that_takes_the_focus_has_a_name(rig: Rig) -> None:
    widgets = [
        w
        for w in rig.window.work.findChildren(QWidget)
        if w.focusPolicy() != Qt.FocusPolicy.NoFocus and w.isVisibleTo(rig.window) and type(w) is not QWidget
    ]
    assert len(widgets) > 35
    for widget in widgets:
        text = getattr(widget, "text", lambda: "")() if not isinstance(widget, ValueControl) else ""
        if not isinstance(widget, QScrollBar | QScrollArea):
            assert widget.accessibleName() or text, widget


def test_tab_reaches_every_value_control(rig: Rig) -> None:
    seen: set[QWidget] = set()
    for page in rig.window.work.deck.tabs.buttons:
        rig.window.work.deck.show_page(page)
        rig.window.work.setFocus()
        for _ in range(140):
            QTest.keyClick(QApplication.focusWidget() or rig.window, Qt.Key.Key_Tab)
            focus = QApplication.focusWidget()
            if focus is not None:
                seen.add(focus)
    wanted = {*rig.window.work.latent.shown_sliders, *param_controls(rig).values(), rig.window.work.pad.pad}
    assert wanted <= seen


def _tabbed(rig: Rig, count: int, key: Qt.Key = Qt.Key.Key_Tab) -> list[QWidget]:
    """Return the widgets that Tab reaches one after the other."""
    seen: list[QWidget] = []
    for _ in range(count):
        QTest.keyClick(QApplication.focusWidget() or rig.window, key)
        focus = QApplication.focusWidget()
        assert focus is not None
        seen.append(focus)
    return seen


def test_tab_goes_through_the_window_from_top_to_bottom_and_left_to_right(rig: Rig) -> None:
    work = rig.window.work
    work.deck.show_page("filter")
    assert rig.store.model is not None
    rig.store.load_model_data(rig.store.model, Path(rig.store.patch.model))  # makes sliders anew, as the last widgets
    areas = [work.bar, work.latent, work.pad, work.side, work.deck, work.play]
    work.deck.tabs.buttons["filter"].setFocus()
    once = _tabbed(rig, 140)
    once = once[: once.index(work.deck.tabs.buttons["filter"]) + 1]
    places = [next((i for i, area in enumerate(areas) if area.isAncestorOf(each)), -1) for each in once]
    turn = places.index(0)
    inside = [place for place in places[turn:] + places[:turn] if place >= 0]
    assert inside == sorted(inside)
    assert set(inside) == set(range(len(areas)))
    panel, envelope = work.filter, work.filter_envelope
    graph = envelope.findChild(QToolButton)
    row = [panel.switch, panel.canvas, *panel.knobs.values(), graph, *envelope.knobs.values()]
    assert once[: len(row)] == row, "the button in a header, made last, comes before the knobs below it"
    work.deck.tabs.buttons["filter"].setFocus()
    assert _tabbed(rig, 3)[-1] is row[2]
    assert _tabbed(rig, 3, Qt.Key.Key_Backtab) == [row[1], row[0], work.deck.tabs.buttons["filter"]]


def test_tab_stops_at_the_page_that_is_chosen(rig: Rig) -> None:
    """Also after a click on it by the mouse, which gives it no focus."""
    work = rig.window.work
    work.deck.tabs.buttons["sound"].setFocus()
    click(work.deck.tabs.buttons["filter"], QPointF(4, 4))
    work.filter.switch.setFocus()
    (back,) = _tabbed(rig, 1, Qt.Key.Key_Backtab)
    assert back is work.deck.tabs.buttons["filter"]
    QTest.keyClick(back, Qt.Key.Key_Down)
    assert work.deck.page == "style"


def test_a_command_that_shows_a_page_leads_the_keyboard_there(rig: Rig) -> None:
    command = next(each for each in window_commands(rig.window) if each.name == "Deck: filter")
    command.run()
    assert _tabbed(rig, 1) == [rig.window.work.filter.switch]


def test_clicking_a_key_plays_it(rig: Rig) -> None:
    piano = rig.window.work.play.piano
    rect = piano.key_rect(60)
    click(piano, QPointF(rect.left() + 4, rect.height() - 6))
    assert [type(m) for m in rig.audio.notes] == [NoteOn, NoteOff]


def test_the_window_imports_no_heavy_package() -> None:
    code = (
        "import sys, synth_app.app; heavy = {'scipy', 'numba', 'librosa', 'torch', 'sounddevice', 'soundfile', 'soxr'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_slider_labels_begin_with_the_name_in_the_model_card(model: Model, rig: Rig) -> None:
    assert rig.store.model is model
    assert rig.window.work.latent.sliders[0].spec.label.startswith(model.card.axis_names[0])


def test_the_content_fits_into_1280_pixels_without_a_scroll_bar(rig: Rig) -> None:
    rig.window.resize(1280, 720)
    rig.window.appearance.set_fixed_zoom(1.0)
    assert rig.window.work.minimumSizeHint().width() <= 1280
