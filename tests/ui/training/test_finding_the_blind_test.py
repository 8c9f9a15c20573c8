"""The blind comparison is found without a model of one's own: in menu and palette, and on the first page."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from synth_app.modelfile import ModelEntry, read_card
from synth_app.ui.training.abx_setup_page import AbxSetupPage
from synth_app.ui.training.start_page import StartPage
from synth_app.ui.window.command_palette import window_commands
from tests.ui.conftest import Rig
from tests.ui.training.steps import click


@pytest.fixture
def shipped(rig: Rig, base: Path, model_path: Path, home: Path) -> None:
    """Two models that came with the program; the second one plays, and the user has none."""
    rig.window.models.entries = tuple(ModelEntry(path, read_card(path)) for path in (base, model_path))


@pytest.mark.usefixtures("shipped")
def test_the_palette_sets_up_a_comparison_with_the_model_that_plays(rig: Rig, model_path: Path) -> None:
    command = next(each for each in window_commands(rig.window) if each.found_by("compare two models by ear"))
    command.run()
    page = rig.window.training.open().page
    assert isinstance(page, AbxSetupPage)
    assert page.a.currentData() == model_path
    page.trials.setValue(9)
    command.run()
    assert rig.window.training.open().page is page, "its choices stay"
    assert page.trials.value() == 9


@pytest.mark.usefixtures("shipped")
def test_the_first_page_leads_there_and_keeps_its_fields(rig: Rig, model_path: Path) -> None:
    window = rig.window.training.open()
    start = window.page
    assert isinstance(start, StartPage)
    assert window.focusWidget() is start.folder, "the keyboard begins with the fields"
    start.folder.setText("/recordings/cello")
    start.licence.setCurrentText("CC0")
    click(start.compare)
    setup = window.page
    assert isinstance(setup, AbxSetupPage)
    assert setup.a.currentData() == model_path
    click(setup.back)
    assert isinstance(window.page, StartPage)
    assert (window.page.folder.text(), window.page.licence.currentText()) == ("/recordings/cello", "CC0")
    QTest.keyClick(window, Qt.Key.Key_Escape)
    again = rig.window.training.open().page
    assert isinstance(again, StartPage)
    assert again.folder.text() == "/recordings/cello", "also after its window was closed"
