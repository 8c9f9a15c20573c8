"""The filter page: its response to drag, its knobs, its envelope and the drive beside them."""

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from synth_app.patch import SetPatch
from synth_app.patch.modulation_matrix import Connection, Modulation
from synth_app.session.edit.filter_curve import CUTOFF, RESONANCE
from synth_app.ui.filter.filter_panel import FilterPanel
from synth_app.ui.modulation.shapes_page import ShapesPage
from synth_app.ui.window.demo.scripted_input import drag
from tests.ui.conftest import Rig
from tests.ui.graphs.graph_events import drag_to, place, settle

SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def panel(rig: Rig) -> FilterPanel:
    """The filter's panel, on its page, switched on."""
    rig.window.work.deck.show_page("filter")
    QApplication.processEvents()
    rig.store.set_param("filter_on", 1.0)
    return rig.window.work.filter


def values(rig: Rig) -> tuple[float, float]:
    return rig.store.patch.value(CUTOFF.name), rig.store.patch.value(RESONANCE.name)


def test_a_drag_across_moves_the_cutoff_and_upwards_the_resonance(rig: Rig, panel: FilterPanel) -> None:
    """The handle stays under the mouse, and the whole drag is one undo step."""
    canvas = panel.canvas
    start, end = canvas.handle(), canvas.pixel(4000.0, -3.0103 + 12.0)
    for _ in drag(canvas, [start, end], 0.001):
        pass
    assert values(rig)[0] == pytest.approx(4000.0, rel=0.03)
    assert values(rig)[1] == pytest.approx(12.0, abs=0.7)
    assert (canvas.handle() - end).manhattanLength() < 2.5
    sent = rig.audio.sent[-1]
    assert isinstance(sent, SetPatch)
    assert sent.patch.value(CUTOFF.name) == values(rig)[0]
    assert panel.knobs[CUTOFF.name].value == values(rig)[0]
    rig.window.presets.undo.undo_action.trigger()
    assert values(rig) == (CUTOFF.default, RESONANCE.default)
    assert canvas.handle() == start


def test_a_drag_turns_the_filter_on_in_the_same_undo_step(rig: Rig, panel: FilterPanel) -> None:
    rig.store.set_param("filter_on", 0.0)
    canvas, history = panel.canvas, rig.window.presets.service.history
    QTest.keyClick(canvas, Qt.Key.Key_Delete)
    assert not panel.switch.on, "a reset does not"
    before = rig.store.patch
    for _ in drag(canvas, [canvas.handle(), canvas.pixel(4000.0, 6.0)], 0.001):
        pass
    assert panel.switch.on
    assert values(rig)[0] == pytest.approx(4000.0, rel=0.03)
    history.undo()
    assert rig.store.patch == before


def test_a_press_beside_the_handle_does_not_jump(rig: Rig, panel: FilterPanel) -> None:
    QTest.mouseClick(panel.canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPointF(9, 9).toPoint())
    assert values(rig) == (CUTOFF.default, RESONANCE.default)


def test_keys_move_both_and_delete_resets(rig: Rig, panel: FilterPanel) -> None:
    canvas = panel.canvas
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    coarse = CUTOFF.to_normalized(values(rig)[0]) - CUTOFF.to_normalized(CUTOFF.default)
    assert coarse == pytest.approx(0.01)
    QTest.keyClick(canvas, Qt.Key.Key_Left, SHIFT)
    assert CUTOFF.to_normalized(values(rig)[0]) - CUTOFF.to_normalized(CUTOFF.default) == pytest.approx(0.009)
    QTest.keyClick(canvas, Qt.Key.Key_Up)
    assert values(rig)[1] == pytest.approx(0.24)
    assert "Cutoff 1.1 kHz, resonance 0.2 dB" in canvas.accessibleDescription()
    QTest.keyClick(canvas, Qt.Key.Key_Delete)
    assert values(rig) == (CUTOFF.default, RESONANCE.default)
    for _ in range(3):
        QTest.keyClick(canvas, Qt.Key.Key_Down)
    assert values(rig)[1] == 0.0, "not below its range"


