"""A walk through the tree that screen readers see: every control has a name, a role, a value, a range and a step."""

import gc
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from synth_app.params import param
from synth_app.ui.base.accessible_value import PadAxis
from synth_app.ui.pad.map_canvas import MapCanvas
from synth_app.ui.pad.morph_pad import MorphPad
from synth_app.ui.pad.pad import Pad
from synth_app.ui.widgets.amount_slider import AmountSlider
from synth_app.ui.widgets.control import ValueControl
from synth_app.ui.widgets.fader import MorphFader
from synth_app.ui.widgets.knob import Knob
from synth_app.ui.widgets.latent_slider import LatentSlider
from synth_app.ui.widgets.switch import Switch
from tests.ui.conftest import Rig

ROLES = {
    Knob: QAccessible.Role.Dial,
    LatentSlider: QAccessible.Role.Slider,
    MorphFader: QAccessible.Role.Slider,
    AmountSlider: QAccessible.Role.Slider,
    Switch: QAccessible.Role.CheckBox,
    Pad: QAccessible.Role.Slider,
    MapCanvas: QAccessible.Role.Slider,
    MorphPad: QAccessible.Role.Slider,
    PadAxis: QAccessible.Role.Slider,
}


def walk(node: QAccessibleInterface) -> Iterator[QAccessibleInterface]:
    """Yield a node and everything below it."""
    yield node
    for i in range(node.childCount()):
        child = node.child(i)
        if child is not None and child.isValid():
            yield from walk(child)


def interface(widget: QWidget) -> QAccessibleInterface:
    """Return what a screen reader gets for a widget."""
    found = QAccessible.queryAccessibleInterface(widget)
    assert found is not None
    return found


def test_every_control_gives_role_value_range_and_step(rig: Rig) -> None:
    rig.window.pages.toggle_browser()
    seen: dict[type, int] = {}
    for node in walk(interface(rig.window)):
        widget = node.object()
        if not isinstance(widget, ValueControl | Pad | MapCanvas | MorphPad | PadAxis):
            continue
        kind = next(each for each in ROLES if isinstance(widget, each))
        seen[kind] = seen.get(kind, 0) + 1
        assert node.role() == ROLES[kind]
        assert node.text(QAccessible.Text.Name)
        value = node.valueInterface()
        assert value is not None, node.text(QAccessible.Text.Name)
        low, high = value.minimumValue(), value.maximumValue()
        assert low <= value.currentValue() <= high
        assert 0 < value.minimumStepSize() <= high - low  # a choice of two has one step
    assert set(seen) >= set(ROLES) - {AmountSlider}
    assert seen[PadAxis] == 6
    assert sum(seen.values()) > 50


def test_a_screen_reader_can_move_the_controls(rig: Rig) -> None:
    work = rig.window.work
    knob = work.envelope.knobs["sustain"]
    for control, name in ((knob, "sustain"), (work.morph.fader, "morph")):
        value = interface(control).valueInterface()
        assert value is not None
        value.setCurrentValue(0.25)
        assert rig.store.patch.value(name) == pytest.approx(0.25)
        assert value.currentValue() == pytest.approx(0.25)
        value.setCurrentValue(99.0)
        assert rig.store.patch.value(name) == 1.0
    slider = interface(work.latent.sliders[2]).valueInterface()
    assert slider is not None
    slider.setCurrentValue(slider.minimumValue())
    assert rig.store.latents.values()[2] == pytest.approx(rig.store.ranges[2][0])


def test_a_screen_reader_can_move_the_pads(rig: Rig) -> None:
    pads = rig.window.work.pad
    for axis, dim in enumerate(rig.store.state.pad.axes):
        value = interface(pads.pad.axes[axis]).valueInterface()
        assert value is not None
        assert (value.minimumValue(), value.maximumValue()) == tuple(rig.store.ranges[dim])
        value.setCurrentValue(value.minimumValue())
        assert rig.store.latents.values()[dim] == pytest.approx(rig.store.ranges[dim][0])
    for mode, pad in (("map", pads.map.canvas), ("morph", pads.morph.pad)):
        pads.modes.buttons[mode].click()
        for axis in (0, 1):
            value = interface(pad.axes[axis]).valueInterface()
            assert value is not None
            value.setCurrentValue(0.25)
            field = rig.store.state.pad
            at = field.map_at if mode == "map" else field.morph_at
            assert at is not None
            assert at[axis] == 0.25


def test_interfaces_end_with_their_widgets(qtbot: QtBot) -> None:
    """Qt deletes an interface with its widget; a second deletion would end the program. No knob stays in memory."""
    knobs: list[weakref.ref[Knob]] = []
    gc.freeze()  # each collection then looks at the new objects only
    try:
        for _ in range(30):
            host = QWidget()
            for knob in [Knob(param("sustain"), host) for _ in range(20)]:
                assert interface(knob).valueInterface() is not None
                knobs.append(weakref.ref(knob))
            host.deleteLater()
            del host, knob
            QApplication.processEvents()
            QApplication.sendPostedEvents(None, 52)  # deferred deletes
            gc.collect()
    finally:
        gc.unfreeze()
    assert [each for each in knobs if each() is not None] == []
