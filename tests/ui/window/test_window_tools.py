"""Palette, shortcut sheet, dropped files, files dragged out, reduced motion."""

from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from synth_app.dataset.audio_files.text_chunk import add_text
from synth_app.patch import Panic, Patch, UserNote
from synth_app.session.presets.saved_patch import describe_patch, read_saved_patch
from synth_app.ui.files.file_drop import FileDrop
from synth_app.ui.widgets.toast import file_mime
from synth_app.ui.window.command_palette import _COMMAND, USAGE, matches, window_commands
from synth_app.ui.window.deck import DECK_PAGES
from tests.ui.conftest import Rig
from tests.ui.fakes import FakeRecorder


@pytest.mark.parametrize(
    ("text", "name", "found"),
    [
        ("wav exp", "Export WAV or FLAC…", True),
        ("exwav", "Export WAV or FLAC…", True),
        ("", "Anything", True),
        ("wx", "Export WAV or FLAC…", False),
    ],
)
def test_matching(text: str, name: str, found: bool) -> None:
    assert matches(text, name) is found


def test_every_shortcut_is_in_the_palette_and_on_the_sheet(rig: Rig) -> None:
    commands = window_commands(rig.window)
    names = {command.name for command in commands}
    assert {"Export WAV or FLAC…", "Panic", "Theme: Light", "Zoom: 150 %", "Pad: map", "Undo"} & names >= {
        "Export WAV or FLAC…", "Panic", "Theme: Light", "Zoom: 150 %", "Pad: map",
    }  # fmt: skip
    keys = [command.keys for command in commands if command.keys]
    assert len(keys) == len(set(keys)), "no two commands share their keys"
    sheet = rig.window.dialogs.open_shortcuts()
    assert set(keys) <= {row[0] for row in sheet.rows}
    assert set(USAGE) <= set(sheet.rows)
    sheet.close()


def test_the_sheet_and_the_tour_name_the_letters_of_the_layout(rig: Rig) -> None:
    letters = rig.window.qwerty.letters
    letters._replace({**letters._letters, "A": "Q", "Z": "W"})  # as a French keyboard prints
    sheet = rig.window.dialogs.open_shortcuts()
    assert sheet.rows[0][0].startswith("Q ")
    assert sheet.rows[1][0] == "W X"
    sheet.close()
    tour = rig.window.tour.open()
    tour.forward()
    assert "Play Q " in tour._words.text()
    assert "W and X change the octave" in tour._words.text()
    tour.close()


def test_the_palette_finds_views_by_their_key_too(rig: Rig) -> None:
    palette = rig.window.dialogs.open_palette()
    for text in ("level", "view level", "loudness"):
        palette.field.setText(text)
        assert "View: loudness" in palette.names()
    palette.close()


def test_the_menu_is_grouped_and_fits_below_its_button_in_the_smallest_window(rig: Rig) -> None:
    menu = rig.window.work.bar.menu_button.menu()
    lines = [action.isSeparator() for action in menu.actions()]
    assert lines.count(True) >= 5
    assert not any(a and b for a, b in pairwise([True, *lines, True])), "none at an end, none doubled"
    assert menu.sizeHint().height() <= 640
    found = {command.name for command in window_commands(rig.window)}
    for name in ("Import pack…", "Share as one file…", "Copy diagnostics", "Tour", "About synth_app", "Quit"):
        assert name in found, "the palette finds what a submenu holds"


def test_the_shortcuts_of_the_palette_stand_in_one_column(rig: Rig) -> None:
    palette = rig.window.dialogs.open_palette()
    palette.field.setText("pr")
    shown = palette.list.viewport().grab().toImage()
    ratio = shown.devicePixelRatio()
    ends = []
    for row in range(1, palette.list.count()):  # the first is selected
        place = palette.list.visualItemRect(palette.list.item(row))
        if palette.list.item(row).data(_COMMAND).keys and place.bottom() < palette.list.viewport().height():
            y, right = place.center().y(), round(place.right() * ratio)
            rows = range(round((y - 5) * ratio), round((y + 5) * ratio))
            back = shown.pixel(right, rows[0])
            ends.append(next(x for x in range(right, 0, -1) if any(shown.pixel(x, at) != back for at in rows)))
    assert len(ends) >= 4
    assert max(ends) - min(ends) <= 3 * ratio
    palette.close()


