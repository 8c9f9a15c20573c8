"""Finds are heard by arrow keys, left or taken; the page keeps them while the window changes."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from synth_app.patch import NoteOff
from synth_app.ui.find.find_list import KIND_TITLES
from synth_app.ui.ports.shell import Place
from tests.session.sounds.recordings import tone
from tests.ui.fakes import look_before_recording
from tests.ui.find.conftest import FAR, NEAR, Bench
from tests.ui.find.finding import DOWN, ENTER, ESCAPE, UP, drop, found


def test_an_open_page_says_what_to_do_and_changes_nothing(bench: Bench) -> None:
    assert bench.page.stack.currentWidget() is bench.page.empty
    assert QApplication.focusWidget() is bench.page.empty.record
    assert bench.rig.window.search.state.result is None, "what can be found is measured, and nothing is searched"
    QTest.keyClick(bench.page.empty.record, ESCAPE)
    assert not bench.page.isVisible()
    assert bench.rig.audio.sent == []


def test_a_dropped_file_lists_the_nearest_of_each_kind(bench: Bench) -> None:
    bench.own("Kazoo", tone(48.0, 0.6, NEAR), 48.0)
    bench.own("Fog", tone(48.0, 0.6, FAR), 48.0)
    before = bench.store.state
    drop(bench, bench.file())
    assert bench.page.list.hasFocus()
    assert bench.page.head.about.text == "hum.wav · A3"
    distances = [each.distance for each in found(bench)]
    assert distances == sorted(distances)
    assert bench.page.list.names() == [each.name for each in found(bench)]
    assert {each.kind for each in found(bench)} == set(KIND_TITLES)
    bench.show("sound")
    assert bench.page.list.names() == ["Kazoo", "Fog"]
    bench.show("note")
    assert len(bench.page.list.names()) == 8, "each instrument once, though it has five keys"
    assert bench.store.state == before
    assert bench.played() == [], "nothing is heard before the user moves"


def test_arrow_keys_let_each_find_be_heard_and_escape_returns_to_what_was(bench: Bench) -> None:
    bench.store.set_param("sustain", 0.4)
    before, steps = bench.store.state, bench.undo_labels
    drop(bench, bench.file(key=57.0))
    bench.show("note")
    bench.press(DOWN)
    first = bench.store.slots.note("a")
    assert first is not None
    assert first.instrument == bench.page.list.names()[0]
    assert bench.store.patch.value("morph") == 0.0
    assert bench.rig.audio.patch == bench.store.patch, "the engine plays it"
    assert bench.played() == [57], "at the key of what was looked for"
    bench.press(DOWN)
    assert bench.held() == frozenset({57})
    second = bench.store.slots.note("a")
    assert second is not None
    assert second.instrument == bench.page.list.names()[1]
    bench.press(UP, Qt.Key.Key_Space)
    assert bench.played() == [57, 57, 57, 57]
    assert "Escape returns" in bench.page.side.hint.text()
    assert bench.undo_labels == steps, "what is tried is no step"
    bench.press(ESCAPE)
    assert not bench.page.isVisible()
    assert bench.store.state == before
    assert bench.rig.audio.patch == before.patch
    assert bench.held() == frozenset()
    assert isinstance(bench.rig.audio.notes[-1], NoteOff)


def test_a_click_beside_the_list_leaves_it_the_keyboard(bench: Bench) -> None:
    drop(bench, bench.file())
    QTest.mouseClick(bench.page, Qt.MouseButton.LeftButton, pos=bench.page.rect().bottomLeft() + QPoint(4, -4))
    assert bench.page.list.hasFocus()


def test_enter_takes_a_note_as_one_step(bench: Bench) -> None:
    before, steps = bench.store.patch, bench.undo_labels
    drop(bench, bench.file())
    bench.show("note")
    bench.press(DOWN, DOWN, DOWN)
    taken, name = bench.store.patch, bench.page.list.names()[2]
    assert bench.held()
    bench.press(ENTER)
    assert not bench.page.isVisible()
    assert not bench.held(), "its note ends with the page"
    assert bench.store.patch == taken
    assert bench.undo_labels == [*steps, f"{name} in slot A"]
    bench.rig.window.presets.undo.undo()
    assert bench.store.patch == before


def test_the_note_of_a_find_ends_before_a_recording_starts(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[frozenset[int]] = []
    look_before_recording(monkeypatch, lambda: held.append(bench.held()))
    drop(bench, bench.file())
    bench.show("note")
    bench.press(DOWN)
    assert bench.held()
    bench.rig.window.record.toggle()
    assert held == [frozenset()]


def test_enter_without_a_row_takes_the_nearest_for_the_slot_in_focus(bench: Bench) -> None:
    bench.press(ESCAPE)
    bench.rig.window.work.morph.cards["b"].setFocus()
    bench.rig.window.pages.toggle_find()
    assert bench.page.side.chosen_place == Place("b")
    a = bench.store.patch.slot_a
    drop(bench, bench.file())
    bench.show("note")
    name = bench.page.list.names()[0]
    bench.press(ENTER)
    note = bench.store.slots.note("b")
    assert note is not None
    assert note.instrument == name
    assert (bench.store.patch.slot_a, bench.store.patch.value("morph")) == (a, 1.0)
    assert not bench.held()


def test_a_note_after_a_preset_is_heard_in_the_sound_before(bench: Bench) -> None:
    """Each find is tried on the sound before, not on the find before."""
    before = bench.store.patch
    drop(bench, bench.file())
    bench.show("preset")
    bench.press(DOWN)
    assert bench.store.patch.params != before.params or bench.store.patch.modulation != before.modulation
    bench.show("note")
    bench.press(DOWN)
    assert bench.store.patch.params == before.with_param("morph", 0.0).params
    assert bench.store.patch.modulation == before.modulation
    assert bench.store.state.preset is None


def test_enter_loads_a_preset_as_one_step(bench: Bench) -> None:
    before = bench.store.patch
    drop(bench, bench.file())
    bench.show("preset")
    bench.press(DOWN, DOWN)
    name = bench.page.list.names()[1]
    assert not bench.page.side.place.isEnabled()
    bench.press(ENTER)
    assert bench.rig.window.presets.state.title() == name
    assert bench.undo_labels[-1] == f"Preset {name}"
    bench.rig.window.presets.undo.undo()
    assert bench.store.patch == before
    assert bench.rig.window.presets.state.title() == "Init"


def test_own_sounds_are_encoded_and_then_heard_and_taken(bench: Bench) -> None:
    bench.own("Kazoo", tone(48.0, 0.6, NEAR), 48.0)
    bench.own("Fog", tone(48.0, 0.6, FAR), 48.0)
    drop(bench, bench.file())
    bench.show("sound")
    bench.press(DOWN)
    assert bench.played() == []
    assert "being encoded" in bench.page.side.hint.text()
    bench.settle()
    note = bench.store.patch.user_notes[0]
    assert note is not None
    assert note.name == "Kazoo"
    assert bench.played() == [57]
    bench.press(DOWN, ENTER)  # before it is encoded
    assert bench.page.isVisible()
    bench.settle()
    taken = bench.store.patch.user_notes[0]
    assert taken is not None
    assert taken.name == "Fog"
    assert not bench.page.isVisible()
    assert bench.held() == frozenset(), "nothing sounds after the page has closed"
    assert bench.undo_labels[-1] == "Fog in slot A"


def test_a_sound_that_is_left_before_it_is_encoded_is_not_heard(bench: Bench) -> None:
    bench.own("Kazoo")
    before = bench.store.state
    drop(bench, bench.file())
    bench.show("sound")
    bench.press(DOWN, ESCAPE)
    bench.settle()
    assert bench.store.state == before
    assert bench.played() == []


def test_what_is_found_but_gone_is_told_and_the_sound_before_returns(bench: Bench) -> None:
    key = bench.own("Kazoo")
    before = bench.store.state
    drop(bench, bench.file())
    bench.rig.fakes.services.sounds.remove(key)
    bench.show("sound")
    bench.press(DOWN)
    bench.settle()
    assert bench.rig.window.notices.problems
    assert bench.store.state == before
    assert bench.page.isVisible()


def test_another_place_is_heard_at_once(bench: Bench) -> None:
    drop(bench, bench.file())
    bench.show("note")
    bench.press(DOWN)
    before = bench.store.patch
    bench.page.side.place.setCurrentIndex(1)
    bench.page.side.place.activated.emit(1)
    assert bench.store.patch.slot_b == before.slot_a
    assert bench.store.patch.value("morph") == 1.0
    assert len(bench.played()) == 2


def test_a_find_for_a_corner_is_heard_and_goes_there(bench: Bench) -> None:
    before = bench.store.patch
    picker = bench.rig.window.work.pad.morph.open_picker(2)
    picker.tree.setCurrentItem(picker._items[0])
    looked_for = picker._current()
    assert isinstance(looked_for, int)
    QTest.keyClick(picker, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    bench.settle()
    note = bench.store.bank[looked_for]
    assert note.instrument not in [each.name for each in found(bench) if each.kind == "note"]
    assert bench.page.side.chosen_place == Place(corner=2)
    bench.show("note")
    bench.press(DOWN)
    assert bench.store.patch != before
    name = bench.page.list.names()[0]
    bench.press(ENTER)
    corner = bench.store.state.pad.corners[2]
    assert isinstance(corner, str)
    assert next(each.instrument for each in bench.store.bank if each.name == corner) == name
    assert bench.store.patch == before


def test_a_recording_is_not_disturbed_by_finds(bench: Bench) -> None:
    before = bench.store.state
    drop(bench, bench.file())
    bench.show("note")
    bench.rig.window.record.toggle()
    bench.press(DOWN)
    assert bench.store.state == before
    assert bench.played() == []
    bench.press(ENTER)
    note = bench.store.slots.note("a")
    assert note is not None
    assert note.instrument == bench.page.list.names()[0]
    bench.rig.window.record.toggle()
    bench.rig.window.pages.toggle_find()
    bench.press(DOWN)
    heard = bench.store.patch
    bench.rig.window.record.toggle()
    bench.press(ESCAPE)
    assert bench.store.patch == heard, "it stays in the recording"
    bench.rig.window.record.toggle()


def test_undo_while_a_find_is_heard_returns_to_the_sound_before(bench: Bench) -> None:
    before = bench.store.state
    drop(bench, bench.file())
    bench.show("note")
    bench.press(DOWN)
    bench.rig.window.presets.undo.undo()
    assert bench.store.state == before
    assert bench.rig.window.trial.item is None
    assert "Space lets you hear it" in bench.page.side.hint.text()
    bench.press(ENTER)
    note = bench.store.slots.note("a")
    assert note is not None
    assert note.instrument == bench.page.list.names()[0]


def test_a_change_of_theme_keeps_the_finds_and_what_is_heard(bench: Bench) -> None:
    before = bench.store.state
    drop(bench, bench.file())
    bench.show("note")
    bench.press(DOWN)
    bench.page.side.place.setCurrentIndex(1)
    bench.page.side.place.activated.emit(1)
    tried = bench.store.patch
    old = bench.page
    bench.rig.window.appearance.set_theme("light")
    try:
        assert bench.page is not old
        bench.until(bench.page.isVisible)
        assert len(bench.page.list.names()) == len(found(bench))
        assert bench.store.patch == tried
        assert bench.page.side.chosen_place == Place("b")
        bench.press(ESCAPE)
        assert bench.store.state.patch == before.patch
    finally:
        bench.rig.window.appearance.set_theme("dark")


def test_closing_the_window_returns_to_the_sound_before(bench: Bench) -> None:
    before = bench.store.patch
    drop(bench, bench.file())
    bench.press(DOWN)
    bench.rig.window.close()
    assert bench.store.patch == before


def test_a_screen_reader_gets_each_find(bench: Bench) -> None:
    drop(bench, bench.file())
    bench.press(DOWN)
    tree = QAccessible.queryAccessibleInterface(bench.page.list)
    assert tree is not None
    assert tree.text(QAccessible.Text.Name) == "What sounds like it"
    first = found(bench)[0]
    texts = [
        cell.text(QAccessible.Text.Name)
        for i in range(tree.childCount())
        if (cell := tree.child(i)) is not None and cell.isValid()
    ]
    at = texts.index(first.name)
    assert texts[at - 1] == "playing"
    assert texts[at + 1] == KIND_TITLES[first.kind]
    assert texts[at + 3] == first.nearness_text
    assert bench.page.status.accessibleName().startswith("Up and down: hear")
