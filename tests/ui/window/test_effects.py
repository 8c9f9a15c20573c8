"""The effects page: switches and knobs, by mouse and keyboard."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from synth_app.params import PARAMS
from synth_app.patch import SetPatch
from synth_app.ui.widgets.switch import Switch
from tests.ui.conftest import Rig


def card(rig: Rig, effect: str) -> dict[str, object]:
    """Return the controls of a card by parameter."""
    rig.window.work.deck.show_page("effects")
    found = {name: control for each, _ in rig.window.work.effects for name, control in each.controls.items()}
    return {name: control for name, control in found.items() if name.startswith(effect)}


def switch(rig: Rig, effect: str) -> Switch:
    found = card(rig, effect)[f"{effect}_on"]
    assert isinstance(found, Switch)
    return found


def test_every_effect_parameter_has_one_control(rig: Rig) -> None:
    names = [name for each, _ in rig.window.work.effects for name in each.controls]
    assert sorted(names) == sorted(spec.name for spec in PARAMS if spec.group == "effects")
    titles = [each.title.text() for each, _ in rig.window.work.effects]
    assert titles == ["Drive", "Tilt EQ", "Chorus", "Delay", "Reverb", "Limiter"]
    for each, _ in rig.window.work.effects:
        for name, control in each.controls.items():
            assert control.accessibleName()
            assert control.spec.name == name


def test_a_click_switches_an_effect_and_undo_reverts_it(rig: Rig) -> None:
    reverb = switch(rig, "reverb")
    QTest.mouseClick(reverb, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(20, 10))
    assert rig.store.patch.value("reverb_on") == 1.0
    sent = rig.audio.sent[-1]
    assert isinstance(sent, SetPatch)
    assert sent.patch.value("reverb_on") == 1.0
    assert reverb.accessibleDescription() == "On"
    rig.window.presets.undo.undo_action.trigger()
    assert rig.store.patch.value("reverb_on") == 0.0
    assert not reverb.on


@pytest.mark.parametrize(("key", "before", "after"), [
    (Qt.Key.Key_Space, 0.0, 1.0), (Qt.Key.Key_Return, 1.0, 0.0), (Qt.Key.Key_Right, 0.0, 1.0),
    (Qt.Key.Key_Left, 1.0, 0.0), (Qt.Key.Key_Left, 0.0, 0.0), (Qt.Key.Key_Delete, 1.0, 0.0),
])  # fmt: skip
def test_keys_switch_an_effect(rig: Rig, key: Qt.Key, before: float, after: float) -> None:
    rig.store.set_param("chorus_on", before)
    QTest.keyClick(switch(rig, "chorus"), key)
    assert rig.store.patch.value("chorus_on") == after


def test_arrow_keys_step_through_note_values(rig: Rig) -> None:
    sync = rig.window.work.effects[3][0].knobs["delay_sync"]
    time_knob = rig.window.work.effects[3][0].knobs["delay_time_s"]
    for _ in range(3):
        QTest.keyClick(sync, Qt.Key.Key_Up)
    assert sync.text() == "1/16"
    QTest.keyClick(sync, Qt.Key.Key_Down)
    assert rig.store.patch.value("delay_sync") == 2.0
    assert time_knob.isEnabled()  # it can be set beforehand


def test_a_knob_of_a_switched_off_effect_can_be_set(rig: Rig) -> None:
    decay = rig.window.work.effects[4][0].knobs["reverb_decay_s"]
    QTest.keyClick(decay, Qt.Key.Key_End)
    assert rig.store.patch.value("reverb_decay_s") == 20.0
    assert rig.store.patch.value("reverb_on") == 0.0
