"""The automation panel: keys start the recording; buttons, handles and keys edit the curves."""

import time

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from synth_app.patch import AUTOMATION_RATE_HZ, Automation, AutomationCurve
from synth_app.ui.window.demo.scripted_input import send_mouse
from tests.ui.conftest import Rig

PRESS, MOVE, RELEASE = QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove, QEvent.Type.MouseButtonRelease
WAVE = np.sin(np.linspace(0, 6, 2 * AUTOMATION_RATE_HZ)) * 0.4


@pytest.fixture
def shown(rig: Rig) -> Rig:
    rig.window.work.deck.show_page("time")
    return rig


def with_automation(rig: Rig) -> Automation:
    automation = Automation((AutomationCurve.of("morph", WAVE), AutomationCurve.of("z2", 3 * WAVE)))
    rig.store.set_automation(automation)
    return automation


def test_a_fader_moved_during_a_note_is_recorded(shown: Rig) -> None:
    window, panel = shown.window, shown.window.work.automation
    assert not panel.switches["playing"].isEnabled()
    panel.record.click()
    assert "Play a key" in panel.canvas.empty_text
    window.notes.press("mouse", 60, 100)
    assert window.automation.recorder.recording
    for value in (0.2, 0.4, 0.6):
        window.work.morph.fader.change(value)
        time.sleep(0.06)
    window.notes.release("mouse", 60)
    panel.record.click()
    gesture = shown.audio.patch.automation
    assert gesture is not None, "the audio process has it"
    assert [curve.target for curve in gesture.curves] == ["morph"]
    assert gesture.curves[0].array()[-1] == pytest.approx(0.6, abs=1e-3)
    assert shown.store.patch.value("morph") == 0.0
    assert panel.switches["playing"].isChecked()
    assert panel.chooser.itemText(1) == "Morph"
    window.presets.undo.undo()
    assert shown.store.patch.automation is None


def test_the_shortcut_records_and_an_empty_recording_is_explained(shown: Rig) -> None:
    QTest.keyClick(shown.window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert shown.window.work.automation.record.isChecked()
    QTest.keyClick(shown.window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert not shown.window.work.automation.record.isChecked()
    assert "no key" in shown.window.work.status.message.text()


def test_switches_and_tools_change_the_patch_and_follow_it(shown: Rig) -> None:
    panel, automation = shown.window.work.automation, with_automation(shown)
    panel.switches["looping"].click()
    assert shown.audio.patch.automation is not None
    assert not shown.audio.patch.automation.looping
    QTest.keyClick(shown.window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert shown.store.patch.automation is not None
    assert not shown.store.patch.automation.playing
    assert not panel.switches["playing"].isChecked()
    panel.chooser.setCurrentIndex(2)
    panel.buttons["More"].click()
    np.testing.assert_allclose(shown.store.patch.automation.curves[1].array(), 3.75 * WAVE, atol=2e-3)
    assert shown.store.patch.automation.curves[0] == automation.curves[0]
    panel.buttons["Clear"].click()
    assert [curve.target for curve in shown.store.patch.automation.curves] == ["morph"]
    assert panel.target is None
    panel.buttons["Clear"].click()
    assert shown.store.patch.automation is None
    assert not panel.buttons["Clear"].isEnabled()


def test_ends_are_dragged_and_keys_do_the_same(shown: Rig) -> None:
    canvas, automation = shown.window.work.automation.canvas, with_automation(shown)
    middle = canvas.height() / 2
    for kind, at_s in ((PRESS, automation.seconds), (MOVE, 1.2), (RELEASE, 1.2)):
        send_mouse(canvas, kind, QPointF(canvas.pixel_x(at_s), middle))
    assert shown.store.patch.automation is not None
    assert shown.store.patch.automation.seconds == pytest.approx(1.2, abs=0.03)
    QTest.keyClick(canvas, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(canvas, Qt.Key.Key_Left)
    assert shown.store.patch.automation.seconds == pytest.approx(1.0, abs=0.03)
    QTest.keyClick(canvas, Qt.Key.Key_Up)
    assert np.abs(shown.store.patch.automation.curves[0].array()).max() == pytest.approx(0.5, abs=0.01)
    QTest.keyClick(canvas, Qt.Key.Key_Delete)
    assert shown.store.patch.automation is None


def test_the_position_moves_only_while_it_plays(shown: Rig) -> None:
    window, canvas = shown.window, shown.window.work.automation.canvas
    with_automation(shown)
    assert not window.automation._clock.isActive()
    window.notes.press("mouse", 60, 100)
    assert window.automation._clock.isActive()
    QTest.qWait(120)
    assert canvas._position_s is not None
    assert canvas._position_s > 0.05
    window.notes.release("mouse", 60)
    assert not window.automation._clock.isActive()
    assert canvas._position_s is None
    window.appearance.set_reduced_motion(True)
    window.notes.press("mouse", 60, 100)
    assert not window.automation._clock.isActive(), "reduced motion"
    window.notes.release("mouse", 60)
    window.appearance.set_reduced_motion(False)


@pytest.mark.parametrize("state", ["empty", "recorded", "recording"])
def test_the_page_fits(shown: Rig, state: str) -> None:
    if state == "recorded":
        with_automation(shown)
    elif state == "recording":
        shown.window.work.automation.record.click()
        shown.window.notes.press("mouse", 60, 100)
    shown.window.resize(1280, 720)
    QApplication.processEvents()
    assert shown.window.width() == 1280
    for panel in (shown.window.work.path, shown.window.work.automation):
        items = [panel.header.itemAt(i) for i in range(panel.header.count())]
        for child in [None if item is None else item.widget() for item in items]:
            assert child is None or not child.isVisible() or child.width() >= child.minimumSizeHint().width(), child
