"""Reports of the audio process, audio settings, export, recording and closing."""

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from synth_app.audio.protocol.messages import (
    DeviceInfo,
    DeviceList,
    DeviceSettings,
    DeviceState,
    GaveUp,
    ModelRefused,
    Restarted,
)
from tests.ui.conftest import Rig


def answer(question: QMessageBox | None, text: str) -> None:
    """Press a button of a question."""
    assert question is not None
    QTest.mouseClick(next(each for each in question.buttons() if each.text() == text), Qt.MouseButton.LeftButton)


def test_reports_reach_the_user(rig: Rig) -> None:
    message = rig.window.work.status.message
    rig.window.handle_report(ModelRefused("x", "x: damaged"))
    assert message.text() == "x: damaged"
    assert message.property("role") == "problem"
    rig.window.handle_report(Restarted("the audio process was started again"))
    assert rig.window.toast.text.text() == "The audio process was started again"
    rig.window.handle_report(GaveUp("ended 3 times"))
    assert rig.window.toast.text.text() == "Ended 3 times", "it waits, but is seen at once"


def test_problems_stay_in_sight_until_they_are_read(rig: Rig) -> None:
    """Information, a device that plays and a change of the theme once wiped them away."""
    window, sound = rig.window, DeviceState(DeviceSettings(), True, "Speakers", 8.0)
    window.show_problem("settings.json is damaged")
    window.show_problem("the disk is full")
    window.show_problem("the disk is full")
    window.show_message("Mine saved")
    window.handle_report(sound)
    window.appearance.set_theme("light")
    window.appearance.set_theme("dark")
    status = window.work.status
    assert status.message.text() == "settings.json is damaged"
    assert (status.dismiss.isHidden(), status.dismiss.text()) == (False, "1 of 2")
    QTest.mouseClick(status.dismiss, Qt.MouseButton.LeftButton)
    assert (status.message.text(), status.dismiss.text()) == ("The disk is full", "")
    QTest.mouseClick(status.dismiss, Qt.MouseButton.LeftButton)
    assert (status.message.text(), status.dismiss.isHidden()) == ("", True)


def test_the_problem_of_a_device_ends_when_it_plays(rig: Rig) -> None:
    status = rig.window.work.status
    rig.window.handle_report(DeviceState(DeviceSettings(), False, "", 0.0, "no sound card"))
    rig.window.show_problem("the disk is full")
    assert status.message.text() == "No sound card"
    rig.window.handle_report(DeviceState(DeviceSettings(), True, "Speakers", 8.0))
    assert status.message.text() == "The disk is full"


def test_audio_settings_apply_at_once_and_offer_no_output(rig: Rig) -> None:
    rig.store.set_device(DeviceSettings("Lost card", 44_100, 128))
    rig.audio.opened.clear()
    dialog = rig.window.dialogs.open_audio()
    assert rig.audio.device_requests == 1
    assert rig.audio.opened == [], "opening the dialog changes nothing"
    assert "not connected" in dialog.device.currentText()
    infos = (DeviceInfo("Speakers", "ALSA", 2, 48_000.0, True), DeviceInfo("HDMI", "ALSA", 2, 48_000.0, False))
    rig.window.handle_report(DeviceList(infos))
    assert dialog.settings() == DeviceSettings("Lost card", 44_100, 128), "the disconnected device stays visible"
    rows = ["System default: Speakers – ALSA", "Speakers – ALSA", "HDMI – ALSA", "Lost card (not connected)"]
    assert [dialog.device.itemText(i) for i in range(5)] == [*rows, "No output (silent)"]
    dialog.device.setCurrentIndex(4)
    dialog.device.activated.emit(4)
    assert rig.audio.opened == [DeviceSettings("", 44_100, 128)]
    dialog.block.setCurrentIndex(dialog.block.findData(512))
    dialog.block.activated.emit(0)
    assert rig.audio.opened[-1] == DeviceSettings("", 44_100, 512)
    dialog.reserve.setCurrentIndex(dialog.reserve.findData(0))
    dialog.reserve.activated.emit(0)
    assert rig.audio.opened[-1] == DeviceSettings("", 44_100, 512, 0)
    dialog.reserve.setCurrentIndex(dialog.reserve.findText("200 ms"))
    dialog.reserve.activated.emit(0)
    assert rig.audio.opened[-1] == DeviceSettings("", 44_100, 512, 200)
    dialog.retry.click()
    assert len(rig.audio.opened) == 5, "the same again tries again"
    rig.window.handle_report(DeviceState(DeviceSettings("HDMI"), False, "", 0.0, "HDMI refuses 44100 Hz; choose 48000"))
    assert "refuses" in dialog.result_line.text()
    assert "runs without sound" in dialog.result_line.text()
    rig.window.handle_report(DeviceState(DeviceSettings("HDMI"), True, "HDMI", 8.0))
    assert "8.0 ms" in dialog.result_line.text()


