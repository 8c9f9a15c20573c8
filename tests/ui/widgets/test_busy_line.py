"""The busy line: it moves while something loads and does not repaint afterwards."""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from synth_app.ui.theme import theme
from synth_app.ui.widgets.busy_line import BusyLine


class Paints(QObject):
    """Counts paint events."""

    count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Count a paint event; filter nothing."""
        self.count += event.type() == QEvent.Type.Paint
        return False


def lit(line: BusyLine) -> list[bool]:
    """Return which columns of the line have the accent colour."""
    image, accent = line.grab().toImage(), QColor(theme.colors().accent)
    return [image.pixelColor(x, 0) == accent for x in range(image.width())]


def test_it_moves_while_busy_and_stops_afterwards(qtbot: QtBot) -> None:
    line = BusyLine()
    qtbot.addWidget(line)
    line.resize(200, line.height())
    line.show()
    qtbot.waitExposed(line)
    paints = Paints()
    line.installEventFilter(paints)
    line.set_busy(True)
    qtbot.waitUntil(lambda: paints.count > 5)
    qtbot.waitUntil(lambda: any(lit(line)))
    assert not all(lit(line))
    assert line.accessibleDescription() == "in progress"
    line.set_busy(False)
    qtbot.wait(60)  # repaints requested before
    before = paints.count
    qtbot.wait(250)
    assert paints.count == before
    assert not any(lit(line))


def test_it_stands_still_with_reduced_motion(qtbot: QtBot) -> None:
    line = BusyLine()
    qtbot.addWidget(line)
    line.resize(200, line.height())
    theme.set_reduced_motion(True)
    try:
        line.set_busy(True)
        assert not line.animating
        assert all(lit(line))
    finally:
        theme.set_reduced_motion(False)
