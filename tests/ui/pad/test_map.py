"""The pad's map and morph modes: mouse and keys, played notes, what is shown."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from synth_app.modelfile.umap_positions import cached_positions, save_positions
from synth_app.patch import NoteOff, NoteOn, SetPatch, UserNote
from synth_app.session import SessionStore
from synth_app.ui.pad.map_view import MapView
from synth_app.ui.pad.note_marks import note_title
from synth_app.ui.pad.timbre_map_loader import TimbreMapLoader
from synth_app.ui.window.demo.scripted_input import click, send_mouse
from tests.ui.conftest import Rig

MOVE, PRESS, RELEASE = QEvent.Type.MouseMove, QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease
AREA = QRectF(10, 20, 400, 300)


@settings(max_examples=100, derandomize=True)
@given(
    x=st.floats(10, 410), y=st.floats(20, 320), factor=st.floats(0.5, 8), dx=st.floats(-200, 200), dy=st.floats(-99, 99)
)
def test_zoom_keeps_the_position_under_the_mouse_and_pan_follows_the_drag(
    x: float, y: float, factor: float, dx: float, dy: float
) -> None:
    start = MapView(0.3, 0.3, 4.0)
    position = start.to_position(QPointF(x, y), AREA)
    zoomed = start.zoomed(factor, QPointF(x, y), AREA)
    if 0 < zoomed.left < 1 - zoomed.span and 0 < zoomed.bottom < 1 - zoomed.span:
        back = zoomed.to_pixel(position, AREA)
        assert (back.x(), back.y()) == pytest.approx((x, y), abs=1e-6)
    moved = start.panned(QPointF(dx, dy), AREA)
    if 0 < moved.left < 1 - moved.span and 0 < moved.bottom < 1 - moved.span:
        back = moved.to_pixel(position, AREA)
        assert (back.x(), back.y()) == pytest.approx((x + dx, y + dy), abs=1e-6)
    assert 0 <= zoomed.left <= 1 - zoomed.span + 1e-12


def on_map(rig: Rig) -> Rig:
    rig.store.pad.set_state(replace(rig.store.state.pad, mode="map"))
    rig.audio.sent.clear()
    return rig


def lone_note(rig: Rig) -> int:
    """Return the bank index of the note farthest from all others."""
    canvas = rig.window.work.pad.map.canvas
    pixels = np.array([[canvas.pixel_of(i).x(), canvas.pixel_of(i).y()] for i in canvas.shown.indices])
    gaps = np.linalg.norm(pixels[:, None] - pixels[None], axis=2) + 1e9 * np.eye(len(pixels))
    return canvas.shown.indices[int(gaps.min(axis=1).argmax())]


def test_a_click_on_a_note_plays_it_and_moves_the_cursor_there(rig: Rig) -> None:
    canvas = on_map(rig).window.work.pad.map.canvas
    index = lone_note(rig)
    click(canvas, canvas.pixel_of(index))
    note = rig.store.bank[index]
    custom = rig.audio.patch.user_notes[0]
    assert custom is not None
    np.testing.assert_array_equal(custom.codes(), note.z)
    assert rig.audio.notes == [NoteOn(note.pitch, note.velocity)]
    assert note.instrument in canvas.accessibleDescription()
    assert note.instrument in rig.window.work.morph.cards["a"].accessibleName()


def test_a_drag_holds_a_note_and_releases_it_at_the_end(rig: Rig) -> None:
    canvas = on_map(rig).window.work.pad.map.canvas
    points = [canvas.area().center() + QPointF(6 * k, -3 * k) for k in range(9)]
    send_mouse(canvas, PRESS, points[0])
    for point in points[1:]:
        send_mouse(canvas, MOVE, point)
    assert [type(m) for m in rig.audio.notes] == [NoteOn]
    send_mouse(canvas, RELEASE, points[-1])
    assert [type(m) for m in rig.audio.notes] == [NoteOn, NoteOff]
    sounds = [m.patch.user_notes[0] for m in rig.audio.sent if isinstance(m, SetPatch)]
    assert len(sounds) == 8
    assert len({note.z for note in sounds if note}) == 8, "every position has its own sound"
    assert rig.store.state.pad.map_at == pytest.approx(canvas.view.to_position(points[-1], canvas.area()))


def test_a_drag_starts_no_note_while_a_key_is_held(rig: Rig) -> None:
    canvas = on_map(rig).window.work.pad.map.canvas
    rig.window.notes.press("test", 50, 90)
    for kind, shift in ((PRESS, 0), (MOVE, 30), (RELEASE, 30)):
        send_mouse(canvas, kind, canvas.area().center() + QPointF(shift, 0))
    assert rig.audio.notes == [NoteOn(50, 90)]


def test_a_double_click_loads_the_note(rig: Rig, qtbot: QtBot) -> None:
    canvas = on_map(rig).window.work.pad.map.canvas
    index = lone_note(rig)
    at = canvas.pixel_of(index).toPoint()
    QTest.mouseDClick(canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    assert (rig.store.patch.slot_a, rig.store.patch.user_notes[0]) == (index, None)
    QTest.mouseDClick(canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier, at)
    assert (rig.store.patch.slot_b, rig.store.patch.value("morph")) == (index, 1.0)


def test_the_wheel_zooms_and_a_right_drag_pans(rig: Rig, qtbot: QtBot) -> None:
    canvas = on_map(rig).window.work.pad.map.canvas
    QTest.keyClick(canvas, Qt.Key.Key_Plus)
    QTest.keyClick(canvas, Qt.Key.Key_Plus)
    assert canvas.view.zoom == pytest.approx(1.25**2)
    left = canvas.view.left
    middle = canvas.rect().center()
    QTest.mousePress(canvas, Qt.MouseButton.MiddleButton, Qt.KeyboardModifier.NoModifier, middle)
    QTest.mouseMove(canvas, middle + QPoint(20, 0))
    QTest.mouseRelease(canvas, Qt.MouseButton.MiddleButton, Qt.KeyboardModifier.NoModifier, middle + QPoint(20, 0))
    assert canvas.view.left < left
    assert not rig.audio.sent, "zoom and pan send no sound"
    QTest.keyClick(canvas, Qt.Key.Key_0)
    assert canvas.view == MapView()


def test_keys_move_play_and_load(rig: Rig) -> None:
    canvas = on_map(rig).window.work.pad.map.canvas
    canvas.setFocus()
    click(canvas, canvas.area().center())
    x, y = canvas.cursor_at or (0.0, 0.0)
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    QTest.keyClick(canvas, Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier)
    assert canvas.cursor_at == pytest.approx((x + 0.01, y + 0.1))
    assert rig.store.state.pad.map_at == canvas.cursor_at
    QTest.keyClick(canvas, Qt.Key.Key_Space)
    assert isinstance(rig.audio.notes[-1], NoteOn)
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    assert rig.store.patch.user_notes[0] is None
    assert tuple(rig.store.note_centers[rig.store.patch.slot_a]) == pytest.approx(tuple(rig.store.latents.values()))


def test_search_finds_plays_and_counts(rig: Rig) -> None:
    page = on_map(rig).window.work.pad.map
    page.search.setText("trumpet c4")
    found = page.canvas.shown.found
    assert found is not None
    assert {page.canvas.shown.notes[row].name for row in found} == {"brass_acoustic_000-060-100"}
    assert page.count.text() == "1 of 40"
    page.search.returnPressed.emit()
    custom = rig.store.patch.user_notes[0]
    assert custom is not None
    assert custom.name == "Trumpet"
    page.search.setText("zzz")
    assert page.canvas.shown.found == frozenset()
    page.search.clear()
    assert page.canvas.shown.found is None


def test_legend_and_pitch_filter_the_notes_shown(rig: Rig) -> None:
    panel = on_map(rig).window.work.pad
    click(panel.legend, QPointF(panel.legend.cells()[0].center()))
    hidden = next(iter(panel.legend.hidden))
    assert all(note.family != hidden for note in panel.map.canvas.shown.notes)
    assert len(panel.map.canvas.shown.notes) == 35
    assert "hidden" in panel.legend.accessibleDescription()
    page = panel.map
    page._pitch_chosen(page.pitch_box.findData(60))
    assert {note.pitch for note in page.canvas.shown.notes} == {60}
    QTest.keyClick(panel.legend, Qt.Key.Key_Return)
    assert len(panel.legend.hidden) == 9, "seven families, presets and own sounds"
    QTest.keyClick(panel.legend, Qt.Key.Key_Return)
    assert not panel.legend.hidden


def test_modes_are_stored_and_do_not_echo(rig: Rig) -> None:
    panel = rig.window.work.pad
    for mode, page in (("map", panel.map), ("morph", panel.morph), ("plane", panel.pad)):
        click(panel.modes.buttons[mode], QPointF(10, 10))
        assert rig.store.state.pad.mode == mode
        assert panel.stack.currentWidget() is page
    assert not any(isinstance(m, SetPatch) for m in rig.audio.sent), "choosing a mode changes no sound"


def test_the_morph_pad_mixes_its_corners(rig: Rig) -> None:
    rig.store.pad.set_state(replace(rig.store.state.pad, mode="morph"))
    pad = rig.window.work.pad.morph.pad
    assert all(note is not None for note in pad.notes)
    rig.audio.sent.clear()
    corner = pad.pixel((0.0, 1.0)) + QPointF(0, 80)
    for kind, at in ((PRESS, QPointF(pad.rect().center())), (MOVE, corner), (RELEASE, corner)):
        send_mouse(pad, kind, at)
    custom = rig.audio.patch.user_notes[0]
    assert custom is not None
    assert rig.store.state.pad.morph_at == pytest.approx(pad.at)
    assert [type(m) for m in rig.audio.notes] == [NoteOn, NoteOff]
    QTest.keyClick(pad, Qt.Key.Key_Delete)
    assert pad.at == (0.5, 0.5)
    held = [rig.window.maps.pad_controller.corner_note(name) for name in rig.store.state.pad.corners]
    mixed = rig.audio.patch.user_notes[0]
    assert mixed is not None
    np.testing.assert_allclose(mixed.codes(), np.mean([note.z for note in held if note], axis=0), atol=1e-4)


def test_a_corner_holds_a_note_or_the_current_sound(rig: Rig) -> None:
    rig.store.pad.set_state(replace(rig.store.state.pad, mode="morph"))
    page = rig.window.work.pad.morph
    click(page.pad, page.pad.card(3).center())
    picker = page.findChild(type(page.open_picker(3)))
    assert picker is not None
    picker.chosen.emit(11)
    assert rig.store.state.pad.corners[3] == rig.store.bank[11].name
    rig.store.pad.set_state(replace(rig.store.state.pad, mode="plane"))
    rig.store.latents.set(1, 0.4)
    page.pad.capture_requested.emit(2)
    assert isinstance(rig.store.state.pad.corners[2], UserNote)
    page.pad.corner_cleared.emit(2)
    emptied: object = rig.store.state.pad.corners[2]
    assert emptied == ""
    assert page.pad.notes[2] is None


class FakeJobs:
    def __init__(self) -> None:
        self.made: list[FakeMapJob] = []

    def make(self, codes: np.ndarray) -> "FakeMapJob":
        self.made.append(FakeMapJob(codes))
        return self.made[-1]


class FakeMapJob:
    def __init__(self, codes: np.ndarray) -> None:
        self.codes, self.error, self.started, self.ended = codes, "", False, False
        self.positions: np.ndarray | None = None

    def start(self) -> None:
        self.started = True

    def done(self) -> bool:
        return self.positions is not None or bool(self.error)

    def cancel(self) -> None:
        self.ended = True


def test_umap_is_computed_in_the_background_and_cached(
    rig: Rig, qtbot: QtBot, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("synth_app.modelfile.umap_positions.user_folder", lambda _: tmp_path)
    fakes = FakeJobs()
    store: SessionStore = rig.store
    maps = TimbreMapLoader(store, make_job=fakes.make)
    maps.request_umap()
    maps.request_umap()
    (job,) = fakes.made
    assert job.started
    assert maps.busy
    places = np.random.default_rng(0).normal(size=(len(store.bank), 2)).astype(np.float32)
    with qtbot.waitSignal(maps.ready, timeout=2000):
        job.positions = places
    store.pad.set_state(replace(store.state.pad, layout="umap"))
    shown = maps.pad_controller.positions()
    assert np.corrcoef(shown[:, 0], places[:, 0])[0, 1] == pytest.approx(1.0)
    assert maps.has_umap
    assert not maps.busy
    maps.close()
    assert cached_positions(store.note_centers) is None
    save_positions(store.note_centers, places)
    again = TimbreMapLoader(store, make_job=lambda codes: pytest.fail("the cache has it"))
    again.request_umap()
    assert again.has_umap
    again.close()


def test_a_failed_map_is_reported_and_pca_stays(rig: Rig, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synth_app.ui.pad.timbre_map_loader.stored_positions", lambda file, latents: None)
    fakes = FakeJobs()
    maps = TimbreMapLoader(rig.store, make_job=fakes.make)
    maps.request_umap()
    with qtbot.waitSignal(maps.problem, timeout=2000) as reported:
        fakes.made[0].error = "no umap here"
    assert reported.args == ["no umap here"]
    assert not maps.has_umap
    maps.close()


def test_the_list_of_a_slot_selects_the_note_chosen_on_the_map(rig: Rig) -> None:
    canvas = on_map(rig).window.work.pad.map.canvas
    index = lone_note(rig)
    assert index != rig.store.patch.slot_a
    click(canvas, canvas.pixel_of(index))
    picker = rig.window.work.morph.open_picker("a")
    current = picker.tree.currentItem()
    assert current is not None
    assert current.text(0) == note_title(rig.store.bank[index])
    picker.close()
    click(canvas, canvas.area().center() + QPointF(3, 2))
    if rig.store.slots.bank_index("a") is None:
        picker = rig.window.work.morph.open_picker("a")
        assert picker.tree.currentItem() is None, "a mix is no note of the list"
        picker.close()


def test_the_cursor_follows_slots_and_morph(rig: Rig) -> None:
    canvas = on_map(rig).window.work.pad.map.canvas
    positions = rig.window.maps.pad_controller.positions()
    click(canvas, canvas.area().center())
    rig.store.slots.choose("a", 7)
    assert canvas.cursor_at == pytest.approx(tuple(positions[7]))
    rig.store.slots.choose("b", 21)
    rig.store.set_morph(0.25)
    assert canvas.cursor_at == pytest.approx(tuple(0.75 * positions[7] + 0.25 * positions[21]))
    rig.store.set_morph(1.0)
    assert canvas.cursor_at == pytest.approx(tuple(positions[21]))


def test_the_cursor_follows_the_latent_sliders(rig: Rig) -> None:
    """The map of principal components is linear: each slider moves the cursor along its own direction."""
    store, controller = rig.store, rig.window.maps.pad_controller
    before = controller.map_place()
    assert before is not None
    bank, positions = store.bank, controller.positions()
    start = store.patch.slot_a
    other = next(i for i in range(len(bank)) if np.linalg.norm(positions[i] - positions[start]) > 0.2)
    way = store.note_centers[other] - store.note_centers[start]
    store.latents.set_many(list(enumerate(store.note_centers[start] + 0.5 * way)))
    moved = controller.map_place()
    assert moved is not None
    assert moved.at == pytest.approx(tuple((positions[start] + positions[other]) / 2), abs=0.02)
    store.latents.reset_all()
    assert controller.map_place() == before


def test_a_double_click_says_what_it_loads_and_is_one_undo_step(rig: Rig) -> None:
    page = rig.window.work.pad.map
    rig.window.work.pad.modes.buttons["map"].click()
    index = next(i for i in page.canvas.shown.indices if i != rig.store.patch.slot_a)
    note, before, history = rig.store.bank[index], rig.store.patch, rig.window.presets.service.history
    history.press()
    page.canvas.audition(page.canvas.shown.indices.index(index))
    history.release()
    history.press(again=True)
    page.canvas.load_requested.emit("a", index)
    history.release()
    assert rig.store.patch.slot_a == index
    text = rig.window.work.status.message.text()
    assert text.startswith(f"{note.instrument} ")
    assert "is in slot A now. Ctrl+Z undoes it" in text
    history.undo()
    assert rig.store.patch.settings == before.settings