def test_the_curve_is_drawn_where_it_says(rig: Rig, panel: FilterPanel) -> None:
    """A low-pass of four poles is full below its cutoff and empty above it."""
    canvas = panel.canvas
    rig.store.set_param("filter_poles", 1.0)
    rig.store.set_param(CUTOFF.name, 500.0)
    image = canvas.grab().toImage()
    ratio = canvas.devicePixelRatioF()

    def filled(hz: float) -> bool:
        at = canvas.pixel(hz, -18.0) * ratio
        beside = canvas.pixel(hz, 20.0) * ratio
        return colour(image, at) != colour(image, beside)

    assert filled(150.0)
    assert not filled(5000.0)
    rig.store.set_param("filter_type", 2.0)
    image = canvas.grab().toImage()
    assert not filled(60.0)
    assert filled(5000.0)


def colour(image: QImage, at: QPointF) -> int:
    return image.pixel(at.toPoint())


def test_a_filter_that_is_off_is_dull_and_can_be_set(rig: Rig, panel: FilterPanel) -> None:
    bright = panel.canvas.grab().toImage()
    QTest.keyClick(panel.switch, Qt.Key.Key_Space)
    assert rig.store.patch.value("filter_on") == 0.0
    assert panel.canvas.grab().toImage() != bright
    assert panel.canvas.accessibleDescription().startswith("off, ")
    QTest.keyClick(panel.knobs["filter_type"], Qt.Key.Key_End)
    assert panel.knobs["filter_type"].text() == "Notch"
    assert rig.store.patch.value("filter_type") == 3.0


def test_the_top_of_the_envelope_is_shown(rig: Rig, panel: FilterPanel) -> None:
    assert panel.canvas.top is None
    rig.store.set_param("filter_env_oct", 2.0)
    assert panel.canvas.top is not None
    assert panel.canvas.top.cutoff_hz == pytest.approx(4.0 * CUTOFF.default)


def test_modulation_of_the_cutoff_is_shown_in_octaves(rig: Rig, panel: FilterPanel) -> None:
    links = (Connection("lfo1", CUTOFF.name, 2.0), Connection("env1", RESONANCE.name, 6.0))
    rig.store.set_modulation(Modulation(connections=links))
    low, high = panel.knobs[CUTOFF.name].normalized_modulation_range() or (0.0, 0.0)
    assert CUTOFF.from_normalized(low) == pytest.approx(250.0)
    assert CUTOFF.from_normalized(high) == pytest.approx(4000.0)
    top = (panel.knobs[RESONANCE.name].normalized_modulation_range() or (0.0, 0.0))[1]
    assert RESONANCE.from_normalized(top) == pytest.approx(6.0)
    names = [action.text() for action in panel.knobs[CUTOFF.name].menu().actions()]
    assert "Modulate with" in names
    assert "Remove its modulation" in names


def test_the_envelope_opens_as_a_graph_and_follows_its_points(rig: Rig, panel: FilterPanel) -> None:
    work = rig.window.work
    button = next(b for b in work.filter_envelope.findChildren(type(work.automation.edit_button)))
    button.click()
    window = rig.window.graphs.window_of("shapes")
    assert window is not None
    settle(window)
    page = window.page
    assert isinstance(page, ShapesPage)
    assert page.graph is page.filter
    drag_to(page.filter, place(page.filter, 0), place(page.filter, 0) + QPointF(40, 0))
    assert rig.store.patch.value("filter_attack_s") > 0.01
    assert work.filter_envelope.knobs["filter_attack_s"].value == rig.store.patch.value("filter_attack_s")
    assert rig.store.patch.value("attack_s") != rig.store.patch.value("filter_attack_s"), "not the note's envelope"


def test_the_drive_stands_beside_the_filter(rig: Rig, panel: FilterPanel) -> None:
    card = next(each for each, _ in rig.window.work.effects if each.effect.name == "drive")
    assert card.isVisible()
    assert panel.isVisible()
    QTest.keyClick(card.switch, Qt.Key.Key_Space)
    assert rig.store.patch.value("drive_on") == 1.0
