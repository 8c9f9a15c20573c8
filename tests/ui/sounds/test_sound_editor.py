"""The sample editor: marks, key, level, slices, before and after; all of it undone, the file untouched."""

import hashlib

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from synth_app.audio.protocol.messages import PlaySample, Restarted, SampleState
from synth_app.ui.sounds.editor.editor_page import SoundEditorPage
from synth_app.ui.sounds.editor.listening import MODEL, RECORDING
from synth_app.ui.sounds.editor.marks import END, FADE_IN, FADE_OUT, LOOP_END, LOOP_START, START
from tests.session.sounds.recordings import RATE, tone, write
from tests.ui.sounds.conftest import Bench

SECONDS = 2.7
KEYS = (48, 55, 64)


@pytest.fixture
def page(bench: Bench) -> SoundEditorPage:
    """The editor of a phrase of three notes."""
    samples = np.zeros(round(SECONDS * RATE), np.float32)
    for i, key in enumerate(KEYS):
        note = tone(key, 0.5)
        first = round((0.2 + 0.8 * i) * RATE)
        samples[first : first + len(note)] = note
    (entry,) = bench.add(write(bench.folder / "phrase.wav", samples))
    bench.page.edit_requested.emit(entry.key)
    made = editor(bench)
    bench.until(lambda: made.listening.compared is not None)
    return made


def editor(bench: Bench) -> SoundEditorPage:
    window = bench.rig.window.graphs.window_of("sound")
    assert window is not None
    assert isinstance(window.page, SoundEditorPage)
    return window.page


def drag(page: SoundEditorPage, mark: str, x: float) -> None:
    """Move a mark as the graph reports it."""
    names = page.wave._marks
    page.wave.drag_started.emit()
    page.wave.moved.emit(names.index(mark), x, 0.0)
    page.wave.drag_ended.emit()


def places(page: SoundEditorPage) -> dict[str, float]:
    return dict(zip(page.wave._marks, (handle.x for handle in page.wave.handles), strict=True))


