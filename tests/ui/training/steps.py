"""Steps of the journeys through the window of trainings."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from synth_app.ui.training.check_page import CheckPage
from synth_app.ui.training.run_page import RunPage
from synth_app.ui.training.start_page import StartPage
from tests.ui.conftest import Rig

WAIT_MS = 600_000


def open_start(rig: Rig, source: Path, base: Path) -> StartPage:
    window = rig.window.training.open()
    page = window.page
    assert isinstance(page, StartPage)
    page.folder.setText(str(source))
    page.licence.setCurrentText("CC0")
    models = page.beginning.models
    models.addItem("Base", str(base))
    models.setCurrentIndex(models.count() - 1)
    return page


def wait_for(qtbot: QtBot, holds: Callable[[], bool]) -> None:
    qtbot.waitUntil(holds, timeout=WAIT_MS)


def click(button: QPushButton) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def checked(rig: Rig, qtbot: QtBot, epochs: int = 2) -> CheckPage:
    """Wait for the result of the check, choose so many epochs, and return its page."""

    def found() -> CheckPage | None:
        page = rig.window.training.open().page
        return page if isinstance(page, CheckPage) and page.result is not None else None

    wait_for(qtbot, lambda: found() is not None)
    page = found()
    assert page is not None
    page.length.setItemData(page.length.currentIndex(), epochs)
    return page


def run_page(rig: Rig) -> RunPage:
    assert rig.window.training.window is not None
    page = rig.window.training.window.page
    assert isinstance(page, RunPage)
    return page
