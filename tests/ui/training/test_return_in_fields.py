"""Return in a field does what the page's main button does, once; a refused field is marked."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from synth_app.ui.training.abx_setup_page import AbxMaterial, AbxSetupPage
from synth_app.ui.training.own_lists import OwnLists
from synth_app.ui.training.start_page import Draft, StartPage

MODELS = [("Warm", Path("warm")), ("Dull", Path("dull"))]


@pytest.fixture
def setup(qtbot: QtBot) -> AbxSetupPage:
    page = AbxSetupPage(MODELS, Path("warm"), lambda _: [AbxMaterial("A note")])
    qtbot.addWidget(page)
    page.show()
    return page


def test_return_in_a_field_starts_the_comparison(setup: AbxSetupPage) -> None:
    drafts: list[object] = []
    setup.start_requested.connect(drafts.append)
    for i, field in enumerate((setup.trials, setup.a, setup.b, setup.material, setup.detail), 1):
        press_return(field)
        assert len(drafts) == i, field.accessibleName()
    setup.show_progress(0, 3)
    press_return(setup)
    assert len(drafts) == i, "it begins already"


def test_the_refused_field_is_marked_until_it_changes(setup: AbxSetupPage) -> None:
    setup.b.setCurrentIndex(0)
    setup.start.click()
    assert setup.b.property("refused")
    assert setup.b.accessibleDescription() == "A and B are the same model; choose two"
    setup.b.setCurrentIndex(1)
    assert not setup.b.property("refused")
    assert setup.b.accessibleDescription() == ""
    assert not setup.problem.text()


def test_return_in_a_field_checks_the_recordings(qtbot: QtBot) -> None:
    page = StartPage(Draft(), (), OwnLists())
    qtbot.addWidget(page)
    page.show()
    presses: list[bool] = []
    page.check.clicked.connect(lambda: presses.append(True))
    page.beginning.way.buttons["new"].click()
    fields = page.beginning
    for i, field in enumerate((fields.size, fields.families, page.folder, page.name, page.licence), 1):
        press_return(field)
        assert len(presses) == i, field.accessibleName()
    press_return(page.lists.models)
    assert len(presses) == i, "a list is no field"


def press_return(field: QWidget) -> None:
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_Return)
