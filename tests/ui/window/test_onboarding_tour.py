"""The first-run tour: it points at usable controls, ends by Esc, and is offered only once."""

import json

import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from synth_app.patch import NoteOn
from synth_app.ui.keyboard.piano import key_at_center
from synth_app.ui.window.command_palette import window_commands
from synth_app.ui.window.onboarding_tour import STEPS
from tests.ui.conftest import Rig


def test_every_step_points_at_its_controls(rig: Rig) -> None:
    window = rig.window
    guide = window.tour.open()
    assert len(STEPS) == 5
    for index, step in enumerate(STEPS):
        assert guide.step == index
        for part in step.controls(window.work):
            assert part.isVisibleTo(window), step.title
            assert guide.hole.contains(QRect(part.mapTo(window, QPoint(0, 0)), part.size())), step.title
        card = guide._card.geometry()
        assert window.rect().contains(card), "the card is in the window"
        assert not card.intersects(guide.hole), f"{step.title}: the card hides what it speaks of"
        assert step.title in guide._card.accessibleName()
        assert guide._card.accessibleDescription() == guide._words.text()
        assert "{" not in guide._words.text()
        QTest.keyClick(window, Qt.Key.Key_Return)
    assert window.tour.current is None, "Return after the last step ends it"


@pytest.mark.parametrize(("width", "height", "zoom"), [(1280, 720, 0.75), (1280, 720, 1.25), (2560, 1440, 2.0)])
def test_the_card_fits_at_any_zoom(rig: Rig, width: int, height: int, zoom: float) -> None:
    window = rig.window
    window.resize(width, height)
    guide = window.tour.open()
    window.appearance.set_fixed_zoom(zoom)
    QTest.qWait(80)
    for _ in STEPS:
        assert window.rect().contains(guide._card.geometry())
        needed = guide._words.heightForWidth(guide._words.width())
        assert guide._words.height() >= needed, "no cut-off text"
        guide.forward()
    window.appearance.set_fixed_zoom(None)
    window.resize(1280, 720)
    window.appearance.follow_size()


def test_controls_work_during_the_tour(rig: Rig) -> None:
    window = rig.window
    guide = window.tour.open()
    guide.forward()
    piano = window.work.play.piano
    at = piano.mapTo(window, QPointF(key_at_center(piano, 60).center()).toPoint())
    assert not guide.mask().contains(at), "the hole lets the mouse through"
    assert guide.mask().contains(QPoint(5, 5))
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_A)
    assert any(isinstance(message, NoteOn) for message in rig.audio.sent), "keys play"
    guide.close()


def test_back_and_skip(rig: Rig) -> None:
    guide = rig.window.tour.open()
    assert not guide._back.isEnabled()
    guide._next.click()
    guide._back.click()
    assert guide.step == 0
    guide._skip.click()
    assert rig.window.tour.current is None


def test_esc_ends_the_tour_and_it_is_not_offered_again(rig: Rig) -> None:
    window = rig.window
    window.tour.offer()
    assert window.tour.current is not None
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert window.tour.current is None
    settings = json.loads((rig.fakes.services.music_folder / "settings.json").read_text())
    assert settings["toured"] is True
    window.tour.offer()
    assert window.tour.current is None
    again = next(command for command in window_commands(window) if command.name == "Tour")
    again.run()
    assert window.tour.current is not None
    window.tour.current.close()
    QTest.keyClick(window, Qt.Key.Key_Escape)  # the shortcut is gone with it


def test_the_tour_survives_a_change_of_theme_and_size(rig: Rig) -> None:
    window = rig.window
    guide = window.tour.open()
    guide.forward()
    window.appearance.set_theme("light")
    window.resize(1500, 850)
    QTest.qWait(300)
    assert guide.geometry() == window.rect()
    assert guide._card.isVisible()
    assert guide.hole.contains(QRect(window.work.play.mapTo(window, QPoint(0, 0)), window.work.play.size()))
    window.appearance.set_theme("dark")
    window.resize(1280, 720)
    guide.close()
    window.appearance.follow_size()
    QApplication.processEvents()


def test_a_screen_reader_announces_each_step(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []

    def note(event: QAccessibleEvent) -> None:
        if event.type() == QAccessible.Event.Alert:
            at = event.object()
            assert isinstance(at, QWidget)
            told.append(at.accessibleName())

    monkeypatch.setattr(QAccessible, "updateAccessibility", note)
    guide = rig.window.tour.open()
    guide.forward()
    guide.close()
    assert [f"step {i} of 5" in name for i, name in enumerate(told, 1)] == [True, True]


def test_the_controls_in_the_hole_are_not_shaded(rig: Rig) -> None:
    window = rig.window

    def picture() -> QImage:
        QTest.qWait(120)
        return window.screen().grabWindow(window.winId()).toImage()

    plain = picture()
    guide = window.tour.open()
    for step in STEPS:
        shown = picture()
        for part in step.controls(window.work):
            for child in (part, *part.findChildren(QWidget)):
                if child.isVisible() and not child.visibleRegion().isEmpty():
                    at = child.mapTo(window, child.visibleRegion().boundingRect().center())
                    assert shown.pixelColor(at) == plain.pixelColor(at), (step.title, child.accessibleName())
        guide.forward()
