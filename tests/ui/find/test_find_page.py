"""Something like this: a file, a hum or the present sound is searched for; finds are heard by arrow keys and taken."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from synth_app.audio.input.messages import InputState, StartTake, TakeEnded, TakeStarted
from synth_app.decoder import Model, load_model
from synth_app.export.sounds.tasks import FindSimilar, FoundSimilar, SoundAnswer, SoundTask
from synth_app.patch import NoteOff
from synth_app.session.find.likes import LikeFile
from synth_app.session.find.similar import Similar
from synth_app.ui.find.find_list import KIND_TITLES
from synth_app.ui.find.find_page import HUM_SECONDS
from synth_app.ui.ports.shell import Place
from tests.session.sounds.recordings import RATE, tone, write
from tests.ui.conftest import Rig
from tests.ui.find.conftest import FAR, NEAR, Bench
from tests.ui.sounds.test_sounds_page import send_drop

DOWN, UP, ENTER, ESCAPE = Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Return, Qt.Key.Key_Escape


def drop(bench: Bench, *paths: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    assert send_drop(bench.page, QPointF(20, 20), mime)
    bench.settle()


def found(bench: Bench) -> tuple[Similar, ...]:
    result = bench.rig.window.search.state.result
    return result.found if result else ()


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
    bench.press(ENTER)
    assert not bench.page.isVisible()
    assert bench.store.patch == taken
    assert bench.undo_labels == [*steps, f"{name} in slot A"]
    bench.rig.window.presets.undo.undo()
    assert bench.store.patch == before


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
    assert bench.held() == frozenset({57}), "it is heard after the page has closed"
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


def test_similar_sounds_are_found_from_your_sounds_and_from_the_note_list(bench: Bench) -> None:
    bench.own("Kazoo")
    bench.own("Kazoo too")
    window = bench.rig.window
    window.pages.toggle_sounds()
    assert not bench.page.isVisible()
    window.pages.sounds.list.setFocus()
    QTest.keyClick(window.pages.sounds.list, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    bench.settle()
    assert bench.page.isVisible()
    assert not window.pages.sounds.isVisible()
    assert bench.page.head.about.text.startswith("Kazoo · ")
    assert [each.name for each in found(bench) if each.kind == "sound"] == ["Kazoo too"], "not itself"
    window.pages.toggle_sounds()
    assert any(action.text().startswith("Find similar") for action in window.pages.sounds.menu("kazoo").actions())
    window.pages.sounds.hide()
    picker = window.work.morph.open_picker("b")
    assert picker.similar.isVisible()
    picker.search.setText("kazoo too")
    QTest.keyClick(picker, DOWN)
    picker.similar.click()
    bench.settle()
    assert bench.page.head.about.text.startswith("Kazoo too · ")
    assert bench.page.side.chosen_place == Place("b")


def test_more_like_the_present_sound(bench: Bench) -> None:
    window = bench.rig.window
    bench.press(ESCAPE)
    key = bench.rig.fakes.services.presets.entries()[0].key
    window.presets.playback.load(key)
    window.pages.find_present()
    bench.settle()
    assert bench.page.isVisible()
    assert bench.page.head.about.text.startswith(window.presets.state.title())
    assert key not in [each.key for each in found(bench)], "the present preset is no find of itself"
    window.presets.service.init()
    bench.page.head.present.click()
    bench.settle()
    assert bench.page.head.about.text.startswith("What plays now")
    nearest = next(each for each in found(bench) if each.kind == "note")
    note = bench.store.slots.note("a")
    assert note is not None
    assert nearest.name == note.instrument
    assert nearest.distance < 0.5


def test_a_hum_is_searched_for_and_kept_nowhere(bench: Bench) -> None:
    page, fake = bench.page, bench.rig.fakes.input
    page.empty.record.click()
    assert page.recorder.isVisible()
    fake.waiting = [InputState("Mic", 48_000)]
    bench.until(page.recorder.record.isEnabled)
    page.recorder.record.click()
    start = fake.sent[-1]
    assert isinstance(start, StartTake)
    assert start.max_seconds == HUM_SECONDS
    fake.waiting = [TakeStarted()]
    bench.until(lambda: page.recorder.time.text() == "0:00 / 0:10")
    bench.until(lambda: page.recorder.recording)
    write(Path(start.path), tone(52.0, 1.0, NEAR))
    fake.waiting = [TakeEnded(start.path, 1.0)]
    bench.until(lambda: found(bench))
    assert page.head.about.text == "Your recording · E3"
    assert page.list.hasFocus()
    bench.press(DOWN)
    assert bench.played() == [52]
    bench.press(ESCAPE)
    assert fake.closed == 1, "the input is released"
    music = bench.rig.fakes.services.music_folder
    assert not [path for path in music.rglob("*.wav") if "sounds" not in path.parts]


def test_a_silent_recording_and_a_missing_input_say_so(bench: Bench) -> None:
    page = bench.page
    drop(bench, write(bench.folder / "silent.wav", np.zeros(RATE, np.float32)))
    assert page.status.problem.text().startswith("Almost only silence;")
    assert page.stack.currentWidget() is page.empty
    assert page.empty.record.hasFocus()
    page.empty.record.click()
    bench.rig.fakes.input.waiting = [InputState("", 0, "there is no input device; plug in a microphone")]
    bench.until(lambda: "plug in" in page.recorder.problem.text())
    assert not page.recorder.record.isEnabled()


def test_files_that_cannot_be_searched_for_say_why(bench: Bench) -> None:
    text = bench.folder / "notes.txt"
    text.write_text("no sound")
    drop(bench, text)
    assert bench.page.status.problem.text().startswith("notes.txt is not an audio file")
    broken = bench.folder / "broken.wav"
    broken.write_bytes(b"RIFF")
    drop(bench, broken)
    assert "broken.wav" in bench.page.status.problem.text()
    drop(bench, bench.file("one.wav"), bench.file("two.wav"))
    assert bench.page.status.problem.text() == ""
    assert bench.page.head.about.text == "one.wav (the first of 2 files) · A3"


def test_without_a_model_or_anything_to_find_it_says_so(
    empty_rig: Rig, model: Model, model_path: Path, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(empty_rig, qtbot, tmp_path)
    empty_rig.window.pages.toggle_find()
    drop(bench, bench.file())
    assert "choose one first" in bench.page.status.problem.text()

    def find_nothing(task: SoundTask, _folder: Path, send: Callable[[SoundAnswer], None]) -> None:
        send(FoundSimilar(task.number, 60.0, ()))

    monkeypatch.setattr("tests.ui.fakes.perform", find_nothing)
    empty_rig.store.load_model_data(model, model_path)
    drop(bench, bench.file())
    assert "nothing to find" in bench.page.status.problem.text()
    assert bench.page.stack.currentWidget() is bench.page.empty


def test_a_new_search_replaces_the_one_before(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def find(task: SoundTask, _folder: Path, send: Callable[[SoundAnswer], None]) -> None:
        assert isinstance(task, FindSimilar)
        assert isinstance(task.like, LikeFile)
        asked.append(task.like.path.stem)
        send(FoundSimilar(task.number, 60.0, (Similar("note", "x", asked[-1], "", 60.0, 1.0),)))

    monkeypatch.setattr("tests.ui.fakes.perform", find)
    worker, search = bench.rig.fakes.worker, bench.rig.window.search
    worker.held = True
    shown: list[tuple[str, ...]] = []
    search.changed.connect(lambda: shown.append(tuple(each.name for each in found(bench))))
    for name in ("one", "two"):
        search.look(LikeFile(bench.folder / f"{name}.wav"), name)
    assert bench.page.head.busy.busy
    assert bench.page.status.text.text() == "Searching…"
    worker.held = False
    bench.settle()
    assert asked == ["one", "two"]
    assert ("one",) not in shown
    assert found(bench)[0].name == "two"
    worker.held = True
    search.look(LikeFile(bench.folder / "three.wav"), "three")
    bench.press(ESCAPE)
    worker.held = False
    bench.settle()
    assert search.state.result is None, "closing the page ends the search"


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


def test_another_model_is_searched_again_for_a_file(bench: Bench, model_path: Path) -> None:
    drop(bench, bench.file())
    bench.show("note")
    bench.press(DOWN)
    wide = model_path.parent / "wide.safetensors"
    bench.store.load_model_data(load_model(wide), wide)
    assert bench.rig.window.trial.item is None
    bench.settle()
    assert bench.page.head.about.text == "hum.wav · A3"
    assert found(bench)
    bench.rig.window.pages.find_present()
    bench.settle()
    bench.store.load_model_data(load_model(model_path), model_path)
    bench.settle()
    assert not found(bench), "the patch of another model cannot be looked for"


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
