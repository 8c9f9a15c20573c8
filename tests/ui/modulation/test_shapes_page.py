"""Envelopes and LFOs as graphs: what each gesture changes in the patch."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from synth_app.params import param
from synth_app.patch.modulation_matrix import Lfo, ModEnvelope, Modulation
from synth_app.session.store.history import BURST_S
from synth_app.ui.modulation.shapes_page import SHAPES, ShapesPage
from tests.ui.conftest import Rig
from tests.ui.graphs.graph_events import double_click, drag_to, place, press_key, settle


def page_of(rig: Rig, shape: str) -> ShapesPage:
    window = rig.window.graphs.open("shapes", shape)
    settle(window)
    page = window.page
    assert isinstance(page, ShapesPage)
    return page


def test_each_choice_shows_its_shape(rig: Rig) -> None:
    page = page_of(rig, "amplitude")
    for key, _, title in SHAPES:
        page.choice.buttons[key].click()
        assert page.graph.isVisible()
        assert page.chosen() == key
        assert page.graph.handles
        assert title
    assert page.graph is page.envelope


def test_the_points_of_an_envelope_set_its_stages(rig: Rig) -> None:
    rig.store.set_modulation(Modulation(envelopes=(ModEnvelope(0.2, 0.4, 0.5, 0.3), ModEnvelope())))
    graph = page_of(rig, "env1").envelope
    drag_to(graph, place(graph, 0), graph.position_of(0.3, 0.2))
    envelope = rig.store.patch.modulation.envelopes[0]
    assert envelope.attack_s == pytest.approx(0.3, abs=0.01)
    assert (envelope.decay_s, envelope.sustain, envelope.release_s) == (0.4, 0.5, 0.3), "nothing else"
    drag_to(graph, place(graph, 1), graph.position_of(0.5, 0.75))
    envelope = rig.store.patch.modulation.envelopes[0]
    assert envelope.decay_s == pytest.approx(0.2, abs=0.02)
    assert envelope.sustain == pytest.approx(0.75, abs=0.02)
    graph.setFocus()
    graph.select(2)
    release_s = envelope.release_s
    press_key(graph, Qt.Key.Key_Right)
    assert rig.store.patch.modulation.envelopes[0].release_s > release_s
    double_click(graph, place(graph, 1))
    assert rig.store.patch.modulation.envelopes[0].decay_s == ModEnvelope().decay_s
    assert rig.store.patch.modulation.envelopes[1] == ModEnvelope()


def test_stages_snap_to_their_own_length_and_keep_their_limits(rig: Rig) -> None:
    graph = page_of(rig, "amplitude").amplitude
    step = graph.grid.x_step
    graph.snaps = True
    drag_to(graph, place(graph, 2), place(graph, 2) + (graph.position_of(0.131, 0) - graph.position_of(0, 0)))
    release_s = rig.store.patch.value("release_s")
    assert release_s > 0.45
    assert release_s / step == pytest.approx(round(release_s / step), abs=1e-6)
    drag_to(graph, place(graph, 0), graph.position_of(-5.0, 1.0))
    assert rig.store.patch.value("attack_s") == param("attack_s").minimum
    double_click(graph, place(graph, 2))
    assert rig.store.patch.value("release_s") == param("release_s").default


def test_the_graph_follows_knobs_and_shows_all_of_a_longer_envelope(rig: Rig) -> None:
    page = page_of(rig, "amplitude")
    page.knobs.knobs["release_s"].change(5.0)
    assert page.amplitude.handles[2].text == "Release 5.00 s"
    assert page.amplitude.handles[2].x < page.amplitude.visible_range()[0][1]
    page.amplitude.zoom(0.5)
    before = page.amplitude.visible_range()[0]
    page.knobs.knobs["release_s"].change(4.0)
    assert page.amplitude.visible_range()[0] == pytest.approx(before), "a zoomed view stays"
    page.amplitude.fit()


def test_a_moved_point_turns_a_shape_into_a_drawn_one(rig: Rig) -> None:
    rig.store.set_modulation(Modulation((Lfo("triangle", 3.0), Lfo(), Lfo(), Lfo())))
    page = page_of(rig, "lfo1")
    graph = page.lfo
    drag_to(graph, place(graph, 1), graph.position_of(0.5, 0.5))
    lfo = rig.audio.patch.modulation.lfos[0]
    assert (lfo.shape, lfo.rate_hz) == ("drawn", 3.0)
    assert lfo.points[1] == pytest.approx((0.5, 0.5), abs=0.02)
    assert page.lfo_editor.shape.currentText() == "Drawn"
    double_click(graph, graph.position_of(0.9, -0.5))
    assert len(rig.store.patch.modulation.lfos[0].points) == 5
    press_key(graph, Qt.Key.Key_Delete)
    assert len(rig.store.patch.modulation.lfos[0].points) == 4
    QTest.qWait(round(1000 * BURST_S) + 100)  # changes that follow sooner would join the step before
    double_click(graph, place(graph, 1))
    assert rig.store.patch.modulation.lfos[0].points[1][1] == 0.0
    rig.window.presets.undo.undo()
    assert rig.store.patch.modulation.lfos[0].points[1][1] == pytest.approx(0.5, abs=0.02)


def test_points_of_a_cycle_may_make_a_jump(rig: Rig) -> None:
    graph = page_of(rig, "lfo4").lfo
    page = page_of(rig, "lfo4")
    page.lfo_editor.change(shape="drawn", points=((0.0, 0.0), (0.5, 1.0), (0.6, -1.0), (1.0, 0.0)))
    graph = page.lfo
    drag_to(graph, place(graph, 2), graph.position_of(0.2, -1.0))
    first, second = rig.store.patch.modulation.lfos[3].points[1:3]
    assert first == (0.5, 1.0)
    assert second == pytest.approx((0.5, -1.0), abs=0.02), "it does not pass the point before it"


def test_the_start_of_the_cycle_and_typed_levels(rig: Rig) -> None:
    page = page_of(rig, "lfo2")
    graph = page.lfo
    start = len(graph.handles) - 1
    graph.snaps = True
    drag_to(graph, place(graph, start), graph.position_of(0.26, -1.0))
    assert rig.store.patch.modulation.lfos[1] == Lfo(phase=0.25)
    assert page.lfo_editor.knobs["phase"].value == 0.25
    graph.setFocus()
    press_key(graph, Qt.Key.Key_Backspace)
    assert rig.store.patch.modulation.lfos[1].phase == 0.0
    graph.select(1)
    press_key(graph, Qt.Key.Key_Return)
    field = page.window().findChild(QLineEdit, options=Qt.FindChildOption.FindDirectChildrenOnly)
    assert field is not None
    field.setText("-0.4")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert rig.store.patch.modulation.lfos[1].points[1][1] == pytest.approx(-0.4)


def test_snap_and_show_all_are_buttons(rig: Rig) -> None:
    page = page_of(rig, "lfo1")
    page.snap.click()
    assert page.lfo.snaps
    assert page.envelope.snaps
    page.snap.click()
    assert not page.amplitude.snaps
    page.lfo.zoom(0.5)
    next(b for b in page.findChildren(type(page.add_button("", ""))) if b.text() == "Show all").click()
    assert page.lfo.shows_all
