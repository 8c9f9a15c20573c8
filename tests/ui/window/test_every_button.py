"""Every button of the real window is pressed and every action triggered, and none shows a problem."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QAction, QDesktopServices, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QFileDialog, QMainWindow, QMenu, QWidget
from shiboken6 import isValid

from synth_app.session.breeding.breed import Breeder
from synth_app.ui.window.deck import DECK_PAGES
from tests.ui.conftest import Rig

_LEAVES = ("Quit",)  # actions that close the window; a test of their own covers them


@pytest.fixture
def problems(rig: Rig, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[str]]:
    """The problems shown. File dialogs answer nothing, and whatever else opens is closed again."""
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_, **__: ("", ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_, **__: ([], ""))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, **__: ("", ""))
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _: True)
    shown: list[str] = []
    rig.window.problem.connect(shown.append)
    closer = QTimer()
    closer.timeout.connect(close_all)
    closer.start(5)
    yield shown
    closer.stop()


def close_all() -> None:
    """Close the open popup, or every dialog."""
    popup = QApplication.activePopupWidget()
    if popup is not None:
        popup.close()
        return
    dialog = QApplication.activeModalWidget()
    while isinstance(dialog, QDialog):
        dialog.reject()
        dialog = QApplication.activeModalWidget()
    for window in QGuiApplication.topLevelWindows():  # widgets may be on their way out, windows are not
        if window.isVisible() and window.type() == Qt.WindowType.Dialog:
            window.close()


def settle() -> None:
    """Run what a press has started, and close what it has opened."""
    QTest.qWait(1)
    close_all()
    QApplication.processEvents()


def press(button: QAbstractButton) -> None:
    """Click with the mouse, in the middle, or call ``click`` on one that is not in sight."""
    if button.isVisible() and not button.visibleRegion().isEmpty():
        QTest.mouseClick(button, Qt.MouseButton.LeftButton, pos=QPoint(button.width() // 2, button.height() // 2))
    else:
        button.click()
    settle()


def buttons_of(root: QWidget) -> list[QAbstractButton]:
    """Return the buttons below ``root`` that can be pressed."""
    return [each for each in root.findChildren(QAbstractButton) if each.isEnabled()]


def described(button: QAbstractButton) -> str:
    """Return how a failure names a button."""
    return button.accessibleName() or button.text() or button.objectName() or type(button).__name__


def press_all(root: QWidget, problems: list[str]) -> int:
    """Press every button once; one that disappears meanwhile is left out. Returns how many were pressed."""
    pressed = 0
    for button in buttons_of(root):
        if not isValid(button):
            continue
        name = described(button)
        press(button)
        pressed += 1
        assert problems == [], f"{name}: {problems}"
    return pressed


def test_every_button_of_the_window_works(rig: Rig, problems: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The four buttons of octave and velocity once raised TypeError, because ``clicked`` passes a bool."""
    # Breeding renders in this process, not in the worker; its levels have tests of their own.
    breeder = Breeder()
    monkeypatch.setattr("synth_app.export.sounds.perform._breeder", lambda: breeder)
    pressed = 0
    for page in DECK_PAGES:
        rig.window.work.deck.show_page(page)
        for mode in ("plane", "map", "morph"):
            rig.window.work.pad.modes.buttons[mode].click()
            settle()
            pressed += press_all(rig.window.work, problems)
    assert pressed > 300


def test_octave_and_velocity_buttons_step(rig: Rig) -> None:
    by_name = {each.accessibleName(): each for each in buttons_of(rig.window.work.play)}
    press(by_name["Octave up (X)"])
    press(by_name["Octave up (X)"])
    press(by_name["Octave down (Z)"])
    press(by_name["Velocity down (C)"])
    assert (rig.window.qwerty.octave, rig.window.qwerty.velocity) == (5, 90)
    press(by_name["Velocity up (V)"])
    assert rig.window.qwerty.velocity == 100


def test_every_button_of_the_browser_and_the_dialogs_works(rig: Rig, problems: list[str]) -> None:
    window = rig.window
    window.presets.library.save_new("Mine", "pad", ())
    window.pages.toggle_browser()
    assert press_all(window.pages.browser, problems) > 5
    window.pages.toggle_breed()
    while window.breeding.busy:
        QTest.qWait(20)
    assert press_all(window.pages.breed, problems) > 10
    for make in (window.dialogs.open_audio, window.midi.open, window.dialogs.open_shortcuts):
        for i in range(len(buttons_of(make()))):
            dialog = make()
            button = buttons_of(dialog)[i]
            name = described(button)
            button.click()
            settle()
            assert problems == [], f"{name}: {problems}"


def actions_of(window: QMainWindow) -> list[QAction]:
    """Return every action of the window, its menus and its widgets."""
    found = dict.fromkeys(window.actions())
    menus = window.findChildren(QMenu)
    for menu in menus:
        found |= dict.fromkeys(menu.actions())
    for widget in window.findChildren(QWidget):
        found |= dict.fromkeys(widget.actions())
    opening = [menu.menuAction() for menu in menus]  # ``QAction.menu`` frees menus of buttons in PySide 6.9
    return [each for each in found if each not in opening and not each.isSeparator() and each.text()]


def test_every_action_works(rig: Rig, problems: list[str]) -> None:
    window, names = rig.window, [each.text() for each in actions_of(rig.window)]
    assert len(names) > 40
    for name in names:
        if name in _LEAVES:
            continue
        action = next((each for each in actions_of(window) if each.text() == name), None)
        if action is None or not action.isEnabled():  # another label of Undo, or an action of widgets made anew
            continue
        action.trigger()
        settle()
        if name.startswith("Export preset"):  # the patch is no preset: that is said, and is no fault
            assert problems == ["this patch is not a preset yet: save it first, then export it"]
            problems.clear()
        assert problems == [], f"{name}: {problems}"
