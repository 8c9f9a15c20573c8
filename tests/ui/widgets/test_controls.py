"""A single control: how each user input changes its value, and that only user input emits."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from synth_app.params import ParamSpec, param
from synth_app.ui.widgets.control import ValueControl
from synth_app.ui.widgets.fader import MorphFader
from synth_app.ui.widgets.knob import Knob
from synth_app.ui.widgets.latent_slider import LatentSlider
from synth_app.ui.widgets.value_entry import ValueEntry
from synth_app.ui.widgets.value_tooltip import ValueTooltip
from synth_app.ui.window.demo.scripted_input import send_mouse

SPEC = ParamSpec("z1", "z1", "", -2.0, 6.0, 1.0, "linear", 8, "latent", "help")
SHIFT, PLAIN = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.NoModifier


_HOSTS: list[QWidget] = []


def shown(qtbot: QtBot, control: ValueControl, width: int, height: int) -> ValueControl:
    host = QWidget()
    control.setParent(host)
    control.setGeometry(10, 40, width, height)
    host.resize(500, 300)
    qtbot.addWidget(host)
    host.show()
    _HOSTS.append(host)  # qtbot keeps no reference
    return control


@pytest.fixture
def slider(qtbot: QtBot) -> LatentSlider:
    control = LatentSlider(SPEC, (-1.0, 2.0))
    shown(qtbot, control, 300, 24)
    return control


def emitted(control: ValueControl) -> list[float]:
    seen: list[float] = []
    control.moved.connect(seen.append)
    return seen


def drag(control: QWidget, start: QPoint, by: QPoint, keys: Qt.KeyboardModifier = PLAIN) -> None:
    QTest.mousePress(control, Qt.MouseButton.LeftButton, keys, start)
    for fraction in (0.5, 1.0):
        at = QPointF(start) + QPointF(by) * fraction

        send_mouse(control, _MOVE, at, shift=bool(keys & SHIFT))
    QTest.mouseRelease(control, Qt.MouseButton.LeftButton, keys, start + by)


_MOVE = QEvent.Type.MouseMove


def wheel(control: QWidget, notches: float, keys: Qt.KeyboardModifier = PLAIN, *, sideways: bool = False) -> None:
    delta = QPoint(round(120 * notches), 0) if sideways else QPoint(0, round(120 * notches))
    at = QPointF(control.rect().center())
    event = QWheelEvent(
        at, control.mapToGlobal(at), QPoint(), delta, Qt.MouseButton.NoButton, keys, Qt.ScrollPhase.NoScrollPhase, False
    )
    QApplication.sendEvent(control, event)


def test_slider_follows_the_mouse_pixel_by_pixel(slider: LatentSlider) -> None:
    seen = emitted(slider)
    width = slider.track().width()
    drag(slider, QPoint(150, 12), QPoint(50, 0))
    assert slider.value == pytest.approx(1.0 + 8.0 * 50 / width)
    assert seen[-1] == slider.value
    assert len(seen) == 2


def test_a_press_does_not_move_the_value(slider: LatentSlider) -> None:
    seen = emitted(slider)
    QTest.mouseClick(slider, Qt.MouseButton.LeftButton, PLAIN, QPoint(290, 12))
    assert (slider.value, seen) == (1.0, [])


def test_shift_drags_a_tenth(slider: LatentSlider) -> None:
    drag(slider, QPoint(150, 12), QPoint(50, 0), SHIFT)
    assert slider.value == pytest.approx(1.0 + 0.1 * 8.0 * 50 / slider.track().width())


def test_drag_beyond_the_end_stops_there_and_comes_back_at_once(slider: LatentSlider) -> None:
    send_mouse(slider, QEvent.Type.MouseButtonPress, QPointF(150, 12))
    send_mouse(slider, _MOVE, QPointF(900, 12))
    assert slider.value == 6.0
    send_mouse(slider, _MOVE, QPointF(880, 12))
    send_mouse(slider, QEvent.Type.MouseButtonRelease, QPointF(880, 12))
    assert slider.value == pytest.approx(6.0 - 8.0 * 20 / slider.track().width())


def test_double_click_restores_the_reset_value(slider: LatentSlider) -> None:
    slider.set_value_and_reset_value(slider.value, -0.5)
    slider.set_value(3.0)
    seen = emitted(slider)
    QTest.mouseDClick(slider, Qt.MouseButton.LeftButton, PLAIN, QPoint(150, 12))
    assert (slider.value, seen) == (-0.5, [-0.5])


@pytest.mark.parametrize(
    ("notches", "keys", "sideways", "normalized"),
    [
        (1, PLAIN, False, 0.02),
        (-2, PLAIN, False, -0.04),
        (1, SHIFT, False, 0.002),
        (1, SHIFT, True, 0.002),
        (0.5, PLAIN, False, 0.01),
    ],
)
def test_wheel(
    slider: LatentSlider, notches: float, keys: Qt.KeyboardModifier, sideways: bool, normalized: float
) -> None:
    wheel(slider, notches, keys, sideways=sideways)
    assert slider.value == pytest.approx(1.0 + 8.0 * normalized)


@pytest.mark.parametrize(
    ("key", "keys", "value"),
    [
        (Qt.Key.Key_Right, PLAIN, 1.08),
        (Qt.Key.Key_Up, SHIFT, 1.008),
        (Qt.Key.Key_Left, PLAIN, 0.92),
        (Qt.Key.Key_PageDown, PLAIN, 0.2),
        (Qt.Key.Key_Home, PLAIN, -2.0),
        (Qt.Key.Key_End, PLAIN, 6.0),
        (Qt.Key.Key_Delete, PLAIN, 0.25),
    ],
)
def test_keys(slider: LatentSlider, key: Qt.Key, keys: Qt.KeyboardModifier, value: float) -> None:
    slider.set_value_and_reset_value(slider.value, 0.25)
    QTest.keyClick(slider, key, keys)
    assert slider.value == pytest.approx(value)


def test_set_value_emits_nothing(slider: LatentSlider) -> None:
    seen = emitted(slider)
    slider.set_value(4.0)
    slider.set_value_and_reset_value(slider.value, 2.0)
    assert (slider.value, seen) == (4.0, [])
    assert slider.accessibleDescription() == "+4.00"


def test_typed_entry(slider: LatentSlider) -> None:
    seen = emitted(slider)
    QTest.keyClick(slider, Qt.Key.Key_Return)
    entry = slider.window().findChild(ValueEntry)
    assert isinstance(entry, ValueEntry)
    entry.setText("what")
    QTest.keyClick(entry, Qt.Key.Key_Return)
    assert (slider.value, seen) == (1.0, [])
    assert entry.isVisible(), "a wrong entry can be corrected"
    entry.setText("2.5")
    QTest.keyClick(entry, Qt.Key.Key_Return)
    assert (slider.value, seen) == (2.5, [2.5])
    QApplication.sendPostedEvents(None, 52)  # QEvent.DeferredDelete
    assert slider.window().findChild(ValueEntry) is None


def test_escape_keeps_the_value(slider: LatentSlider) -> None:
    slider.enter_value()
    entry = slider.window().findChild(ValueEntry)
    assert isinstance(entry, ValueEntry)
    entry.setText("3")
    QTest.keyClick(entry, Qt.Key.Key_Escape)
    assert slider.value == 1.0


def test_menu_resets(slider: LatentSlider) -> None:
    slider.set_value(3.0)
    reset = next(action for action in slider.menu().actions() if action.text().startswith("Reset"))
    reset.trigger()
    assert slider.value == 1.0


def test_the_tooltip_shows_the_value_during_a_drag(slider: LatentSlider) -> None:
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, PLAIN, QPoint(150, 12))

    send_mouse(slider, _MOVE, QPointF(170, 12))
    tooltip = slider.window().findChild(ValueTooltip)
    assert isinstance(tooltip, ValueTooltip)
    assert tooltip.isVisible()
    assert tooltip.text == f"z1  {slider.text()}"
    assert slider.window().rect().contains(tooltip.geometry())
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, PLAIN, QPoint(170, 12))
    assert not tooltip.isVisible()


@pytest.mark.parametrize(
    ("make", "size", "by", "normalized"),
    [
        (lambda: Knob(param("attack_s")), (70, 90), QPoint(0, -36), 0.2),
        (lambda: Knob(param("attack_s")), (70, 90), QPoint(18, 0), 0.1),
        (lambda: MorphFader(param("morph")), (370, 36), QPoint(60, 0), 0.2),
    ],
)
def test_other_controls_drag(
    qtbot: QtBot, make: Callable[[], ValueControl], size: tuple[int, int], by: QPoint, normalized: float
) -> None:
    control = shown(qtbot, make(), *size)
    before = control.normalized()
    drag(control, QPoint(30, 60 if size[1] > 60 else 18), by)
    assert control.normalized() - before == pytest.approx(normalized, abs=1e-6)


def test_focus_ring_only_for_the_keyboard(slider: LatentSlider) -> None:
    slider.setFocus(Qt.FocusReason.MouseFocusReason)
    assert not slider.focus_visible
    slider.clearFocus()
    slider.setFocus(Qt.FocusReason.TabFocusReason)
    assert slider.focus_visible
