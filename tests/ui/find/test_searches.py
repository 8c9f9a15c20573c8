"""What can be searched for: a file, a hum, the present sound, a note or an own sound; and what is refused."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from synth_app.audio.input.messages import InputState, StartTake, TakeEnded, TakeStarted
from synth_app.decoder import Model, load_model
from synth_app.export.sounds.tasks import FindSimilar, FoundSimilar, SoundAnswer, SoundTask
from synth_app.session.find.likes import LikeFile
from synth_app.session.find.similar import Similar
from synth_app.ui.find.find_page import HUM_SECONDS
from synth_app.ui.ports.shell import Place
from tests.session.sounds.recordings import RATE, tone, write
from tests.ui.conftest import Rig
from tests.ui.find.conftest import NEAR, Bench
from tests.ui.find.finding import DOWN, ESCAPE, drop, found


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