def test_one_device_of_several_sound_systems_is_chosen_by_both_names(rig: Rig) -> None:
    rig.store.set_device(DeviceSettings("Speakers", 48_000, 256))  # of a session that did not store the sound system
    dialog = rig.window.dialogs.open_audio()
    hosts = ("MME", "Windows DirectSound", "Windows WASAPI")
    infos = [DeviceInfo("Speakers", host, 2, 48_000.0, host == "MME") for host in hosts]
    rig.window.handle_report(DeviceList(tuple(infos)))
    assert dialog.device.currentText() == "Speakers – MME", "the one that such a session opens"
    assert not dialog.exclusive.isVisible()
    row = dialog.device.findText("Speakers – Windows WASAPI")
    dialog.device.setCurrentIndex(row)
    dialog.device.activated.emit(row)
    assert rig.audio.opened[-1] == DeviceSettings("Speakers", 48_000, 256, 20, "Windows WASAPI")
    assert dialog.exclusive.isVisible()
    dialog.exclusive.click()
    assert rig.audio.opened[-1] == DeviceSettings("Speakers", 48_000, 256, 20, "Windows WASAPI", exclusive=True)
    rig.window.handle_report(DeviceList(tuple(infos[:2])))
    assert dialog.device.currentText() == "Speakers – Windows WASAPI (not connected)"
    assert dialog.settings() == rig.store.state.device
    dialog.device.setCurrentIndex(0)
    dialog.device.activated.emit(0)
    assert rig.audio.opened[-1] == DeviceSettings(None, 48_000, 256, 20), "no exclusive mode without WASAPI"
    assert not dialog.exclusive.isVisible()


def test_export_renders_the_current_patch(rig: Rig, qtbot: QtBot, tmp_path: Path) -> None:
    dialog = rig.window.dialogs.open_export()
    assert dialog is not None
    note = rig.store.slots.note("a")
    assert note is not None
    assert dialog.note.currentData() == note.pitch
    rig.store.set_morph(0.5)
    dialog.note.setCurrentIndex(69)
    dialog.velocity.setValue(64)
    dialog.seconds.setValue(1.5)
    dialog.tail.setValue(0.25)
    dialog.rate.setCurrentIndex(dialog.rate.findData(96_000))
    dialog.bits.setCurrentIndex(dialog.bits.findData(32))
    dialog.channels.setCurrentIndex(1)
    dialog.path.setText(str(tmp_path / "out"))
    dialog.export.click()
    job = rig.fakes.jobs[0]
    assert job.started
    request = job.request
    assert request.patch == rig.store.patch
    assert (request.note, request.velocity, request.seconds, request.tail_seconds) == (69, 64, 1.5, 0.25)
    assert (request.rate, request.bits, request.channels) == (96_000, 32, 1)
    assert request.path == tmp_path / "out.wav"
    dialog.export.click()
    assert len(rig.fakes.jobs) == 1
    job.fraction = 0.4
    qtbot.waitUntil(lambda: dialog.progress.value() == 400, timeout=2000)
    job.fraction, job.finished = 1.0, True
    qtbot.waitUntil(lambda: not dialog.isVisible(), timeout=2000)
    assert str(tmp_path / "out.wav") in rig.window.toast.text.text()


def test_export_can_be_cancelled_and_shows_errors(rig: Rig, qtbot: QtBot, tmp_path: Path) -> None:
    dialog = rig.window.dialogs.open_export()
    assert dialog is not None
    dialog.path.setText(str(tmp_path / "a.wav"))
    dialog.export.click()
    dialog.cancel.click()
    assert rig.fakes.jobs[0].cancelled
    assert dialog.isVisible()
    assert "no file was written" in dialog.problem.text()
    dialog.export.click()
    job = rig.fakes.jobs[1]
    job.problem, job.finished = "cannot write: disk full", True
    qtbot.waitUntil(lambda: "disk full" in dialog.problem.text(), timeout=2000)
    assert dialog.export.isEnabled()
    dialog.path.setText("")
    dialog.export.click()
    assert "No file is named" in dialog.problem.text()
    assert len(rig.fakes.jobs) == 2


