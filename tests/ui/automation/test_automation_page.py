"""Automation as a graph: controls added, points moved on the control's own axis, length, playing position."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QMenu

from synth_app.params import param
from synth_app.patch import AUTOMATION_RATE_HZ, Automation, AutomationCurve
from synth_app.ui.automation.automation_page import AutomationPage
from tests.ui.conftest import Rig
from tests.ui.graphs.graph_events import CTRL, double_click, drag_to, place, press_key, settle

RAMP = np.linspace(0.0, 0.5, 2 * AUTOMATION_RATE_HZ)


def page_of(rig: Rig, chosen: str = "") -> AutomationPage:
    window = rig.window.graphs.open("automation", chosen)
    settle(window)
    page = window.page
    assert isinstance(page, AutomationPage)
    return page


def with_curves(rig: Rig) -> None:
    rig.store.set_automation(Automation((AutomationCurve.of("morph", RAMP), AutomationCurve.of("z3", 0.0 * RAMP))))


def curve(rig: Rig, target: str) -> np.ndarray:
    automation = rig.audio.patch.automation
    assert automation is not None
    return next(each.array() for each in automation.curves if each.target == target)


def entry(menu: QMenu, group: str, text: str) -> None:
    found = next(each for each in menu.findChildren(QMenu) if each.title() == group)
    next(action for action in found.actions() if action.text() == text).trigger()


def test_controls_are_added_to_an_empty_automation(rig: Rig) -> None:
    page = page_of(rig)
    assert page.empty.isVisible()
    assert not page.editor.isEnabled()
    page.add_menu.aboutToShow.emit()
    entry(page.add_menu, "Output", "Output")
    assert not page.empty.isVisible()
    assert page.target == "gain_db"
    assert curve(rig, "gain_db").tolist() == [0.0] * 200
    page.add_menu.aboutToShow.emit()
    used = [action.text() for menu in page.add_menu.findChildren(QMenu) for action in menu.actions()]
    assert "Output" not in used
    page.remove.click()
    assert rig.store.patch.automation is None
    assert page.empty.isVisible()
    rig.window.presets.undo.undo()
    assert rig.store.patch.automation is not None


def test_points_move_on_the_axis_of_the_control(rig: Rig) -> None:
    with_curves(rig)
    rig.store.set_morph(0.25)
    page = page_of(rig, "morph")
    editor = page.editor
    assert [each.y for each in editor.handles] == pytest.approx([0.25, 0.75], abs=1e-3)
    assert editor.handles[1].text.endswith("75 %")
    drag_to(editor, place(editor, 1), editor.position_of(9.0, 2.0))
    assert curve(rig, "morph")[-1] == pytest.approx(0.75, abs=1e-3), "no higher than the control goes: 100 %"
    np.testing.assert_allclose(curve(rig, "morph"), 1.5 * RAMP, atol=2e-3)
    assert not curve(rig, "z3").any()
    rig.store.set_morph(0.5)
    assert editor.handles[0].y == pytest.approx(0.5), "the curve stands on the control's position"
    double_click(editor, place(editor, 1))
    assert curve(rig, "morph")[-1] == 0.0, "reset: the control's own position"


def test_points_are_added_on_beats_and_removed(rig: Rig) -> None:
    with_curves(rig)
    rig.store.set_param("tempo_bpm", 120.0)
    page = page_of(rig, "z3")
    editor, combo = page.editor, page.time_grid.combo
    combo.setCurrentIndex(combo.findText("1/4"))
    combo.activated.emit(combo.currentIndex())
    page.snap.click()
    low, high = rig.store.ranges[2]
    level = low + 0.8 * (high - low)
    double_click(editor, editor.position_of(0.93, level))
    assert editor.handles[1].x == pytest.approx(1.0), "the third beat at 120 bpm begins after 1 s"
    peak = curve(rig, "z3")
    assert int(np.abs(peak).argmax()) == 50
    rest = rig.store.latents.values()[2]
    lines = np.interp(np.arange(100), [0, 50, 99], [0.0, peak[50], 0.0])
    np.testing.assert_allclose(peak, lines, atol=4e-3)
    assert rest + peak[50] == pytest.approx(level, abs=(high - low) / 40)
    editor.setFocus()
    press_key(editor, Qt.Key.Key_Right, CTRL)  # snapping is on: Ctrl moves freely
    assert 1.0 <= editor.handles[1].x < 1.1
    press_key(editor, Qt.Key.Key_Right)
    assert editor.handles[1].x == pytest.approx(1.5)
    press_key(editor, Qt.Key.Key_Delete)
    assert not curve(rig, "z3").any()
    assert rig.window.presets.service.history.undo_label == "Automation"


def test_a_long_drag_is_one_step_and_the_detail_stays(rig: Rig) -> None:
    low, high = rig.store.ranges[0]
    wave = 0.1 * (high - low) * np.sin(np.linspace(0, 60, 200))
    rig.store.set_automation(Automation((AutomationCurve.of("z1", wave),)))
    page = page_of(rig, "z1")
    editor, history = page.editor, rig.window.presets.service.history
    steps, before = len(history.steps), curve_values(rig)
    middle = len(editor.handles) // 2
    frames = page.edited.curve.points[middle - 1 : middle + 2]
    handle = editor.handles[middle]
    by = 0.2 * (high - low) * (1 if handle.y < 0.5 * (low + high) else -1)
    drag_to(editor, place(editor, middle), editor.position_of(handle.x, handle.y + by), steps=20)
    lifted = curve_values(rig) - before
    tent = np.interp(np.arange(200), frames, [0.0, lifted[frames[1]], 0.0])
    np.testing.assert_allclose(lifted, tent, atol=2e-3 * (high - low))
    assert lifted[frames[1]] == pytest.approx(by, abs=0.02 * (high - low))
    assert len(history.steps) == steps + 1


def curve_values(rig: Rig) -> np.ndarray:
    assert rig.store.patch.automation is not None
    return rig.store.patch.automation.curves[0].array().astype(np.float64)


def test_the_length_is_typed(rig: Rig) -> None:
    with_curves(rig)
    page = page_of(rig, "morph")
    page.length.setFocus()
    page.length.selectAll()
    QTest.keyClicks(page.length, "3.5")
    QTest.keyClick(page.length, Qt.Key.Key_Return)
    assert rig.audio.patch.automation is not None
    assert rig.audio.patch.automation.seconds == 3.5
    assert curve(rig, "morph")[-1] == pytest.approx(0.5, abs=1e-3)
    assert page.editor.extent()[0] == pytest.approx((0.0, 3.48))


def test_a_value_is_typed_in_the_unit_of_the_control(rig: Rig) -> None:
    rig.store.set_automation(Automation((AutomationCurve.of("attack_s", 0.0 * RAMP),)))
    page = page_of(rig)
    page.editor.setFocus()
    page.editor.select(1)
    press_key(page.editor, Qt.Key.Key_Return)
    field = page.window().findChild(QLineEdit, options=Qt.FindChildOption.FindDirectChildrenOnly)
    assert field is not None
    field.setText("250 ms")
    QTest.keyClick(field, Qt.Key.Key_Return)
    spec = param("attack_s")
    rest = spec.to_normalized(rig.store.patch.value("attack_s"))
    assert spec.from_normalized(rest + float(curve(rig, "attack_s")[-1])) == pytest.approx(0.25, rel=0.01)


def test_the_playing_position_is_shown_while_keys_are_held(rig: Rig) -> None:
    with_curves(rig)
    page = page_of(rig, "morph")
    assert not page._position.isVisible()
    rig.window.notes.press("mouse", 60, 100)
    page._show_position()
    assert page._position.isVisible()
    assert 0.0 <= page._position.value() <= 2.0
    rig.window.notes.release("mouse", 60)
    rig.window.automation.position_changed.emit()
    assert not page._position.isVisible()


def test_a_recording_or_undo_elsewhere_is_shown(rig: Rig) -> None:
    with_curves(rig)
    page = page_of(rig, "z3")
    rig.window.automation.clear("z3")
    assert page.target == "morph"
    assert page.chooser.count() == 1
    rig.window.presets.undo.undo()
    assert page.chooser.count() == 2
