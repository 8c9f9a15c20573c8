"""The map as a place: where the sound is, regions, presets and own sounds on it, and a preview by hovering."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from synth_app.audio import MidiPlayed
from synth_app.patch import Patch, SetPatch, UserNote
from synth_app.session import Preset
from synth_app.session.state.state import SLOTS
from synth_app.ui.pad.map.content import MapMark
from synth_app.ui.pad.map_canvas import MapCanvas
from synth_app.ui.theme.family_colors import OWN_SOUNDS, PRESETS
from synth_app.ui.theme.theme import qcolor
from synth_app.ui.window.demo.scripted_input import click, send_mouse
from tests.ui.conftest import Rig
from tests.ui.fakes import look_before_recording

MOVE = QEvent.Type.MouseMove
HOLLOW = "Off the map"


@pytest.fixture
def canvas(rig: Rig) -> MapCanvas:
    """The map of a window in map mode, before anything was sent."""
    rig.store.pad.set_state(replace(rig.store.state.pad, mode="map"))
    rig.audio.sent.clear()
    return rig.window.work.pad.map.canvas


def add_preset(rig: Rig, name: str, index: int) -> str:
    """Add a preset that plays one bank note as it is; return its key."""
    return rig.fakes.services.presets.add(Preset(name=name, a=rig.store.bank[index].name)).key


def at_note(rig: Rig, index: int) -> tuple[float, float]:
    x, y = rig.window.maps.pad_controller.positions()[index]
    return float(x), float(y)


def own_note(rig: Rig) -> UserNote:
    """Return a sound that no place of the map plays: a note, moved far along one dimension."""
    store = rig.store
    assert store.pad_grids is not None
    away = np.zeros(store.note_centers.shape[1], np.float32)
    away[9] = 6.0 * store.pad_grids.spread[9]
    return UserNote.of(replace(store.bank[7], z=store.bank[7].z + away, instrument="Elsewhere"))


def test_the_cursor_follows_every_way_the_sound_changes(rig: Rig, canvas: MapCanvas) -> None:
    presets, store = rig.window.presets, rig.store
    key = add_preset(rig, "Plain", 11)
    click(canvas, canvas.area().center() + QPointF(31, 17))
    clicked = canvas.cursor_at
    presets.playback.load(key)
    assert canvas.cursor_at == pytest.approx(at_note(rig, 11)), "a preset"
    assert not canvas.remark
    presets.undo.undo()
    assert canvas.cursor_at == pytest.approx(clicked), "undo"
    presets.undo.redo()
    picker = rig.window.work.morph.open_picker("a")
    picker.chosen.emit(23)
    picker.close()
    assert canvas.cursor_at == pytest.approx(at_note(rig, 23)), "the list of notes"
    presets.variation.switch_version()
    presets.playback.load(key)
    presets.variation.switch_version()
    assert canvas.cursor_at == pytest.approx(at_note(rig, 23)), "versions"
    rig.window.drops.assign_note(own_note(rig), None)
    assert canvas.remark.startswith(HOLLOW), "an own sound"
    assert canvas.accessibleDescription() == canvas.remark
    store.slots.show("a", 5)
    assert canvas.cursor_at == pytest.approx(at_note(rig, 5))
    assert not canvas.remark
    presets.variation.randomize(1.0)
    place = rig.window.maps.pad_controller.map_place()
    assert place is not None
    assert (canvas.cursor_at, bool(canvas.remark)) == (place.at, not place.on), "chance"
    store.slots.show("a", 5)
    rig.window.work.latent.handles.sliders[0].moved.emit(3.0)
    assert canvas.cursor_at != at_note(rig, 5), "a handle"


def test_a_click_on_the_place_of_a_hollow_cursor_plays_the_map(rig: Rig, canvas: MapCanvas) -> None:
    rig.window.drops.assign_note(own_note(rig), None)
    assert canvas.remark
    held = rig.store.patch.user_notes[0]
    assert canvas.cursor_at is not None
    canvas._move_cursor(canvas.cursor_at)
    assert rig.store.patch.user_notes[0] != held
    assert not canvas.remark


def test_the_slots_marks_are_where_the_slots_notes_are(rig: Rig, canvas: MapCanvas) -> None:
    rig.store.slots.choose("b", 21)
    assert canvas.slots["b"] == 21
    rig.window.drops.assign_note(own_note(rig), None, "b")
    assert "b" not in canvas.slots, "an own sound is no note of the bank"
    rig.store.pad.set_state(replace(rig.store.state.pad, mode="plane"))
    pad, (x, y) = rig.window.work.pad.pad, rig.store.state.pad.axes
    center = rig.store.slots.center("b")
    assert pad.slots["b"] == pytest.approx((center[x], center[y]))


def test_the_plane_says_when_the_sound_is_beyond_its_edge(rig: Rig) -> None:
    pad, (x, _) = rig.window.work.pad.pad, rig.store.state.pad.axes
    high = float(rig.store.ranges[x][1])
    rig.store.apply_patch(replace(rig.store.patch, offset=tuple(2.0 * high if d == x else 0.0 for d in range(16))))
    assert pad.beyond
    assert "beyond the edge" in pad.accessibleDescription()
    pad.set_axis_value(0, high)
    assert not pad.beyond


def test_the_morph_pad_shows_shares_only_of_a_sound_that_it_plays(rig: Rig) -> None:
    rig.store.pad.set_state(replace(rig.store.state.pad, mode="morph"))
    pad = rig.window.work.pad.morph.pad
    assert (pad.at, pad.on) == ((0.0, 1.0), True), "slot A alone plays"
    assert pad.accessibleDescription().startswith("corner 1 100 %, corner 2 0 %")
    names = set(rig.store.state.pad.corners)
    rig.store.slots.show("a", next(i for i, n in enumerate(rig.store.bank) if n.name not in names and n.pitch == 84))
    assert not pad.on
    assert "not a mix of the corners" in pad.accessibleDescription()


# ---- regions


def test_the_map_has_named_regions_and_its_ground_gets_brighter_with_the_notes(rig: Rig, canvas: MapCanvas) -> None:
    regions = canvas.ground.regions
    assert regions is not None
    families = {note.family for note in rig.store.bank}
    assert set(regions.families) == families
    assert {name.family for name in regions.names} <= families
    picture = canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    legend = rig.window.work.pad.legend
    legend.solo("brass")
    assert canvas.ground.regions is not None
    assert canvas.ground.regions.families == ("brass",)
    assert canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGB32) != picture


def test_the_letters_are_painted_in_both_colours(rig: Rig, canvas: MapCanvas) -> None:
    for slot in SLOTS:
        rig.store.slots.show(slot, canvas.shown.indices[9])
    picture = canvas.grab().toImage()
    seen = {picture.pixelColor(x, y).name() for x in range(picture.width()) for y in range(picture.height())}
    assert {qcolor("slot_a").name(), qcolor("slot_b").name()} <= seen


def test_a_note_is_hit_within_twelve_pixels_and_the_nearest_wins(rig: Rig, canvas: MapCanvas) -> None:
    rows = np.array([[canvas.pixel_of(i).x(), canvas.pixel_of(i).y()] for i in canvas.shown.indices])
    gaps = np.linalg.norm(rows[:, None] - rows[None], axis=2) + 1e9 * np.eye(len(rows))
    lone = int(gaps.min(axis=1).argmax())
    assert canvas.row_at(QPointF(*rows[lone]) + QPointF(-11.5, 0.0)) == lone
    first, second = np.unravel_index(int(gaps.argmin()), gaps.shape)
    nearer = rows[first] + 0.3 * (rows[second] - rows[first])
    assert canvas.row_at(QPointF(*nearer)) == first


# ---- presets and own sounds


def marks(rig: Rig, qtbot: QtBot) -> dict[str, MapMark]:
    """Return the marks by key when all are placed."""
    found = rig.window.map_extras.marks
    qtbot.waitUntil(lambda: bool(found.marks) and not found.busy, timeout=10_000)
    return {mark.key: mark for mark in found.marks}


def test_presets_are_on_the_map_and_a_click_plays_one(rig: Rig, canvas: MapCanvas, qtbot: QtBot) -> None:
    key = add_preset(rig, "Plain", 11)
    rig.window.presets.state.library_changed.emit()
    mark = marks(rig, qtbot)[key]
    assert (mark.kind, mark.title, mark.on) == ("preset", "Plain", True)
    assert mark.at == pytest.approx(at_note(rig, 11))
    row = len(canvas.shown.notes) + canvas.shown.marks.index(mark)
    assert canvas.shown.title(row) == "Preset: Plain"
    canvas.audition(row)
    assert rig.store.state.preset is not None
    assert rig.store.state.preset.key == key
    assert rig.store.patch.slot_a == 11
    rig.window.presets.undo.undo()
    assert rig.store.state.preset is None


def test_a_preset_of_a_plain_note_is_beside_the_note_and_can_be_clicked(
    rig: Rig, canvas: MapCanvas, qtbot: QtBot
) -> None:
    keys = [add_preset(rig, name, 11) for name in ("Plain", "Plain too")]
    rig.window.presets.state.library_changed.emit()
    found = marks(rig, qtbot)
    assert found[keys[0]].at == found[keys[1]].at, "no zoom parts them"
    rows = [canvas.shown.indices.index(11)]
    rows += [len(canvas.shown.notes) + canvas.shown.marks.index(found[key]) for key in keys]
    assert [canvas.row_at(QPointF(*canvas._pixels[row])) for row in rows] == rows
    click(canvas, QPointF(*canvas._pixels[rows[2]]))
    assert rig.store.state.preset is not None
    assert rig.store.state.preset.key == keys[1]


def test_search_finds_presets_and_the_legend_hides_them(rig: Rig, canvas: MapCanvas, qtbot: QtBot) -> None:
    key = add_preset(rig, "Quite unusual", 11)
    rig.window.presets.state.library_changed.emit()
    marks(rig, qtbot)
    page, legend = rig.window.work.pad.map, rig.window.work.pad.legend
    page.search.setText("quite unusual")
    assert page.count.text() == "0 of 40", "it counts notes"
    page.search.returnPressed.emit()
    assert rig.store.state.preset is not None
    assert rig.store.state.preset.key == key
    page.search.clear()
    page.search.setFocus()
    QTest.keyClick(page.search, Qt.Key.Key_Escape)
    assert canvas.hasFocus(), "letters play notes again"
    legend.toggle(PRESETS)
    assert not canvas.shown.marks
    rig.window.work.pad.modes.buttons["plane"].click()
    assert len(legend.cells()) == 8, "the plane shows families only"
    rig.window.work.pad.modes.buttons["map"].click()
    assert PRESETS in legend.hidden
    assert OWN_SOUNDS not in legend.hidden


# ---- preview


def patches(rig: Rig) -> list[SetPatch]:
    return [message for message in rig.audio.sent if isinstance(message, SetPatch)]


def test_hovering_with_a_key_held_previews_and_leaves_nothing_behind(rig: Rig, canvas: MapCanvas) -> None:
    store, history = rig.store, rig.window.presets.service.history
    before, steps, target = store.patch, history.steps, canvas.shown.indices[9]
    send_mouse(canvas, MOVE, canvas.pixel_of(target))
    assert not patches(rig), "no key is held"
    rig.window.notes.press("keys", 60, 100)
    send_mouse(canvas, MOVE, canvas.pixel_of(target) + QPointF(2, 1))
    heard = patches(rig)[-1].patch.user_notes[0]
    assert heard is not None
    row = canvas.row_at(canvas.pixel_of(target) + QPointF(2, 1))
    assert row is not None
    np.testing.assert_array_equal(heard.codes(), canvas.shown.notes[row].z)
    free = canvas.area().center() + QPointF(0.5, 0.5)
    send_mouse(canvas, MOVE, free)
    assert len(patches(rig)) == 2
    assert (store.patch, history.steps, store.state.pad.map_at) == (before, steps, None)
    QTest.mouseMove(rig.window.work.status)
    canvas.leaveEvent(QEvent(QEvent.Type.Leave))
    assert patches(rig)[-1].patch == before
    count = len(patches(rig))
    canvas.leaveEvent(QEvent(QEvent.Type.Leave))
    assert len(patches(rig)) == count
    rig.window.notes.release("keys", 60)


def test_the_next_key_plays_the_sessions_sound_again(rig: Rig, canvas: MapCanvas) -> None:
    notes = rig.window.notes
    notes.press("keys", 60, 100)
    send_mouse(canvas, MOVE, canvas.pixel_of(canvas.shown.indices[9]))
    notes.release("keys", 60)
    assert patches(rig)[-1].patch != rig.store.patch, "the tail keeps the previewed sound"
    notes.press("keys", 62, 100)
    assert patches(rig)[-1].patch == rig.store.patch


def test_an_audition_alone_starts_no_preview(rig: Rig, canvas: MapCanvas) -> None:
    rig.window.notes.audition(60)
    send_mouse(canvas, MOVE, canvas.pixel_of(canvas.shown.indices[9]))
    assert not patches(rig)


def test_a_recording_is_not_disturbed_by_hovering(rig: Rig, canvas: MapCanvas) -> None:
    rig.window.notes.press("keys", 60, 100)
    send_mouse(canvas, MOVE, canvas.pixel_of(canvas.shown.indices[9]))
    assert patches(rig)[-1].patch != rig.store.patch
    rig.window.record.toggle()
    for index in (9, 4):
        send_mouse(canvas, MOVE, canvas.pixel_of(canvas.shown.indices[index]))
        assert patches(rig)[-1].patch == rig.store.patch
    rig.window.record.toggle()
    send_mouse(canvas, MOVE, canvas.pixel_of(canvas.shown.indices[9]))
    assert patches(rig)[-1].patch != rig.store.patch


def _record(rig: Rig) -> None:
    rig.window.record.toggle()


def _take(rig: Rig) -> None:
    recorder = rig.window.pages.recorder
    recorder.open()
    recorder.source.setCurrentIndex(0)
    recorder.source.activated.emit(0)
    recorder.toggle()


def _arm(rig: Rig) -> None:
    rig.window.automation.toggle_record()


def _start_sequencer(rig: Rig) -> None:
    rig.window.handle_report(MidiPlayed((), frozenset({60}), sequencer_runs=True))


@pytest.mark.parametrize("begin", [_record, _take, _arm, _start_sequencer])
def test_a_preview_ends_when_a_recording_or_a_song_begins(
    rig: Rig, canvas: MapCanvas, begin: Callable[[Rig], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    before: list[Patch] = []
    look_before_recording(monkeypatch, lambda: before.append(rig.audio.patch))
    rig.window.notes.press("keys", 60, 100)
    send_mouse(canvas, MOVE, canvas.pixel_of(canvas.shown.indices[9]))
    assert rig.audio.patch != rig.store.patch
    begin(rig)
    assert rig.audio.patch == rig.store.patch
    assert all(patch == rig.store.patch for patch in before), "the recording begins with the sound of the session"
    assert len(before) == (begin in (_record, _take))


def test_a_preview_ends_when_the_map_is_left(rig: Rig, canvas: MapCanvas) -> None:
    rig.window.notes.press("keys", 60, 100)
    send_mouse(canvas, MOVE, canvas.pixel_of(canvas.shown.indices[9]))
    assert rig.window.map_extras.preview.active
    rig.window.work.pad.modes.buttons["plane"].click()
    assert not rig.window.map_extras.preview.active


def test_a_preset_is_previewed_whole_and_a_click_ends_the_preview(rig: Rig, canvas: MapCanvas, qtbot: QtBot) -> None:
    key = rig.fakes.services.presets.add(Preset(name="Short", a=rig.store.bank[11].name, params={"attack_s": 1.5})).key
    rig.window.presets.state.library_changed.emit()
    mark = marks(rig, qtbot)[key]
    canvas.show_notes(replace(canvas.shown, marks=(mark,)))
    page, row = rig.window.work.pad.map, len(canvas.shown.notes)
    rig.window.notes.press("keys", 60, 100)
    page._preview_at(*mark.at, row)
    assert patches(rig)[-1].patch.value("attack_s") == 1.5
    assert rig.window.map_extras.preview.active
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, canvas.rect().center())
    assert not rig.window.map_extras.preview.active
    assert patches(rig)[-1].patch == rig.store.patch
    canvas.cancel_press()
