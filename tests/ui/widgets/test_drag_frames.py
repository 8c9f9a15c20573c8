"""What one frame of a drag paints: all that changed, where it changed, and nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from synth_app.ui.widgets.value_tooltip import ValueTooltip
from synth_app.ui.window.scripted_input import send_mouse
from tests.ui.conftest import Rig

_PRESS, _MOVE, _RELEASE = QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove, QEvent.Type.MouseButtonRelease


class _Painted(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.widgets: list[QWidget] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and isinstance(watched, QWidget):
            self.widgets.append(watched)
        return False


@contextmanager
def painted_meanwhile(app: QApplication) -> Iterator[list[QWidget]]:
    """Every widget that is painted, as often as it is."""
    watch = _Painted()
    app.installEventFilter(watch)
    yield watch.widgets
    app.processEvents()
    app.removeEventFilter(watch)


def place(rig: Rig, share: float) -> QPointF:
    """A point of the morph fader's track."""
    track = rig.window.work.morph.fader.track()
    return QPointF(track.left() + share * track.width(), track.center().y())


def bubble_of(rig: Rig) -> ValueTooltip:
    """The window's."""
    bubble = rig.window.findChild(ValueTooltip)
    assert isinstance(bubble, ValueTooltip)
    return bubble


@pytest.fixture
def held(rig: Rig, qapp: QApplication) -> Iterator[Rig]:
    """The morph fader in the hand at 50 %, its bubble shown."""
    fader = rig.window.work.morph.fader
    rig.store.choose_slot("b", len(rig.store.bank) - 1)
    rig.store.set_morph(0.4)
    QTest.qWait(100)
    send_mouse(fader, _PRESS, place(rig, 0.4))
    send_mouse(fader, _MOVE, place(rig, 0.5))
    qapp.processEvents()
    yield rig
    send_mouse(fader, _RELEASE, place(rig, 0.5))


def test_another_digit_paints_nothing_behind_it(held: Rig, qapp: QApplication) -> None:
    work, bubble = held.window.work, bubble_of(held)
    before, box = bubble.text, bubble.geometry()
    with painted_meanwhile(qapp) as painted:
        send_mouse(work.morph.fader, _MOVE, place(held, 0.6))
    assert bubble.text != before
    assert bubble.geometry() == box, "figures are of one width"
    assert any(box.contains(each.geometry()) and each.parent() is held.window for each in painted), "but the text is"
    assert work.morph.readout.text().endswith("60 %")
    assert {work.morph.fader, work.morph.readout} <= set(painted)
    assert not {held.window, work, work.morph, bubble, *work.morph.cards.values()} & set(painted)


def test_the_bubble_says_what_it_is_told(held: Rig, qapp: QApplication) -> None:
    """Of one width or not, beside one control or another, its picture is that of a new one."""
    fader, knob = held.window.work.morph.fader, held.window.work.morph.motion
    for control, text in ((fader, "Morph  12 %"), (fader, "Morph  13 %"), (fader, "Morph  1 %"), (knob, "Morph  1 %")):
        ValueTooltip.show_for(control, text)
        qapp.processEvents()
        seen = _bubble_picture(held)
        ValueTooltip.hide_for(control)
        ValueTooltip.show_for(control, text)
        assert _bubble_picture(held) == seen
        assert bubble_of(held).text == text
    ValueTooltip.hide_for(knob)
    assert not bubble_of(held).isVisible()
    assert _bubble_picture(held) != seen, "gone with all of it"


def _bubble_picture(rig: Rig) -> QImage:
    return rig.window.grab(bubble_of(rig).geometry()).toImage()


def test_a_cursor_leaves_no_trace_on_the_pad(rig: Rig, qapp: QApplication) -> None:
    """After moves that each painted a part of it, the screen shows what the whole pad would be painted like."""
    pad, store = rig.window.work.pad.pad, rig.store
    QTest.qWait(100)
    (low_x, high_x), (low_y, high_y) = store.ranges[store.state.pad[0]], store.ranges[store.state.pad[1]]
    for across, up in ((0.1, 0.2), (0.1013, 0.2), (0.9, 0.25), (0.5, 1.0), (0.0, 0.0), (0.31, 0.774), (0.33, 0.77)):
        with painted_meanwhile(qapp) as painted:
            pad.set_cursor_values(low_x + across * (high_x - low_x), low_y + up * (high_y - low_y))
        assert pad in painted
        assert _on_screen(rig, pad) == pad.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)


def _on_screen(rig: Rig, widget: QWidget) -> QImage:
    corner, window = widget.mapTo(rig.window, QPoint()), rig.window
    shown = window.screen().grabWindow(window.winId(), corner.x(), corner.y(), widget.width(), widget.height())
    return shown.toImage().convertToFormat(QImage.Format.Format_RGB32)
