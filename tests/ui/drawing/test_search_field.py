"""The search field: its cross is in the middle, shown while there is text, and clears."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton

from tests.ui.conftest import Rig


def test_the_cross_is_centred_and_clears(rig: Rig) -> None:
    rig.window.pages.toggle_browser()
    field = rig.window.pages.browser.search
    assert not field.clear_action.isVisible()
    QTest.keyClicks(field, "warm")
    cross = field.findChild(QToolButton)
    assert cross is not None
    assert cross.isVisible()
    assert abs(cross.geometry().center().y() - field.rect().center().y()) <= 1
    assert field.rect().contains(cross.geometry())
    QTest.mouseClick(cross, Qt.MouseButton.LeftButton)
    assert field.text() == ""
    assert not field.clear_action.isVisible()
