"""No single key press, click or closing loses the answers of a blind test."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from synth_app.ui.training.abx_page import AbxPage
from synth_app.ui.training.abx_setup_page import AbxSetupPage
from synth_app.ui.training.start_page import StartPage
from tests.ui.conftest import Rig
from tests.ui.training.blind_test import answer, present_page


def test_escape_lets_the_test_wait_and_nothing_is_lost(rig: Rig, page: AbxPage) -> None:
    answer(page, Qt.Key.Key_1)
    answer(page, Qt.Key.Key_2)
    QTest.keyClick(page, Qt.Key.Key_X)
    assert rig.window.sounds.playing == "", "the page of the user's sounds is silent"
    QTest.keyClick(page, Qt.Key.Key_Escape)
    assert rig.window.training.window is None
    assert rig.audio.samples[-1] == "stop"
    assert "waits at trial 3 of 6" in rig.window.work.status.message.text()
    assert present_page(rig).heading.text() == "Trial 3 of 6"


def test_back_asks_before_answers_are_lost(rig: Rig, page: AbxPage) -> None:
    abx = rig.window.training.abx
    answer(page, Qt.Key.Key_1)
    page.back.click()
    assert abx.question is not None
    assert "One answer would be lost" in abx.question.text()
    abx.question.reject()
    assert present_page(rig) is page
    page.end.click()
    abx.question = None
    page.back.click()
    assert abx.question is None, "the result was shown"
    setup = rig.window.training.open().page
    assert isinstance(setup, AbxSetupPage)
    assert (setup.a.currentText(), setup.b.currentText()) == ("Warm", "Dull")
    assert (setup.trials.value(), setup.detail.isChecked()) == (6, False)
    setup.back.click()
    assert isinstance(rig.window.training.open().page, StartPage)


def test_quitting_asks_before_answers_are_lost(rig: Rig, page: AbxPage) -> None:
    answer(page, Qt.Key.Key_1)
    QTest.keyClick(page, Qt.Key.Key_Escape)
    rig.window.close()
    assert rig.window.isVisible()
    assert rig.window.question is not None
    assert "lose one answer" in rig.window.question.text()
    rig.window.close_at_once()
    assert not rig.window.isVisible()


def test_quitting_during_an_export_tells_of_the_answers_too(rig: Rig, page: AbxPage, tmp_path: Path) -> None:
    answer(page, Qt.Key.Key_1)
    QTest.keyClick(page, Qt.Key.Key_Escape)
    dialog = rig.window.dialogs.open_export()
    assert dialog is not None
    dialog.path.setText(str(tmp_path / "a.wav"))
    dialog.export.click()
    rig.window.close()
    question = rig.window.question
    assert question is not None
    assert "cancel the export and lose one answer" in question.text()
    dialog.abort()
    assert question.isVisible(), "the answers are at risk still"
    rig.window.close_at_once()


def test_a_test_without_answers_does_not_wait(rig: Rig, page: AbxPage) -> None:
    QTest.keyClick(page, Qt.Key.Key_Escape)
    assert isinstance(rig.window.training.open().page, StartPage)
