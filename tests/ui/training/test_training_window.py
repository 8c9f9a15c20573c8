"""The window that shows one page of trainings at a time."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from synth_app.ui.training.training_window import TrainingWindow


def test_return_presses_the_button_with_the_focus(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    window = TrainingWindow(parent)
    page = QWidget()
    back, train = QPushButton("Back", page), QPushButton("Train", page)
    for button in (back, train):
        button.setCheckable(True)
    window.show_page(page)
    window.show()
    QTest.keyClick(train, Qt.Key.Key_Return)
    assert (back.isChecked(), train.isChecked()) == (False, True)
