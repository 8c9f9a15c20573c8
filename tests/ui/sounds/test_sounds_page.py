"""The page of own sounds: bring in, list, hear, load, rename, delete, undo, by mouse and by keyboard."""

from pathlib import Path

import numpy as np
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from synth_app.audio.protocol.messages import PlaySample, SampleState
from synth_app.export.sounds.perform import perform
from synth_app.export.sounds.tasks import Added, AddSound, SoundAnswer
from synth_app.ui.ports.shell import Place
from synth_app.ui.sounds.sound_list import sound_mime
from tests.session.sounds.recordings import tone
from tests.ui.conftest import Rig
from tests.ui.sounds.conftest import Bench


def send_drop(widget: QWidget, at: QPointF, mime: QMimeData) -> bool:
    """Drag data over a widget and drop it, as the system does; return whether the drop was accepted."""
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(widget, QDragEnterEvent(at.toPoint(), copy, mime, left, none))
    QApplication.sendEvent(widget, QDragMoveEvent(at.toPoint(), copy, mime, left, none))
    event = QDropEvent(at, copy, mime, left, none)
    event.ignore()
    QApplication.sendEvent(widget, event)
    return event.isAccepted()


def drop(bench: Bench, *paths: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    assert send_drop(bench.page, QPointF(20, 20), mime)


def names(bench: Bench) -> list[str]:
    return [entry.sound.name for entry in bench.control.entries]


def test_an_empty_page_says_what_to_do(bench: Bench) -> None:
    assert bench.page.stack.currentWidget() is bench.page.empty
    assert QApplication.focusWidget() is bench.page.empty.open
    QTest.keyClick(bench.page.empty.open, Qt.Key.Key_Escape)
    assert not bench.page.isVisible()


def test_a_single_file_is_listed_and_plays_from_slot_a(bench: Bench) -> None:
    drop(bench, bench.file("kazoo.wav", 62.0))
    bench.settle()
    assert names(bench) == ["kazoo"]
    note = bench.rig.store.patch.user_notes[0]
    assert note is not None
    assert (note.name, round(note.pitch)) == ("kazoo", 62)
    assert bench.rig.store.patch.value("morph") == 0.0
    assert bench.page.stack.currentIndex() == 1
    assert bench.page.about.text().startswith("D4")
    assert bench.rig.window.work.morph.cards["a"].accessibleName() == "Slot A: kazoo, Own sound · D4"


def test_several_files_are_listed_and_failures_stand_beside_their_names(bench: Bench) -> None:
    broken = bench.folder / "broken.wav"
    broken.write_bytes(b"RIFF")
    text = bench.folder / "notes.txt"
    text.write_text("no sound")
    drop(bench, bench.file("a.wav"), broken, text, bench.hit())
    bench.settle()
    assert names(bench) == ["a", "hit"]
    rows = bench.page.queue.texts()
    assert len(rows) == 2
    assert rows[0].startswith("broken.wav: ")
    assert "not an audio file" in rows[1]
    assert bench.rig.store.patch.user_notes == (None, None), "only a single sound plays by itself"
    assert bench.page.queue.isVisible()
    bench.page.queue.cancel.click()
    assert not bench.page.queue.isVisible()


def test_a_waiting_file_can_be_cancelled_and_the_others_go_on(bench: Bench) -> None:
    bench.rig.fakes.worker.held = True
    paths = [bench.file(f"{name}.wav") for name in "abc"]
    bench.control.import_files(paths)
    queue = bench.control.queue
    queue.cancel(queue.items[1])
    queue.cancel(queue.items[0])
    assert bench.rig.fakes.worker.cancelled == 1, "the one that was being added"
    bench.rig.fakes.worker.held = False
    bench.settle()
    assert names(bench) == ["c"]


def test_a_sound_that_was_added_while_it_was_cancelled_is_taken_back(bench: Bench) -> None:
    worker, queue = bench.rig.fakes.worker, bench.control.queue
    worker.held = True
    bench.control.import_files([bench.file("a.wav"), bench.file("b.wav")])
    perform(worker.tasks[0], bench.control.library.folder, worker.late.append)  # done, but not yet told
    assert [each.sound.name for each in bench.control.library.entries()] == ["a"]
    queue.cancel(queue.items[0])
    worker.held = False
    bench.settle()
    assert names(bench) == ["b"]
    assert [each.sound.name for each in bench.control.library.entries()] == ["b"]


def test_what_was_done_while_another_task_was_stopped_is_not_done_again(bench: Bench) -> None:
    worker, jobs, told = bench.rig.fakes.worker, bench.control.jobs, list[SoundAnswer]()
    worker.held = True
    path = bench.file("a.wav")
    first = jobs.ask(lambda number: AddSound(number, (path,), "first"), told.append)
    second = jobs.ask(lambda number: AddSound(number, (path,), "second"), told.append)
    third = jobs.ask(lambda number: AddSound(number, (path,), "third"), told.append)
    worker.late = [Added(first, "first-key")]
    assert jobs.cancel(second) == []
    assert [each.number for each in worker.tasks] == [third]
    jobs.poll()
    assert told == [Added(first, "first-key")]


def test_cancel_all_leaves_what_is_done(bench: Bench) -> None:
    bench.add(bench.file("a.wav"))
    bench.rig.fakes.worker.held = True
    bench.control.import_files([bench.file("b.wav"), bench.file("c.wav")])
    bench.page.queue.cancel.click()
    bench.rig.fakes.worker.held = False
    bench.settle()
    assert names(bench) == ["a"]
    assert not bench.page.queue.isVisible()


def test_files_of_one_instrument_become_one_sound_with_keys(bench: Bench) -> None:
    (entry,) = bench.add(bench.file("cello-048-100.wav", 48), bench.file("cello-060-100.wav", 60))
    assert [round(each.pitch) for each in entry.sound.recordings] == [48, 60]
    row = bench.page.list.topLevelItem(0)
    assert row is not None
    assert row.text(2) == "C3, C4"


def test_buttons_and_keys_load_into_slots_and_corners(bench: Bench) -> None:
    bench.add(bench.file("a.wav"), bench.file("b.wav", 64))
    bench.page.list.select(bench.control.entries[1].key)
    QTest.keyClick(bench.page.list, Qt.Key.Key_Return)
    bench.settle()
    bench.page.slots["b"].click()
    bench.settle()
    assert [note.name if note else "" for note in bench.rig.store.patch.user_notes] == ["b", "b"]
    bench.page.corner.menu().actions()[2].trigger()
    bench.settle()
    corner = bench.rig.store.state.pad.corners[2]
    assert corner
    assert "b" in str(corner)


def test_ctrl_enter_edits_and_loads_nothing(bench: Bench) -> None:
    bench.add(bench.file("a.wav"), bench.file("b.wav"))
    QTest.keyClick(bench.page.list, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    window = bench.rig.window.graphs.window_of("sound")
    assert window is not None
    assert window.windowTitle() == "a"
    bench.control.rename(bench.control.entries[0].key, "Oboe")
    assert window.windowTitle() == "Oboe"
    bench.settle()
    assert bench.rig.store.patch.user_notes == (None, None)


def test_what_is_added_is_chosen(bench: Bench) -> None:
    bench.add(bench.file("a.wav"), bench.file("m.wav"))
    bench.add(bench.file("f.wav"))
    assert bench.page.name.text() == "f"
    bench.page.list.select(bench.control.entries[0].key)
    bench.add(bench.file("x.wav"), bench.file("y.wav"))
    assert bench.page.name.text() == "x", "the first of several"


def test_the_keyboard_stays_in_the_page_when_a_part_is_closed(bench: Bench) -> None:
    bench.add(bench.file("a.wav"), bench.file("b.wav"))
    bench.page.capture.click()
    assert bench.page.recorder.record.hasFocus()
    bench.page.recorder.close_source()
    assert bench.page.list.hasFocus()
    text = bench.folder / "notes.txt"
    text.write_text("no sound")
    drop(bench, text)
    bench.page.queue.cancel.setFocus()
    bench.page.queue.cancel.click()
    assert not bench.page.queue.isVisible()
    assert bench.page.list.hasFocus()


def test_a_sound_is_dragged_onto_a_slot(bench: Bench) -> None:
    (entry,) = bench.add(bench.file("a.wav"))
    window = bench.rig.window
    bench.page.list.drag_started.emit()
    assert not bench.page.isVisible(), "slots and corners are in sight"
    card = window.work.morph.cards["b"]
    assert card.isVisible()
    at = QPointF(card.mapTo(window, QPoint(card.width() // 2, card.height() // 2)))
    assert window.drops.place_at(at) == Place("b")
    assert send_drop(window, at, sound_mime(entry.key))
    bench.page.list.drag_ended.emit()
    bench.settle()
    assert bench.rig.store.patch.user_notes[1] is not None
    assert bench.page.isVisible()


def test_a_drop_beside_the_slots_loads_nothing(bench: Bench) -> None:
    (entry,) = bench.add(bench.file("a.wav"))
    before = bench.rig.store.patch
    assert not send_drop(bench.rig.window, QPointF(3, 3), sound_mime(entry.key))
    bench.settle()
    assert bench.rig.store.patch == before


def test_space_hears_the_recording_and_stops_it(bench: Bench) -> None:
    bench.add(bench.file("a.wav"), bench.hit())
    QTest.keyClick(bench.page.list, Qt.Key.Key_Space)
    bench.settle()
    (played,) = bench.rig.audio.samples
    assert isinstance(played, PlaySample)
    heard = np.fromfile(played.paths[0], np.float32)
    assert np.abs(heard - tone(60.0, 0.4)).max() < 1e-3
    assert bench.page.play.text() == "Stop"
    QTest.keyClick(bench.page.list, Qt.Key.Key_Space)
    assert bench.rig.audio.samples[1:] == ["stop"]
    bench.control.preview(bench.control.entries[0].key)
    bench.rig.window.handle_report(SampleState(played.number, playing=False))
    assert bench.page.play.text() == "Stop", "the sound before has faded out, this one is prepared"
    bench.settle()
    again = bench.rig.audio.samples[-1]
    assert isinstance(again, PlaySample)
    bench.rig.window.handle_report(SampleState(again.number, playing=True))
    bench.rig.window.handle_report(SampleState(again.number, playing=False))
    assert bench.page.play.text() == "Hear"


def test_a_preview_stopped_before_its_answer_does_not_play_later(bench: Bench) -> None:
    (entry,) = bench.add(bench.file("a.wav"))
    for _ in range(3):  # play, stop, play
        bench.control.preview(entry.key)
    bench.settle()
    assert len([each for each in bench.rig.audio.samples if isinstance(each, PlaySample)]) == 1
    assert bench.control.playing == entry.key


def test_closing_the_page_stops_what_is_heard(bench: Bench) -> None:
    (entry,) = bench.add(bench.file("a.wav"))
    bench.control.preview(entry.key)
    bench.settle()
    bench.page.hide()
    assert bench.rig.audio.samples[1:] == ["stop"]
    assert bench.control.playing == ""


def test_a_sound_is_renamed_by_f2(bench: Bench) -> None:
    bench.add(bench.file("a.wav"), bench.file("b.wav"))
    bench.page.list.setFocus()
    QTest.keyClick(bench.page.list, Qt.Key.Key_F2)
    editor = bench.page.list.findChild(QLineEdit)
    assert editor is not None
    editor.setText("Oboe")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    bench.until(lambda: names(bench) == ["b", "Oboe"])
    bench.control.rename(bench.control.entries[0].key, "Oboe")
    assert names(bench) == ["Oboe", "Oboe 2"]
    bench.control.rename(bench.control.entries[0].key, " ")
    assert names(bench) == ["Oboe", "Oboe 2"]


def test_deleting_is_undone_by_key_and_leaves_the_patch_alone(bench: Bench) -> None:
    bench.add(bench.file("a.wav"))
    before = bench.rig.store.patch
    bench.page.list.setFocus()
    QTest.keyClick(bench.page.list, Qt.Key.Key_Delete)
    assert names(bench) == []
    assert "deleted" in bench.text()
    bench.page.setFocus()
    QTest.keyClick(bench.page, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert names(bench) == ["a"]
    QTest.keyClick(bench.page, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert names(bench) == []
    assert bench.rig.store.patch == before


def test_an_edited_sound_is_encoded_again_for_the_slot_that_plays_it(bench: Bench) -> None:
    (entry,) = bench.add(bench.file("a.wav"))
    bench.control.rename(entry.key, "Oboe")
    bench.settle()
    note = bench.rig.store.patch.user_notes[0]
    assert note is not None
    assert note.name == "Oboe"


def test_sounds_are_found_in_pickers_and_the_palette(bench: Bench) -> None:
    (entry,) = bench.add(bench.file("a glass.wav"))
    picker = bench.rig.window.work.morph.open_picker("b")
    picker.search.setText("glass")
    assert picker.visible_notes() == [entry.key]
    QTest.keyClick(picker, Qt.Key.Key_Return)
    bench.settle()
    assert bench.rig.store.patch.user_notes[1] is not None
    palette = bench.rig.window.dialogs.open_palette()
    palette.field.setText("glass")
    assert "Load your sound a glass into slot A" in palette.names()
    palette.close()


def test_what_cannot_be_loaded_is_told(bench: Bench) -> None:
    bench.control.load("gone", Place())
    assert "no longer exists" in bench.text()


def test_without_a_model_a_sound_is_kept_and_the_reason_is_told(empty_rig: Rig, qtbot: QtBot, tmp_path: Path) -> None:
    bench = Bench(empty_rig, qtbot, tmp_path)
    empty_rig.window.pages.toggle_sounds()
    (entry,) = bench.add(bench.file("a.wav"))
    bench.control.load(entry.key, Place())
    assert "choose one first" in bench.text()


def test_a_change_of_theme_keeps_the_page(bench: Bench) -> None:
    bench.add(bench.file("a.wav"))
    bench.rig.window.appearance.set_theme("light")
    bench.until(bench.page.isVisible)
    assert bench.page.list.topLevelItemCount() == 1
    bench.add(bench.file("b.wav"))
    assert bench.page.list.topLevelItemCount() == 2
    bench.rig.window.appearance.set_theme("dark")
