"""The strip that tells progress."""

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from synth_app.ui.widgets.progress_notice import ProgressNotice


def test_every_percentage_fits(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(500, 300)
    notice = ProgressNotice(window)
    window.show()
    for fraction in (0.0, 0.1, 1.0):
        notice.show_progress("Compiling the sound engine. This is done once, and takes about a minute.", fraction)
        assert notice.percent.width() >= notice.percent.fontMetrics().horizontalAdvance(notice.percent.text())
