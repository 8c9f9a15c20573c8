"""One press of a key is one answer, and only to an X that was heard."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from synth_app.evaluation.abx import AbxTest
from synth_app.ui.training.abx_page import AbxPage
from tests.ui.conftest import Rig
from tests.ui.training.blind_test import answer


def hold(widget: QWidget, key: Qt.Key, text: str) -> None:
    """Press a key, and let the system repeat it three times."""
    for repeats in (False, True, True, True):
        event = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier, text, repeats)
        QApplication.sendEvent(widget, event)


def test_a_held_key_answers_one_trial(rig: Rig, page: AbxPage) -> None:
    abx = rig.window.training.abx
    hold(page, Qt.Key.Key_X, "x")
    assert len(rig.audio.samples) == 1, "it does not begin again and again"
    # Even where the next X was heard at once.
    page.answered.connect(lambda _: abx._play("x"))
    hold(page, Qt.Key.Key_1, "1")
    assert abx.test is not None
    assert abx.test.answers == ["a"]
    page.answers["b"].setFocus()
    hold(page.answers["b"], Qt.Key.Key_Return, "\r")
    assert abx.test.answers == ["a", "b"]
    hold(page.answers["b"], Qt.Key.Key_Space, " ")
    QApplication.sendEvent(
        page.answers["b"], QKeyEvent(QEvent.Type.KeyRelease, Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier, " ")
    )
    assert abx.test.answers == ["a", "b", "b"]


def test_x_is_heard_before_it_is_answered(rig: Rig, page: AbxPage) -> None:
    abx = rig.window.training.abx
    assert abx.test is not None
    for _ in range(2):
        assert not page.answers["a"].isEnabled()
        assert "Hear X before you answer" in page.answers["a"].toolTip()
        assert page.hint.text().startswith("Hear X before you answer")
        for key in (Qt.Key.Key_A, Qt.Key.Key_B, Qt.Key.Key_1):
            QTest.keyClick(page, key)
        answers = len(abx.test.answers)
        QTest.keyClick(page, Qt.Key.Key_X)
        assert page.answers["a"].toolTip() == "Answer that X is A (1)"
        page.answers["a"].setFocus()
        QTest.keyClick(page.answers["a"], Qt.Key.Key_Return)
        assert len(abx.test.answers) == answers + 1
        assert page.focusWidget() is page.sounds["a"], "not a button that ends the test"
    assert abx.test.answers == ["a", "a"]
    answer(page, Qt.Key.Key_2)
    assert abx.test.answers == ["a", "a", "b"]


def test_the_result_is_read_at_a_glance(rig: Rig, page: AbxPage) -> None:
    abx = rig.window.training.abx
    abx.test = AbxTest(("a", "a", "b", "a", "a"))
    for _ in range(5):
        answer(page, Qt.Key.Key_1)
    assert page.heading.text() == "4 of 5 right"
    assert page.result.text().startswith("No difference was shown. Guessing does as well in 19 % of such tests")
    assert page.marks.text() == "Trials 1, 2, 4, 5 right; 3 wrong"
    assert page.order.text() == f"Order of X: number {abx._seed}"
    assert page.focusWidget() is page.again
    played = len(rig.audio.samples)
    QTest.keyClick(page.again, Qt.Key.Key_B)
    assert len(rig.audio.samples) == played + 1, "the sounds can be heard again"
