"""The Mod page: LFOs, envelopes, matrix, ranges on controls, menus; by mouse and by keyboard."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QMenu, QWidget
from pytestqt.qtbot import QtBot

from synth_app.engine.control.lfo import drawn_table, drawn_value, lfo_value
from synth_app.patch import SetPatch
from synth_app.patch.modulation_matrix import (
    LFO_SHAPES,
    MAX_CONNECTIONS,
    MOD_TARGETS,
    Connection,
    Lfo,
    ModEnvelope,
    Modulation,
)
from synth_app.session.edit.mod_curves import envelope_curve, lfo_curve, modulation_range
from synth_app.session.state.pad_state import Mode
from synth_app.ui.modulation.mod_specs import amount_spec
from synth_app.ui.pad.map_canvas import MapCanvas
from synth_app.ui.pad.modulation_range import modulation_box_rect
from synth_app.ui.pad.morph_pad import MorphPad
from synth_app.ui.pad.pad import Pad
from tests.ui.conftest import Rig

VIBRATO = Connection("lfo1", "pitch", 0.2, via="wheel")


def _choose(box: QComboBox, key: object) -> None:
    box.setCurrentIndex(box.findData(key) if box.findData(key) >= 0 else box.findText(str(key)))
    box.activated.emit(box.currentIndex())


def _entries(menu: QMenu, title: str) -> dict[str, QAction]:
    found = next(each for each in menu.findChildren(QMenu) if each.title() == title)
    return {action.text(): action for action in found.actions()}


def _links(rig: Rig) -> tuple[Connection, ...]:
    return rig.store.patch.modulation.connections


def test_an_lfo_is_set_and_shown(rig: Rig) -> None:
    panel, editor = rig.window.work.mod_sources, rig.window.work.mod_sources.lfo
    panel.show_source("lfo2")
    _choose(editor.shape, "Square")
    _choose(editor.sync, "1/8t")
    editor.retrigger.click()
    editor.knobs["fade_s"].change(1.5)
    assert rig.store.patch.modulation.lfos[1] == Lfo("square", sync="1/8t", fade_s=1.5, retrigger=False)
    assert rig.store.patch.modulation.lfos[0] == Lfo()
    assert not editor.knobs["rate_hz"].isEnabled()
    sent = [message for message in rig.audio.sent if isinstance(message, SetPatch)]
    assert sent[-1].patch.modulation.lfos[1].sync == "1/8t"
    before = len(rig.audio.sent)
    rig.store.set_modulation(Modulation((Lfo(), Lfo("triangle", 7.0, phase=0.5), Lfo(), Lfo())))
    assert editor.shape.currentText() == "Triangle"
    assert (editor.knobs["rate_hz"].value, editor.knobs["phase"].value) == (7.0, 0.5)
    assert editor.retrigger.isChecked()
    assert len(rig.audio.sent) == before + 1, "a shown value is not sent again"
    panel.show_source("lfo1")
    assert editor.shape.currentText() == "Sine"


def test_an_envelope_is_set_and_shown(rig: Rig) -> None:
    panel, editor = rig.window.work.mod_sources, rig.window.work.mod_sources.envelope
    panel.show_source("env2")
    editor.knobs["sustain"].change(0.25)
    assert rig.store.patch.modulation.envelopes == (ModEnvelope(), ModEnvelope(sustain=0.25))
    rig.store.set_modulation(Modulation(envelopes=(ModEnvelope(), ModEnvelope(2.0))))
    assert editor.knobs["attack_s"].value == 2.0
    panel.show_source("env1")
    assert editor.knobs["attack_s"].value == ModEnvelope().attack_s


def test_the_matrix_adds_changes_bypasses_and_removes(rig: Rig) -> None:
    matrix = rig.window.work.matrix
    matrix.add.click()
    matrix.add.click()
    assert _links(rig) == (Connection("lfo1", "pitch", 0.2),) * 2
    row = matrix.rows[1]
    _choose(row.source, "velocity")
    _choose(row.via, "wheel")
    _choose(row.target, "z2")
    assert _links(rig)[1].amount == pytest.approx(0.2 / 24 * 4)  # the same fraction of its range
    row.amount.change(-1.5)
    row.on.click()
    assert _links(rig)[1] == Connection("velocity", "z2", -1.5, "wheel", on=False)
    assert not row.amount.isEnabled()
    assert row.amount.text() == "−1.50 sd"
    matrix.rows[0].remove.click()
    assert [each.target for each in _links(rig)] == ["z2"]
    assert matrix.rows[0].target.currentData() == "z2"
    assert len(matrix.rows) == 1
    rig.store.set_modulation(Modulation(connections=(VIBRATO,) * MAX_CONNECTIONS))
    assert len(matrix.rows) == MAX_CONNECTIONS
    assert not matrix.add.isEnabled()


def test_one_drag_of_an_amount_is_one_undo_step(rig: Rig, qtbot: QtBot) -> None:
    rig.store.set_modulation(Modulation(connections=(Connection("lfo1", "pan", 0.0),)))
    work, history = rig.window.work, rig.window.presets.service.history
    work.deck.show_page("mod")
    slider = work.matrix.rows[0].amount
    middle = slider.rect().center()
    history.press()  # as the window does for a real mouse
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, middle)
    for x in range(1, 15):
        QTest.mouseMove(slider, middle + type(middle)(x, 0))
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, middle)
    history.release()
    assert _links(rig)[0].amount > 0.0
    assert history.undo_label == "Modulation"
    history.undo()
    assert _links(rig) == (Connection("lfo1", "pan", 0.0),)


def test_rows_list_the_models_dimensions(rig: Rig) -> None:
    rig.store.set_modulation(Modulation(connections=(VIBRATO,)))
    row = rig.window.work.matrix.rows[0]
    latent = rig.store.model.card.latent_size if rig.store.model else 0
    assert row.target.count() == len(MOD_TARGETS) + latent
    assert row.target.findData(f"z{latent}") >= 0
    assert row.target.findData(f"z{latent + 1}") < 0


def test_controls_show_their_modulation_range_and_menus_connect(rig: Rig) -> None:
    work, store = rig.window.work, rig.store
    slider = work.latent.sliders[1]
    std = float(store.model.stats.std[1]) if store.model else 0.0
    assert slider.modulation_range is None
    menu: QMenu = slider.menu()
    sources = next(each for each in menu.findChildren(QMenu) if each.title() == "Modulate with")
    next(action for action in sources.actions() if action.text() == "Env 1").trigger()
    assert _links(rig) == (Connection("env1", "z2", 1.0),)
    assert slider.modulation_range == pytest.approx((0.0, std))
    assert "modulated" in slider.accessibleDescription()
    store.set_modulation(Modulation(connections=(Connection("lfo1", "morph", 0.25), *_links(rig))))
    assert work.morph.fader.modulation_range == (-0.25, 0.25)
    assert work.morph.fader.normalized_modulation_range() == (0.0, 0.25)
    next(action for action in slider.menu().actions() if action.text() == "Remove its modulation").trigger()
    assert slider.modulation_range is None
    assert [each.target for each in _links(rig)] == ["morph"]


def test_ranges_add_up_without_bypassed_connections() -> None:
    links = (
        Connection("lfo1", "pan", 0.3), Connection("env1", "pan", 0.5), Connection("velocity", "pan", -0.1),
        Connection("lfo2", "pan", 1.0, on=False), Connection("wheel", "pan", 0.1, via="random"),
    )  # fmt: skip
    assert modulation_range(Modulation(connections=links), "pan") == pytest.approx((-0.5, 0.9))
    assert modulation_range(Modulation(connections=links), "gain") is None


def test_drawn_shapes_match_the_engine() -> None:
    turns = np.arange(0.0, 3.0, 0.013)
    for number, shape in enumerate(LFO_SHAPES[:5]):
        played = [lfo_value(number, float(t) + 0.2, 0) for t in turns]
        np.testing.assert_allclose(lfo_curve(Lfo(shape, phase=0.2), turns), played, atol=1e-12)
    held, gliding = (lfo_curve(Lfo(shape), np.arange(0.0, 6.0, 0.1)) for shape in LFO_SHAPES[5:7])
    np.testing.assert_allclose(held[::10], gliding[::10])
    assert len(set(held.tolist())) == 6
    drawn = Lfo("drawn", phase=0.2, points=((0.0, -1.0), (0.4, 0.5), (0.4, -0.5), (1.0, 1.0)))
    table = drawn_table(drawn.points)
    played = [drawn_value(table, float(t) + 0.2) for t in turns]
    far_from_jumps = np.abs((turns + 0.2) % 1.0 - 0.4) > 0.01
    np.testing.assert_allclose(lfo_curve(drawn, turns)[far_from_jumps], np.array(played)[far_from_jumps], atol=0.03)
    x, y = envelope_curve(ModEnvelope(0.1, 0.4, 0.3, 0.2), 400)
    assert (x[0], x[-1], y[0]) == (0.0, 1.0, 0.0)
    assert y.max() == pytest.approx(1.0, abs=0.05)
    assert y[-1] < 0.01
    assert y[int(0.7 * len(y))] == pytest.approx(0.3, abs=0.02)


def test_amounts_of_pitch_are_fine_in_the_middle() -> None:
    spec = amount_spec("pitch", 0)
    for value in (-24.0, -0.2, 0.0, 0.05, 7.0, 24.0):
        assert spec.from_normalized(spec.to_normalized(value)) == pytest.approx(value, abs=1e-9)
    assert spec.from_normalized(0.6) < 0.5
    assert amount_spec("pan", 0).from_normalized(0.75) == pytest.approx(0.5)


def test_everything_on_the_page_has_a_name_and_is_reached_by_tab(rig: Rig, qtbot: QtBot) -> None:
    work = rig.window.work
    rig.store.set_modulation(replace(Modulation(), connections=(VIBRATO,)))
    work.deck.show_page("mod")
    page = work.deck.stack.currentWidget()
    assert page is not None
    reached: list[QWidget] = []
    work.deck.tabs.buttons["mod"].setFocus()
    for _ in range(40):
        QTest.keyClick(QApplication.focusWidget() or page, Qt.Key.Key_Tab)
        here = QApplication.focusWidget()
        if here is None or not page.isAncestorOf(here):
            break
        reached.append(here)
    assert all(widget.accessibleName() or widget.property("text") for widget in reached)
    row = work.matrix.rows[0]
    for widget in (*work.mod_sources.lfo.knobs.values(), row.on, row.source, row.via, row.target, row.amount):
        assert widget in reached


@pytest.mark.parametrize("mode", ["plane", "map", "morph"])
def test_the_pads_menu_connects_and_the_pad_shows_its_modulation_box(rig: Rig, mode: Mode) -> None:
    work, store = rig.window.work, rig.store
    canvases: dict[str, Pad | MapCanvas | MorphPad] = {
        "plane": work.pad.pad,
        "map": work.pad.map.canvas,
        "morph": work.pad.morph.pad,
    }
    canvas = canvases[mode]
    store.pad.set_state(replace(store.state.pad, mode=mode, map_at=(0.5, 0.5)))
    before = canvas.grab().toImage()
    _entries(canvas.menu(None), "Modulate across with")["LFO 2"].trigger()
    _entries(canvas.menu(None), "Modulate up with")["Velocity"].trigger()
    across, up = _links(rig)
    assert (across.source, across.target, up.source, up.target) == ("lfo2", "pad_x", "velocity", "pad_y")
    assert canvas.modulation_box == (-across.amount, across.amount, 0.0, up.amount)
    sent = [message for message in rig.audio.sent if isinstance(message, SetPatch)]
    assert sent[-1].patch.pad_grid is not None
    assert canvas.grab().toImage() != before
    for name in ("across", "up"):
        removed = [each for each in canvas.menu(None).actions() if each.text() == f"Remove its modulation {name}"]
        removed[0].trigger()
    assert not _links(rig)
    assert canvas.modulation_box is None
    assert canvas.grab().toImage() == before


def test_the_modulation_box_stays_on_the_pad_and_is_visible() -> None:
    def to_pixel(at: tuple[float, float]) -> QPointF:
        return QPointF(100 * at[0], 100 - 100 * at[1])

    box = modulation_box_rect((-0.2, 0.5, 0.0, 0.9), (0.3, 0.4), to_pixel)
    assert (box.left(), box.right(), box.top(), box.bottom()) == pytest.approx((10, 80, 0, 60))
    flat = modulation_box_rect((-0.2, 0.2, 0.0, 0.0), (0.5, 0.5), to_pixel)
    assert flat.height() >= 3
    assert flat.center().y() == pytest.approx(50)