def test_the_palette_runs_the_typed_command(rig: Rig) -> None:
    palette = rig.window.dialogs.open_palette()
    QTest.keyClicks(palette.field, "panic")
    assert palette.names()[0] == "Panic"
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert isinstance(rig.audio.sent[-1], Panic)
    palette = rig.window.dialogs.open_palette()
    palette.field.setText("violin c4")
    assert palette.names()[-1] == "Load Violin C4 into slot A"
    palette.list.setCurrentRow(palette.list.count() - 1)
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert rig.store.bank[rig.store.patch.slot_a].name == "string_acoustic_000-060-100"
    palette = rig.window.dialogs.open_palette()
    palette.field.setText("zzzz")
    assert palette.names() == []
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    palette.close()


class FakeSoundJob:
    made: list["FakeSoundJob"]

    def __init__(self, path: Path, model: str) -> None:
        self.path, self.model, self.error, self.ended = path, model, "", False
        self.note: UserNote | None = None

    def start(self) -> None:
        """Nothing runs."""

    def done(self) -> bool:
        return self.note is not None or bool(self.error)

    def cancel(self) -> None:
        self.ended = True


@pytest.fixture
def drop(rig: Rig) -> tuple[FileDrop, list[FakeSoundJob]]:
    jobs: list[FakeSoundJob] = []

    def make(path: Path, model: str) -> FakeSoundJob:
        jobs.append(FakeSoundJob(path, model))
        return jobs[-1]

    rig.window.drop._make_job = make
    return rig.window.drop, jobs


