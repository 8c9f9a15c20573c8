"""The 2D pad: pixels and values, drag, click, reset, and its binding to the store."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtTest import QTest

from synth_app.patch import NoteOn, SetPatch
from synth_app.ui.pad.pad_map import PadMap, nearest
from synth_app.ui.window.demo.scripted_input import click, send_mouse
from tests.ui.conftest import Rig

MOVE = QEvent.Type.MouseMove


@settings(max_examples=100, derandomize=True)
@given(
    x=st.floats(0, 1), y=st.floats(0, 1), low=st.floats(-50, 49), span=st.floats(0.01, 100), width=st.floats(50, 3000)
)
def test_pixels_and_values_convert_both_ways(x: float, y: float, low: float, span: float, width: float) -> None:
    pad_map = PadMap(QRectF(10, 20, width, 300), (low, low + span), (-1.0, 2.0))
    values = (low + x * span, -1.0 + 3.0 * y)
    pixel = pad_map.to_pixel(*values)
    assert pad_map.to_values(pixel) == pytest.approx(values, abs=1e-9 * (abs(low) + span) + 1e-9)
    np.testing.assert_allclose(pad_map.pixels(np.array([values]))[0], [pixel.x(), pixel.y()], rtol=1e-9, atol=1e-6)


def test_up_is_more_and_outside_is_clamped() -> None:
    pad_map = PadMap(QRectF(0, 0, 100, 100), (0.0, 1.0), (0.0, 1.0))
    assert pad_map.to_pixel(0.0, 1.0) == QPointF(0, 0)
    assert pad_map.to_values(QPointF(500, -9)) == (1.0, 1.0)


def test_nearest() -> None:
    points = np.array([[0.0, 0.0], [10.0, 0.0]])
    assert nearest(points, QPointF(7, 1), 5) == 1
    assert nearest(points, QPointF(5, 40), 5) is None
    assert nearest(np.zeros((0, 2)), QPointF(0, 0), 5) is None


def free_point(rig: Rig) -> QPointF:
    """Return a point of the pad without a note."""
    pad = rig.window.work.pad.pad
    return next(
        at
        for x in range(40, pad.width() - 40, 20)
        for y in range(40, pad.height() - 40, 20)
        if pad.note_at(at := QPointF(x, y)) is None and pad.note_at(at + QPointF(30, -20)) is None
    )


def separate_note(rig: Rig) -> int:
    """Return the bank index of a note that no other note covers."""
    pad = rig.window.work.pad.pad
    return next(i for i in range(3, len(rig.store.bank)) if pad.note_at(pad.note_pixel(i)) == i)


def test_a_drag_sets_both_dimensions_in_one_patch(rig: Rig) -> None:
    pad = rig.window.work.pad.pad
    others = np.delete(rig.store.latents.values(), [0, 1])
    start = free_point(rig)
    send_mouse(pad, QEvent.Type.MouseButtonPress, start)
    send_mouse(pad, MOVE, start + QPointF(30, -20))
    send_mouse(pad, QEvent.Type.MouseButtonRelease, start + QPointF(30, -20))
    pad_map = pad.map()
    assert pad_map is not None
    wanted = pad_map.to_values(start + QPointF(30, -20))
    values = rig.store.latents.values()
    assert tuple(values[:2]) == pytest.approx(wanted)
    np.testing.assert_allclose(np.delete(values, [0, 1]), others)
    sounds = [m for m in rig.audio.sent if isinstance(m, SetPatch)]
    assert len(sounds) == 2
    assert sounds[-1].patch == rig.store.patch
    assert [s.value for s in rig.window.work.latent.sliders[:2]] == pytest.approx(list(wanted))


def test_shift_drags_a_tenth(rig: Rig) -> None:
    pad = rig.window.work.pad.pad
    pad_map = pad.map()
    assert pad_map is not None
    before = pad_map.to_pixel(*pad.cursor_values)
    start = free_point(rig)
    send_mouse(pad, QEvent.Type.MouseButtonPress, start, shift=True)
    send_mouse(pad, MOVE, start + QPointF(30, 0), shift=True)
    send_mouse(pad, QEvent.Type.MouseButtonRelease, start, shift=True)
    after = pad_map.to_pixel(*pad.cursor_values)
    assert (after.x() - before.x(), after.y() - before.y()) == pytest.approx((3.0, 0.0), abs=1e-3)


def test_store_moves_the_cursor_without_echo(rig: Rig) -> None:
    pad = rig.window.work.pad.pad
    echoes: list[object] = []
    pad.moved.connect(lambda *values: echoes.append(values))
    low, high = rig.store.ranges[1]
    rig.store.latents.set(1, float(0.25 * low + 0.75 * high))
    assert pad.cursor_values[1] == pytest.approx(0.25 * low + 0.75 * high)
    rig.store.set_morph(0.5)
    assert pad.cursor_values == pytest.approx(tuple(rig.store.latents.values()[:2]))
    assert echoes == []
    assert len(rig.audio.sent) == 2


@pytest.mark.parametrize(("shift", "slot", "morph"), [(False, "a", 0.0), (True, "b", 1.0)])
def test_click_on_a_point_loads_and_plays_it(rig: Rig, shift: bool, slot: str, morph: float) -> None:
    rig.store.set_morph(0.5)
    rig.store.latents.set(3, 0.3)
    index = separate_note(rig)
    click(rig.window.work.pad.pad, rig.window.work.pad.pad.note_pixel(index), shift=shift)
    patch = rig.store.patch
    assert (patch.slot_a if slot == "a" else patch.slot_b) == index
    assert patch.value("morph") == morph
    assert not any(patch.offset)
    note = rig.store.bank[index]
    assert rig.audio.sent[-2:] == [SetPatch(patch), NoteOn(note.pitch, note.velocity)]


def test_menu_of_a_point_loads_slot_b(rig: Rig) -> None:
    menu = rig.window.work.pad.pad.menu(5)
    next(a for a in menu.actions() if "slot B" in a.text()).trigger()
    assert rig.store.patch.slot_b == 5


def test_dragging_from_a_point_moves_instead(rig: Rig) -> None:
    pad, index = rig.window.work.pad.pad, separate_note(rig)
    slots, start = (rig.store.patch.slot_a, rig.store.patch.slot_b), pad.note_pixel(index)
    send_mouse(pad, QEvent.Type.MouseButtonPress, start)
    send_mouse(pad, MOVE, start + QPointF(2, 0))
    assert rig.audio.sent == [], "not yet a drag"
    send_mouse(pad, MOVE, start + QPointF(20, 0))
    send_mouse(pad, QEvent.Type.MouseButtonRelease, start + QPointF(20, 0))
    assert (rig.store.patch.slot_a, rig.store.patch.slot_b) == slots
    assert any(rig.store.patch.offset)
    assert rig.audio.notes == []


def test_double_click_and_delete_reset_both(rig: Rig) -> None:
    pad = rig.window.work.pad.pad
    left, plain = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    for by_mouse in (True, False):
        rig.store.latents.set_many([(0, 1.0), (1, 0.5), (2, 0.25)])
        if by_mouse:
            QTest.mouseDClick(pad, left, plain, free_point(rig).toPoint())
        else:
            QTest.keyClick(pad, Qt.Key.Key_Delete)
        assert rig.store.patch.offset[:2] == (0.0, 0.0)
        assert rig.store.patch.offset[2] != 0.0


def test_arrow_keys_move_and_enter_loads_the_nearest_note(rig: Rig) -> None:
    pad = rig.window.work.pad.pad
    low, high = rig.store.ranges[0]
    before = rig.store.latents.values()[0]
    QTest.keyClick(pad, Qt.Key.Key_Right)
    assert rig.store.latents.values()[0] - before == pytest.approx(0.01 * (high - low), rel=1e-6)
    rig.store.slots.show("a", 9)
    rig.audio.sent.clear()
    QTest.keyClick(pad, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert rig.store.patch.slot_b == 9


def test_choosers_swap_dimensions_rather_than_repeat_one(rig: Rig) -> None:
    horizontal, vertical = rig.window.work.pad.choosers
    horizontal.setCurrentIndex(5)
    horizontal.activated.emit(5)
    assert rig.store.state.pad.axes == (5, 1)
    vertical.activated.emit(5)
    assert rig.store.state.pad.axes == (1, 5)
    assert (horizontal.currentIndex(), vertical.currentIndex()) == (1, 5)
    view = rig.window.work.pad.pad.view
    assert view is not None
    assert [name.split()[0] for name in view.names] == ["z2", "z6"]
    np.testing.assert_allclose(view.points, rig.store.note_centers[:, [1, 5]])
    rig.store.pad.set_axes(7, 2)
    assert (horizontal.currentIndex(), vertical.currentIndex()) == (7, 2)


def test_hover_names_the_note(rig: Rig) -> None:
    pad, index = rig.window.work.pad.pad, separate_note(rig)
    QTest.mouseMove(pad, pad.note_pixel(index).toPoint())
    assert pad.hovered == index
    QTest.mouseMove(pad, QPoint(1, 1))
    assert pad.hovered is None


def test_the_tabs_stay_where_they_are_in_every_mode(rig: Rig) -> None:
    modes, tops = rig.window.work.pad.modes, set()
    for button in modes.buttons.values():
        button.click()
        QTest.qWait(1)  # lay out
        tops.add((modes.y(), modes.height(), rig.window.work.pad.stack.y()))
    assert len(tops) == 1