def test_record_saves_into_the_music_folder_and_shows_the_path(rig: Rig) -> None:
    button = rig.window.record
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    path = rig.fakes.recorder.path
    assert path is not None
    assert path.parent == rig.fakes.services.music_folder
    assert button.isChecked()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert path.exists()
    assert rig.window.toast.isVisible()
    assert str(path) in rig.window.toast.text.text()
    assert not button.isChecked()


def test_recording_problems_are_shown(rig: Rig, qtbot: QtBot) -> None:
    rig.fakes.recorder.refuse = "cannot write there"
    rig.window.record.click()
    assert not rig.window.record.isChecked()
    assert rig.window.work.status.message.text() == "Cannot write there"
    rig.fakes.recorder.refuse = ""
    rig.window.record.click()
    rig.fakes.recorder.problem = "the disk is full"
    qtbot.waitUntil(lambda: not rig.window.record.recording, timeout=3000)
    assert rig.window.notices.problems[-1] == "the disk is full"


def test_closing_ends_notes_recording_and_jobs(rig: Rig, tmp_path: Path) -> None:
    rig.window.record.click()
    dialog = rig.window.dialogs.open_export()
    assert dialog is not None
    dialog.path.setText(str(tmp_path / "a.wav"))
    dialog.export.click()
    rig.window.notes.press("mouse", 60, 100)
    path = rig.fakes.recorder.path
    rig.window.close()
    assert rig.window.isVisible(), "it asks before it cancels the export"
    assert not rig.fakes.jobs[0].cancelled
    answer(rig.window.question, "Go on")
    assert rig.window.isVisible()
    rig.window.close()
    answer(rig.window.question, "Quit")
    assert not rig.window.isVisible()
    assert path is not None
    assert path.exists()
    assert rig.fakes.jobs[0].cancelled
    assert rig.window.notes.held == frozenset()
    assert not rig.window.feed._timer.isActive()
    rig.audio.sent.clear()
    rig.store.set_morph(0.9)
    assert rig.audio.sent == [], "a closed window sends nothing"
    assert "model-loader" not in {thread.name for thread in threading.enumerate()}


def test_the_question_whether_to_quit_goes_when_the_export_ends(rig: Rig, tmp_path: Path) -> None:
    dialog = rig.window.dialogs.open_export()
    assert dialog is not None
    dialog.path.setText(str(tmp_path / "a.wav"))
    dialog.export.click()
    rig.window.close()
    question = rig.window.question
    assert question is not None
    assert question.isVisible()
    left = QSignalSpy(question.rejected)
    dialog.abort()
    assert left.count() == 1
    assert rig.window.isVisible()
    rig.window.close()
    assert not rig.window.isVisible(), "nothing is left to ask about"


@pytest.mark.parametrize(("width", "height"), [(1024, 600), (1280, 720), (2560, 1440)])
def test_a_notice_leaves_the_piano_free(rig: Rig, width: int, height: int) -> None:
    window = rig.window
    window.resize(width, height)
    QTest.qWait(50)
    window.toast.show_text("some words about what happened", "Undo", lambda: None)
    piano = window.work.play
    keys = QRect(piano.mapTo(window, QPoint(0, 0)), piano.size())
    assert not window.toast.geometry().intersects(keys)
    assert window.rect().contains(window.toast.geometry())


def test_a_message_that_is_cut_is_shown_whole(rig: Rig) -> None:
    rig.window.resize(1024, 600)
    QTest.qWait(50)
    rig.window.show_message("short")
    assert not rig.window.toast.isVisible()
    text = "; ".join(["one clause of a message that is longer than the line"] * 6)
    rig.window.show_message(text)
    assert not rig.window.work.status.message.fits()
    assert rig.window.toast.text.text() == text
    assert rig.window.toast.isVisible()


def test_an_empty_recording_leaves_no_file(rig: Rig) -> None:
    rig.fakes.recorder.seconds = 0.0
    rig.window.record.click()
    path = rig.fakes.recorder.path
    rig.window.record.click()
    assert path is not None
    assert not path.exists()
    assert "Nothing was recorded" in rig.window.work.status.message.text()
    assert not rig.window.toast.isVisible()


def test_recordings_within_one_second_are_all_kept(rig: Rig) -> None:
    paths = []
    for _ in range(3):
        rig.window.record.click()
        paths.append(rig.fakes.recorder.path)
        rig.window.record.click()
    assert len(set(paths)) == 3
    assert all(path is not None and path.exists() for path in paths)