def dropped(rig: Rig, path: Path, at: QPointF) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    event = QDropEvent(at, Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    assert event.type() == QEvent.Type.Drop
    assert rig.window.acceptDrops()
    assert rig.window.drop.eventFilter(rig.window, event)  # Qt hands a drop on only after a real drag


def test_a_dropped_audio_file_plays_in_slot_a(
    rig: Rig, drop: tuple[FileDrop, list[FakeSoundJob]], qtbot: QtBot, tmp_path: Path
) -> None:
    dropped(rig, tmp_path / "mine.wav", QPointF(20, 20))
    (job,) = drop[1]
    assert (job.path.name, job.model) == ("mine.wav", rig.store.patch.model)
    job.note = UserNote.of(rig.store.bank[9], 59.5)
    qtbot.waitUntil(lambda: rig.store.patch.user_notes[0] is not None, timeout=3000)
    assert rig.store.patch.user_notes[0] == job.note
    assert "slot A" in rig.window.work.status.message.text()


def test_an_audio_file_dropped_on_a_corner_is_assigned_to_it(
    rig: Rig, drop: tuple[FileDrop, list[FakeSoundJob]], qtbot: QtBot, tmp_path: Path
) -> None:
    rig.window.work.pad.modes.buttons["morph"].click()
    pad = rig.window.work.pad.morph.pad
    at = pad.mapTo(rig.window, pad.card(2).center())
    dropped(rig, tmp_path / "mine.FLAC", QPointF(at))
    note = UserNote.of(rig.store.bank[9], 59.5)
    drop[1][0].note = note
    qtbot.waitUntil(lambda: rig.store.state.pad.corners[2] == note, timeout=3000)


def test_an_unusable_file_is_named(
    rig: Rig, drop: tuple[FileDrop, list[FakeSoundJob]], qtbot: QtBot, tmp_path: Path
) -> None:
    before = rig.store.patch
    drop[0].handle_files([tmp_path / "letter.pdf"])
    assert "letter.pdf cannot be used" in rig.window.work.status.message.text()
    drop[0].handle_files([tmp_path / "bad.wav"])
    drop[1][0].error = "bad.wav is silent"
    qtbot.waitUntil(lambda: "bad.wav is silent" in rig.window.notices.problems, timeout=3000)
    assert rig.store.patch == before


def test_several_dropped_sounds_are_encoded_one_after_the_other(
    rig: Rig, drop: tuple[FileDrop, list[FakeSoundJob]], qtbot: QtBot, tmp_path: Path
) -> None:
    files, jobs = drop
    files.handle_files([tmp_path / "one.wav", tmp_path / "two.wav"])
    files.handle_files([tmp_path / "three.wav"])
    notes = [UserNote.of(rig.store.bank[i], 59.5) for i in (9, 10, 11)]
    for i, name in enumerate(("one.wav", "two.wav", "three.wav")):
        qtbot.waitUntil(partial(lambda count: len(jobs) == count, i + 1), timeout=3000)
        assert jobs[i].path.name == name
        if name == "two.wav":
            jobs[i].error = "two.wav is silent"
        else:
            jobs[i].note = notes[i]
    qtbot.waitUntil(lambda: rig.store.patch.user_notes[0] == notes[2], timeout=3000)
    assert rig.store.patch.user_notes[1] is None
    assert rig.window.notices.problems == ("two.wav is silent",), "one that fails does not stop the others"


def test_two_dropped_sounds_fill_both_slots(
    rig: Rig, drop: tuple[FileDrop, list[FakeSoundJob]], qtbot: QtBot, tmp_path: Path
) -> None:
    drop[0].handle_files([tmp_path / "one.wav", tmp_path / "two.wav"])
    notes = [UserNote.of(rig.store.bank[i], 59.5) for i in (9, 10)]
    drop[1][0].note = notes[0]
    qtbot.waitUntil(lambda: len(drop[1]) == 2, timeout=3000)
    drop[1][1].note = notes[1]
    qtbot.waitUntil(lambda: rig.store.patch.user_notes == tuple(notes), timeout=3000)


def rendered(rig: Rig, path: Path) -> Patch:
    """Write an audio file that holds a patch unlike the present one, and return that patch."""
    assert rig.store.model is not None
    soundfile.write(path, np.full(4800, 0.1), 48_000)
    patch = replace(rig.store.patch, slot_a=3, slot_b=1).with_param("morph", 1 / 3)
    assert add_text(path, describe_patch(patch, rig.store.model, "mine"))
    return patch


def test_a_dropped_file_of_the_program_plays_as_it_was_made(
    rig: Rig, drop: tuple[FileDrop, list[FakeSoundJob]], qtbot: QtBot, tmp_path: Path
) -> None:
    """The model is not in a folder of models here, so the patch plays by its notes' names: the same in this model."""
    patch, before = rendered(rig, tmp_path / "mine.wav"), rig.store.patch
    dropped(rig, tmp_path / "mine.wav", QPointF(20, 20))
    assert not drop[1], "nothing is encoded"
    assert rig.store.patch == patch
    rig.window.presets.service.history.undo()
    assert rig.store.patch == before


def test_on_a_corner_it_is_a_sound_like_any_other(
    rig: Rig, drop: tuple[FileDrop, list[FakeSoundJob]], tmp_path: Path
) -> None:
    rendered(rig, tmp_path / "mine.wav")
    before = rig.store.patch
    rig.window.work.pad.modes.buttons["morph"].click()
    pad = rig.window.work.pad.morph.pad
    dropped(rig, tmp_path / "mine.wav", QPointF(pad.mapTo(rig.window, pad.card(2).center())))
    assert [job.path.name for job in drop[1]] == ["mine.wav"]
    assert rig.store.patch == before


def test_a_damaged_patch_is_said_and_the_sound_is_encoded(
    rig: Rig, drop: tuple[FileDrop, list[FakeSoundJob]], tmp_path: Path
) -> None:
    soundfile.write(tmp_path / "mine.wav", np.full(4800, 0.1), 48_000)
    add_text(tmp_path / "mine.wav", '{"version": 1}')
    dropped(rig, tmp_path / "mine.wav", QPointF(20, 20))
    assert "is not a file with a whole patch" in rig.window.notices.problems[0]
    assert [job.path.name for job in drop[1]] == ["mine.wav"]


def test_a_recording_keeps_the_patch(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(recorder: FakeRecorder) -> float:
        assert recorder.path is not None
        soundfile.write(recorder.path, np.full(4800, 0.1), 48_000)
        return 0.1

    monkeypatch.setattr(FakeRecorder, "stop", stop)
    rig.window.record.toggle()
    rig.store.set_param("morph", 0.3)
    rig.window.record.toggle()
    toast = rig.window.toast
    assert toast.file is not None
    saved = read_saved_patch(toast.file)
    assert saved is not None
    assert saved.patch(rig.store.patch.model) == rig.store.patch


def test_a_recording_can_be_dragged_out(rig: Rig) -> None:
    rig.window.record.toggle()
    rig.window.record.toggle()
    toast = rig.window.toast
    assert toast.file is not None
    assert toast.file.suffix == ".wav"
    assert [url.toLocalFile() for url in file_mime(toast.file).urls()] == [str(toast.file)]
    toast.show_text("Something else")
    assert toast.file is None


def test_meters_jump_with_reduced_motion(rig: Rig) -> None:
    meter, telemetry = rig.window.work.meter, rig.audio.telemetry
    rig.window.appearance.set_reduced_motion(True)
    loud = np.full(100, 0.5, np.float32)
    telemetry.play(loud, peak_left=0.5, peak_right=0.5)
    rig.window.feed.tick()
    telemetry.play(loud, peak_left=0.0, peak_right=0.0)
    rig.window.feed.tick()
    assert meter.levels_db == [-60.0, -60.0]
    assert rig.window.window_settings().calm
    rig.window.appearance.set_reduced_motion(False)


def test_the_palette_finds_all_pages_and_ranks_whole_words_first(rig: Rig) -> None:
    palette = rig.window.dialogs.open_palette()
    palette.field.setText("deck")
    assert palette.names()[: len(DECK_PAGES)] == sorted(f"Deck: {page}" for page in DECK_PAGES)
    palette.field.setText("75")
    assert palette.names()[:2] == ["Zoom: 75 %", "Zoom: 175 %"]
    palette.field.setText("export")
    assert palette.names()[:2] == ["Export preset…", "Export WAV or FLAC…"]
    palette.close()


def test_the_sheet_lists_undo_while_there_is_nothing_to_undo(rig: Rig) -> None:
    for _ in range(2):
        sheet = rig.window.dialogs.open_shortcuts()
        keys = [row[0] for row in sheet.rows]
        assert (keys.count("Ctrl+Z"), keys.count("Ctrl+Shift+Z")) == (1, 1)
        assert ("Alt+Right", "Next preset") in sheet.rows
        sheet.close()
        with rig.window.presets.service.history.step("Morph"):
            rig.store.set_morph(0.3)


def test_a_drag_of_an_unusable_file_may_be_dropped_and_is_named(rig: Rig, tmp_path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path / "letter.pdf"))])
    enter = QDragEnterEvent(
        QPoint(20, 20), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    assert rig.window.drop.eventFilter(rig.window, enter), "a refused drag would show nothing"
    dropped(rig, tmp_path / "letter.pdf", QPointF(20, 20))
    assert "letter.pdf cannot be used" in rig.window.work.status.message.text()


def test_a_long_problem_is_shown_whole_in_a_toast(rig: Rig) -> None:
    status, toast = rig.window.work.status, rig.window.toast
    QTest.qWait(20)
    rig.window.show_problem("too loud")
    assert status.message.fits()
    assert not toast.isVisible()
    rig.window.notices.dismiss()
    text = "The file cannot be written: " + "a very long reason, " * 20 + "choose another folder"
    rig.window.show_problem(text)
    assert status.message.shown_text().endswith("folder")
    assert "…" in status.message.shown_text()
    assert toast.isVisible()
    assert toast.text.text() == text
    assert rig.window.rect().contains(toast.geometry())
    assert toast.text.height() >= toast.text.heightForWidth(toast.text.width())
