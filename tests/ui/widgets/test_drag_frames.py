"""A frame of a drag paints exactly the widgets that have changed."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from synth_app.ui.widgets.value_tooltip import ValueTooltip
from synth_app.ui.window.demo.scripted_input import send_mouse
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
    """Collect every painted widget, once per paint event."""
    watch = _Painted()
    app.installEventFilter(watch)
    yield watch.widgets
    app.processEvents()
    app.removeEventFilter(watch)


def track_point(rig: Rig, fraction: float) -> QPointF:
    """Return a point of the morph fader's track."""
    track = rig.window.work.morph.fader.track()
    return QPointF(track.left() + fraction * track.width(), track.center().y())


def tooltip_of(rig: Rig) -> ValueTooltip:
    """Return the window's value tooltip."""
    tooltip = rig.window.findChild(ValueTooltip)
    assert isinstance(tooltip, ValueTooltip)
    return tooltip


@pytest.fixture
def held(rig: Rig, qapp: QApplication) -> Iterator[Rig]:
    """Drag the morph fader to 50 % and keep it pressed, with its tooltip shown."""
    fader = rig.window.work.morph.fader
    rig.store.slots.choose("b", len(rig.store.bank) - 1)
    rig.store.set_morph(0.4)
    QTest.qWait(100)
    send_mouse(fader, _PRESS, track_point(rig, 0.4))
    send_mouse(fader, _MOVE, track_point(rig, 0.5))
    qapp.processEvents()
    yield rig
    send_mouse(fader, _RELEASE, track_point(rig, 0.5))


def test_another_digit_repaints_nothing_behind_it(held: Rig, qapp: QApplication) -> None:
    work, tooltip = held.window.work, tooltip_of(held)
    before, box = tooltip.text, tooltip.geometry()
    with painted_meanwhile(qapp) as painted:
        send_mouse(work.morph.fader, _MOVE, track_point(held, 0.6))
    assert tooltip.text != before
    assert tooltip.geometry() == box, "all digits have one width"
    assert any(box.contains(each.geometry()) and each.parent() is held.window for each in painted), (
        "the text is repainted"
    )
    assert work.morph.readout.text().endswith("60 %")
    assert {work.morph.fader, work.morph.readout} <= set(painted)
    assert not {held.window, work, work.morph, tooltip, *work.morph.cards.values()} & set(painted)


def test_the_tooltip_shows_its_text(held: Rig, qapp: QApplication) -> None:
    """After any change of text or control, its picture is the same as that of a new tooltip."""
    fader, knob = held.window.work.morph.fader, held.window.work.morph.motion
    for control, text in ((fader, "Morph  12 %"), (fader, "Morph  13 %"), (fader, "Morph  1 %"), (knob, "Morph  1 %")):
        ValueTooltip.show_for(control, text)
        qapp.processEvents()
        seen = _tooltip_picture(held)
        ValueTooltip.hide_for(control)
        ValueTooltip.show_for(control, text)
        assert _tooltip_picture(held) == seen
        assert tooltip_of(held).text == text
    ValueTooltip.hide_for(knob)
    assert not tooltip_of(held).isVisible()
    assert _tooltip_picture(held) != seen, "box and text are hidden"


def _tooltip_picture(rig: Rig) -> QImage:
    return rig.window.grab(tooltip_of(rig).geometry()).toImage()


def test_a_cursor_leaves_no_trace_on_the_pad(rig: Rig, qapp: QApplication) -> None:
    """After partial repaints the screen shows the same as a full repaint of the pad."""
    pad, store = rig.window.work.pad.pad, rig.store
    QTest.qWait(100)
    (low_x, high_x), (low_y, high_y) = store.ranges[store.state.pad.axes[0]], store.ranges[store.state.pad.axes[1]]
    for across, up in ((0.1, 0.2), (0.1013, 0.2), (0.9, 0.25), (0.5, 1.0), (0.0, 0.0), (0.31, 0.774), (0.33, 0.77)):
        with painted_meanwhile(qapp) as painted:
            pad.set_cursor_values(low_x + across * (high_x - low_x), low_y + up * (high_y - low_y))
        assert pad in painted
        assert _on_screen(rig, pad) == pad.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)


def _on_screen(rig: Rig, widget: QWidget) -> QImage:
    corner, window = widget.mapTo(rig.window, QPoint()), rig.window
    shown = window.screen().grabWindow(window.winId(), corner.x(), corner.y(), widget.width(), widget.height())
    return shown.toImage().convertToFormat(QImage.Format.Format_RGB32)
