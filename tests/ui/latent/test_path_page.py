"""The latent path as a graph: points, loop, drawing, both slots."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from synth_app.patch import UserNote
from synth_app.ui.latent.path_page import PathPage
from tests.ui.conftest import Rig
from tests.ui.graphs.graph_events import double_click, drag_to, place, press_key, settle


def page_of(rig: Rig, chosen: str = "a1") -> PathPage:
    window = rig.window.graphs.open("path", chosen)
    settle(window)
    page = window.page
    assert isinstance(page, PathPage)
    return page


def with_added_points(page: PathPage) -> PathPage:
    """Add three points on the curve, which leave it as it is."""
    page.editor.setFocus()
    for _ in range(3):
        page.editor.select(0)
        press_key(page.editor, Qt.Key.Key_Insert)
    assert len(page.edited.curve.points) >= 4
    return page


def played(rig: Rig, slot: int = 0) -> np.ndarray:
    note = rig.audio.patch.user_notes[slot]
    assert note is not None
    return note.codes()


def test_a_point_changes_only_its_dimension_between_its_neighbours(rig: Rig) -> None:
    page, bank = with_added_points(page_of(rig)), rig.store.bank[rig.store.patch.slot_a].z
    assert rig.store.patch.user_notes == (None, None), "a point on the curve changes nothing"
    editor, points = page.editor, page.edited.curve.points
    middle = len(points) - 2
    frame = points[middle]
    target = editor.handles[middle].y + 0.7
    drag_to(editor, place(editor, middle), editor.position_of(editor.handles[middle].x, target))
    codes = played(rig)
    assert codes[frame, 1] == pytest.approx(target, abs=0.05)
    np.testing.assert_array_equal(np.delete(codes, 1, axis=1), np.delete(bank, 1, axis=1))
    outside = np.r_[0 : points[middle - 1] + 1, points[middle + 1] : len(codes)]
    np.testing.assert_array_equal(codes[outside, 1], bank[outside, 1])
    history = rig.window.presets.service.history
    assert history.undo_label == "Latent path"
    assert page.edited.curve.points == points, "the same points after the change"
    QTest.keyClick(editor, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert rig.store.patch.user_notes == (None, None)
    assert page.edited.curve.points == points


def test_added_points_survive_undo_of_their_move(rig: Rig) -> None:
    page = page_of(rig)
    editor = page.editor
    first, second = editor.handles[0], editor.handles[1]
    editor.setFocus()
    editor.select(0)
    before = len(editor.handles)
    press_key(editor, Qt.Key.Key_Insert)
    assert len(editor.handles) == before + 1
    assert first.x < editor.handles[1].x < second.x
    added = page.edited.curve.points
    press_key(editor, Qt.Key.Key_Up)
    assert page.edited.curve.points == added
    rig.window.presets.undo.undo()
    assert page.edited.curve.points == added


def test_points_are_removed_and_reset_to_the_bank_note(rig: Rig) -> None:
    page, bank = with_added_points(page_of(rig)), rig.store.bank[rig.store.patch.slot_a].z
    editor = page.editor
    editor.select(1)
    frame, last = page.edited.curve.points[1:3]
    for _ in range(5):
        press_key(editor, Qt.Key.Key_Up)
    assert page.restore.isEnabled()
    press_key(editor, Qt.Key.Key_Backspace)
    assert played(rig)[frame, 1] == pytest.approx(bank[frame, 1], abs=1e-6)
    press_key(editor, Qt.Key.Key_Delete)
    np.testing.assert_allclose(played(rig)[: last + 1, 1], np.linspace(bank[0, 1], bank[last, 1], last + 1), atol=1e-5)
    page.restore.click()
    np.testing.assert_array_equal(played(rig), bank)
    assert not page.restore.isEnabled()


def test_the_loop_is_moved_by_its_ends(rig: Rig) -> None:
    page = page_of(rig)
    editor, note = page.editor, UserNote.of(rig.store.bank[rig.store.patch.slot_a])
    start, end = len(editor.handles) - 2, len(editor.handles) - 1
    assert editor.handles[start].text.startswith("Loop start")
    rate_hz = page.shown.rate_hz if page.shown else 0.0
    drag_to(editor, place(editor, start), editor.position_of((note.marks[1] + 2) / rate_hz, editor.handles[start].y))
    changed = rig.store.patch.user_notes[0]
    assert changed is not None
    assert changed.marks == (note.marks[0], note.marks[1] + 2, *note.marks[2:])
    drag_to(editor, place(editor, start), editor.position_of(9.0, editor.handles[start].y))
    changed = rig.store.patch.user_notes[0]
    assert changed is not None
    assert changed.marks[1:3] == (note.marks[2] - 1, note.marks[2]), "not past the other end"
    editor.setFocus()
    editor.select(end)
    press_key(editor, Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier)
    assert rig.store.patch.user_notes[0].marks[1] < rig.store.patch.user_notes[0].marks[2]  # type: ignore[union-attr]
    np.testing.assert_array_equal(changed.codes(), note.codes())


def test_slot_b_has_its_own_path(rig: Rig) -> None:
    page = page_of(rig)
    page.slots.buttons["b"].click()
    editor = page.editor
    editor.setFocus()
    editor.select(0)
    press_key(editor, Qt.Key.Key_Up)
    assert rig.store.patch.user_notes[0] is None
    assert rig.store.patch.user_notes[1] is not None
    assert page.chosen() == "b1"


def test_the_mouse_draws_and_the_curve_is_smoothed(rig: Rig) -> None:
    page = page_of(rig)
    editor = page.editor
    page.draw.click()
    _, (low, high) = editor.visible_range()
    level = low + 0.75 * (high - low)
    seconds = page.shown.seconds if page.shown else 0.0
    start, end = editor.position_of(0.2 * seconds, level), editor.position_of(0.8 * seconds, level)
    drag_to(editor, start, end, steps=12)
    codes = played(rig)[:, 1]
    inside = codes[int(0.3 * len(codes)) : int(0.7 * len(codes))]
    np.testing.assert_allclose(inside, level, atol=0.05)
    assert len(rig.window.presets.service.history.steps) == 1
    page.draw.click()
    assert not editor.draws
    rough = np.abs(np.diff(codes)).max()
    page.smooth.click()
    assert np.abs(np.diff(played(rig)[:, 1])).max() < rough


def test_a_value_is_typed_and_limited(rig: Rig) -> None:
    page = page_of(rig)
    editor = page.editor
    editor.setFocus()
    editor.select(0)
    press_key(editor, Qt.Key.Key_Return)
    field = page.window().findChild(QLineEdit, options=Qt.FindChildOption.FindDirectChildrenOnly)
    assert field is not None
    field.setText("99")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert played(rig)[0, 1] == pytest.approx(rig.store.ranges[1][1], rel=1e-5)
    assert editor.hasFocus()


def test_the_chooser_shows_each_dimension_and_the_grid_follows_the_tempo(rig: Rig) -> None:
    page = page_of(rig)
    for dim in range(page.dimension.count()):
        page.dimension.setCurrentIndex(dim)
        page.dimension.activated.emit(dim)
        assert page.dim == dim
        assert page.editor.handles[0].y == pytest.approx(rig.store.bank[rig.store.patch.slot_a].z[0, dim], abs=1e-6)
    combo = page.time_grid.combo
    combo.setCurrentIndex(combo.findText("1/8"))
    combo.activated.emit(combo.currentIndex())
    rig.store.set_param("tempo_bpm", 60.0)
    assert page.editor.grid.x_step == pytest.approx(0.5)
    double_click(page.editor, place(page.editor, 0))