def test_every_mark_is_dragged_saved_and_undone(bench: Bench, page: SoundEditorPage) -> None:
    before = bench.control.entries[0].sound
    for mark, x in (
        (START, 0.15), (END, 2.5), (FADE_IN, 0.25), (FADE_OUT, 2.3), (LOOP_START, 0.4), (LOOP_END, 0.6)
    ):  # fmt: skip
        drag(page, mark, x)
        assert places(page)[mark] == pytest.approx(x)
    recording = bench.control.entries[0].sound.recordings[0]
    assert recording.trim is not None
    assert (recording.trim.start_s, recording.trim.end_s) == pytest.approx((0.15, 2.5))
    assert (recording.fade_in_s, recording.fade_out_s) == pytest.approx((0.1, 0.2))
    assert recording.loop is not None
    for _ in range(6):
        QTest.keyClick(page, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert bench.control.entries[0].sound == before
    assert places(page)[START] == 0.0


def test_the_found_loop_is_shown_and_comes_back(bench: Bench, page: SoundEditorPage) -> None:
    found = places(page)
    assert 0.0 < found[LOOP_START] < found[LOOP_END] <= SECONDS
    assert "found" in page.wave.handles[2].text
    drag(page, LOOP_START, 0.3)
    assert page.fields.loop.isEnabled()
    page.fields.loop.click()
    assert bench.control.entries[0].sound.recordings[0].loop is None


def test_an_edit_is_compared_and_played_anew(bench: Bench, page: SoundEditorPage) -> None:
    first = page.listening.compared
    assert first is not None
    drag(page, END, 0.7)
    assert page.listening.compared is None, "what was made of the earlier recording is no longer true"
    bench.until(lambda: page.listening.compared is not None)
    assert page.listening.compared is not None
    assert page.listening.compared.seconds == pytest.approx(0.5, abs=0.05)
    assert "mel distance" in page.verdict.text()
    bench.settle()
    note = bench.rig.store.patch.user_notes[0]
    assert note is not None
    assert len(note.gains()) < 100, "the slot plays the shorter sound"


def test_one_key_switches_between_recording_and_model(bench: Bench, page: SoundEditorPage) -> None:
    audio = bench.rig.audio
    audio.samples.clear()
    QTest.keyClick(page, Qt.Key.Key_Space)
    QTest.keyClick(page, Qt.Key.Key_F6)
    QTest.keyClick(page, Qt.Key.Key_F6)
    QTest.keyClick(page, Qt.Key.Key_Space)
    played, *rest = audio.samples
    assert isinstance(played, PlaySample)
    assert played.which == RECORDING
    assert rest == [MODEL, RECORDING, "stop"]
    source, made = (np.fromfile(path, np.float32) for path in played.paths)
    assert len(source) == len(made)
    assert np.sqrt(np.mean(source**2)) == pytest.approx(np.sqrt(np.mean(made**2)), rel=0.5), "at the same level"


def test_the_editor_plays_no_more_once_another_page_plays(bench: Bench, page: SoundEditorPage) -> None:
    window, (entry,) = bench.rig.window, bench.control.entries
    page.listening.toggle()
    first = bench.rig.audio.samples[-1]
    assert isinstance(first, PlaySample)
    window.handle_report(SampleState(first.number, playing=True))
    assert (page.play.text(), bench.page.play.text()) == ("Stop", "Hear")
    bench.control.preview(entry.key)
    assert (page.play.text(), bench.page.play.text()) == ("Play", "Stop")
    bench.settle()
    calls = list(bench.rig.audio.samples)
    page.listening.stop()
    page.listening.switch()
    assert bench.rig.audio.samples == calls, "it neither stops nor switches the sound of the other page"
    window.handle_report(SampleState(first.number, playing=False))  # late
    assert bench.page.play.text() == "Stop"
    page.listening.toggle()
    assert (page.play.text(), bench.page.play.text()) == ("Stop", "Hear")
    window.handle_report(Restarted("it crashed"))
    assert (page.play.text(), bench.page.play.text()) == ("Play", "Hear")


def test_a_sound_that_another_page_asks_for_meanwhile_is_not_cut_off(bench: Bench, page: SoundEditorPage) -> None:
    (entry,) = bench.control.entries
    bench.rig.fakes.worker.held = True
    bench.control.preview(entry.key)
    page.listening.toggle()
    bench.rig.fakes.worker.held = False
    bench.settle()
    assert page.play.text() == "Stop"
    played = bench.rig.audio.samples[-1]
    assert isinstance(played, PlaySample)
    assert len(played.paths) == 2, "the preview came too late"


def test_what_cannot_be_played_is_told_where_it_was_asked_for(bench: Bench, page: SoundEditorPage) -> None:
    page.listening.toggle()
    played = bench.rig.audio.samples[-1]
    assert isinstance(played, PlaySample)
    bench.rig.window.handle_report(SampleState(played.number, playing=False, problem="its file is damaged"))
    assert page.verdict.text() == "Its file is damaged"
    assert "damaged" not in bench.text()


def test_closing_the_window_stops_what_is_heard(bench: Bench, page: SoundEditorPage) -> None:
    page.listening.toggle()
    page.window().close()
    assert bench.rig.audio.samples[-1] == "stop"


def test_a_change_of_the_theme_stops_what_is_heard(bench: Bench, page: SoundEditorPage) -> None:
    page.listening.toggle()
    bench.rig.window.graphs.rebuild()
    assert bench.rig.audio.samples[-1] == "stop"


def test_the_key_is_switched_on_dragged_typed_and_switched_off(bench: Bench, page: SoundEditorPage) -> None:
    if not bench.control.entries[0].sound.pitched:  # a phrase has no pitch of its own
        page.fields.no_pitch.click()
    page.tone.drag_started.emit()
    page.tone.moved.emit(0, 0.0, float(np.log10(440.0)))
    page.tone.drag_ended.emit()
    assert bench.control.entries[0].sound.recordings[0].pitch == pytest.approx(69.0)
    page.fields.key.setValue(61.5)
    assert bench.control.entries[0].sound.recordings[0].pitch == 61.5
    assert page.fields.note.text() in {"C#4 +50 ct", "D4 −50 ct"}
    page.fields.no_pitch.click()
    assert not bench.control.entries[0].sound.pitched
    assert page.tone.handles == ()
    page.fields.gain.setValue(-6.0)
    assert bench.control.entries[0].sound.recordings[0].gain_db == -6.0


def test_slices_become_keys_of_the_sound(bench: Bench, page: SoundEditorPage) -> None:
    path = bench.control.entries[0].folder / bench.control.entries[0].sound.recordings[0].file_name
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    page.wave.setFocus()
    QTest.mouseClick(page.find_notes, Qt.MouseButton.LeftButton)
    assert page.wave.hasFocus(), "Space goes on to play"
    bench.until(lambda: page.slices)
    assert page.slice_count.text() == "3 notes found:"
    page.as_keys.setFocus()
    QTest.keyClick(page.as_keys, Qt.Key.Key_Space)
    assert page.wave.hasFocus()
    assert float(bench.page.about.text().split(" · ")[1].removesuffix(" s")) < SECONDS, "the parts, not the whole file"
    assert [round(each.pitch) for each in bench.control.entries[0].sound.recordings] == list(KEYS)
    assert page.picker.count() == 3
    page.picker.activated.emit(2)
    bench.until(lambda: page.recording is not None and round(page.recording.pitch) == 64)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before
    page.undo.click()
    assert len(bench.control.entries[0].sound.recordings) == 1
    bench.settle()


def test_slices_become_sounds(bench: Bench, page: SoundEditorPage) -> None:
    page.find_notes.click()
    bench.until(lambda: page.slices)
    page.as_sounds.click()
    assert [entry.sound.name for entry in bench.control.entries] == ["phrase", "phrase 1", "phrase 2", "phrase 3"]
    page.undo.click()
    assert [entry.sound.name for entry in bench.control.entries] == ["phrase"]


def test_a_deleted_sound_leaves_an_editor_that_says_so(bench: Bench, page: SoundEditorPage) -> None:
    bench.control.delete(bench.control.entries[0].key)
    assert "deleted" in page.verdict.text()
    assert not page.wave.isEnabled()
    bench.control.undo()
    assert page.wave.isEnabled()


def test_a_key_moves_a_mark(bench: Bench, page: SoundEditorPage) -> None:
    page.wave.setFocus(Qt.FocusReason.TabFocusReason)
    page.wave.select(0)
    QTest.keyClick(page.wave, Qt.Key.Key_Right)
    trim = bench.control.entries[0].sound.recordings[0].trim
    assert trim is not None
    assert trim.start_s > 0.0


def test_a_change_of_theme_keeps_the_editor(bench: Bench, page: SoundEditorPage) -> None:
    bench.rig.window.appearance.set_theme("light")
    again = editor(bench)
    assert again is not page
    bench.until(lambda: again.listening.compared is not None)
    bench.rig.window.appearance.set_theme("dark")
    bench.settle()
