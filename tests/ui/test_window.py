"""The window as a whole: every control both ways, models, dialogs, recording, sizes, access, closing."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QScrollArea, QScrollBar, QWidget
from pytestqt.qtbot import QtBot

from synth_app.audio.messages import (
    DeviceInfo,
    DeviceList,
    DeviceSettings,
    DeviceState,
    GaveUp,
    ModelRefused,
    Restarted,
)
from synth_app.decoder import Model
from synth_app.engine import NoteOff, NoteOn, SetSound
from synth_app.params import PARAMS
from synth_app.session import WindowSettings
from synth_app.ui import theme
from synth_app.ui.control import ValueControl
from synth_app.ui.hand import click, drag
from synth_app.ui.model_loader import copy_model
from synth_app.ui.note_picker import NotePicker
from tests.ui.conftest import Rig
from tests.ui.model_fixture import make_model


def param_controls(rig: Rig) -> dict[str, ValueControl]:
    work = rig.window.work
    return {
        "morph": work.morph.fader,
        "motion": work.morph.motion,
        **work.envelope.knobs,
        **work.pitch.knobs,
        **work.output.knobs,
    }


def test_every_parameter_has_a_control_that_sends_and_follows(rig: Rig) -> None:
    controls = param_controls(rig)
    assert set(controls) == {spec.name for spec in PARAMS}
    for spec in PARAMS:
        control = controls[spec.name]
        echoes: list[float] = []
        control.moved.connect(echoes.append)
        rig.audio.sent.clear()
        QTest.keyClick(control, Qt.Key.Key_Home if spec.default > spec.minimum else Qt.Key.Key_End)
        wanted = spec.minimum if spec.default > spec.minimum else spec.maximum
        assert rig.store.sound.value(spec.name) == wanted
        assert rig.audio.sent == [SetSound(rig.store.sound)], spec.name
        assert echoes == [wanted]
        middle = spec.from_travel(0.5)
        rig.store.set_param(spec.name, middle)
        assert control.value == middle, spec.name
        assert echoes == [wanted], "following the store is no gesture"
        assert len(rig.audio.sent) == 2, "one change, one sound"


def test_latent_sliders_send_and_follow(rig: Rig) -> None:
    sliders = rig.window.work.latent.sliders
    assert len(sliders) == 16
    for dim in (0, 7, 15):
        rig.audio.sent.clear()
        QTest.keyClick(sliders[dim], Qt.Key.Key_PageUp)
        low, high = rig.store.ranges[dim]
        value = float(rig.store.center()[dim] + 0.1 * (high - low))
        assert rig.store.latent_values()[dim] == pytest.approx(min(value, high))
        assert rig.audio.sent == [SetSound(rig.store.sound)]
        QTest.mouseDClick(sliders[dim], Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(150, 8))
        assert rig.store.sound.offset[dim] == 0.0
        rig.store.set_latent(dim, float(low))
        assert sliders[dim].value == pytest.approx(low)
    QTest.mouseClick(rig.window.work.latent.reset_button, Qt.MouseButton.LeftButton)
    assert not any(rig.store.sound.offset)
    assert not rig.window.work.latent.reset_button.isEnabled()


def test_sliders_rest_where_the_note_is(rig: Rig) -> None:
    rig.store.show_note("a", 20)
    rig.store.set_morph(0.4)
    for slider, center in zip(rig.window.work.latent.sliders, rig.store.center(), strict=True):
        assert slider.rest == pytest.approx(center)
        assert slider.value == pytest.approx(center)


def test_fader_dragged_by_hand(rig: Rig) -> None:
    fader = rig.window.work.morph.fader
    track = fader.track()
    for _ in drag(fader, [track.center(), track.center() + QPointF(track.width() / 4, 0)], 0.001):
        pass
    assert rig.audio.sound.value("morph") == pytest.approx(0.25)


def test_slots_are_chosen_from_a_searched_list(rig: Rig) -> None:
    picker = rig.window.work.morph.open_picker("b")
    assert len(picker.visible_notes()) == 40
    picker.search.setText("TRUMPET c5")
    assert [rig.store.bank[i].name for i in picker.visible_notes()] == ["brass_acoustic_000-072-100"]
    QTest.keyClick(picker.search, Qt.Key.Key_Return)
    note = rig.store.slot_note("b")
    assert note is not None
    assert note.name == "brass_acoustic_000-072-100"
    assert "Trumpet" in rig.window.work.morph.cards["b"].accessibleName()
    assert rig.audio.sound.slot_b == rig.store.sound.slot_b
    assert not picker.isVisible()


def test_search_without_result_says_so(rig: Rig) -> None:
    picker = NotePicker(rig.store.bank, 0, rig.window)
    picker.show()
    picker.search.setText("theremin")
    assert picker.visible_notes() == []
    assert picker._empty.isVisible()
    picker.search.setText("")
    assert len(picker.visible_notes()) == 40
    picker.close()


def test_swap(rig: Rig) -> None:
    a, b = rig.store.sound.slot_a, rig.store.sound.slot_b
    QTest.mouseClick(rig.window.work.morph.swap, Qt.MouseButton.LeftButton)
    assert (rig.audio.sound.slot_a, rig.audio.sound.slot_b, rig.audio.sound.value("morph")) == (b, a, 1.0)


# ---- models


def test_start_loads_the_first_usable_and_shows_the_damaged(empty_rig: Rig, qtbot: QtBot) -> None:
    with qtbot.waitSignal(empty_rig.window.loader.loaded, timeout=10_000):
        empty_rig.window.begin()
    picker = empty_rig.window.work.bar.picker
    assert [path.stem for path in picker.usable()] == ["first", "wide"]
    broken = picker.box.model().index(0, 0)
    assert "broken" in broken.data()
    assert not broken.flags() & Qt.ItemFlag.ItemIsEnabled
    assert "broken.safetensors" in broken.data(Qt.ItemDataRole.ToolTipRole)
    assert picker.box.currentText() == "Test PCA 16"
    assert isinstance(empty_rig.audio.sent[-1], SetSound)
    with qtbot.waitSignal(empty_rig.window.loader.loaded, timeout=10_000):
        QTest.mouseClick(picker.next, Qt.MouseButton.LeftButton)
    assert len(empty_rig.window.work.latent.sliders) == 24
    assert picker.box.currentText() == "Wide"
    assert Path(empty_rig.audio.sound.model).stem == "wide"


def test_start_with_the_remembered_model(empty_rig: Rig, model_path: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignal(empty_rig.window.loader.loaded, timeout=10_000):
        empty_rig.window.begin(str(model_path.parent / "wide.safetensors"))
    assert len(empty_rig.window.work.latent.sliders) == 24


def test_a_model_that_does_not_load_leaves_the_present_one(rig: Rig, model_path: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignal(rig.window.loader.failed, timeout=10_000):
        rig.window.load_model(model_path.parent / "broken.safetensors")
    assert "broken.safetensors" in rig.window.work.status.message.text()
    assert rig.store.sound.model == str(model_path)
    assert rig.audio.sent == []


def test_only_the_latest_of_two_loads_counts_and_cancel_voids(rig: Rig, model_path: Path, qtbot: QtBot) -> None:
    loaded: list[object] = []
    rig.window.loader.loaded.connect(lambda _, path: loaded.append(path))
    wide = model_path.parent / "wide.safetensors"
    rig.window.load_model(wide)
    rig.window.load_model(model_path)
    assert rig.window.work.bar.picker.cancel.isVisible()
    qtbot.waitUntil(lambda: len(loaded) == 1, timeout=10_000)
    rig.window.load_model(wide)
    QTest.mouseClick(rig.window.work.bar.picker.cancel, Qt.MouseButton.LeftButton)
    for thread in list(rig.window.loader._threads):
        thread.join()
    qtbot.wait(50)
    assert loaded == [model_path]
    assert not rig.window.work.bar.picker.cancel.isVisible()


def test_no_model_at_all_says_what_to_do(
    empty_rig: Rig, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("synth_app.ui.model_loader.list_models", lambda: ())
    with qtbot.waitSignal(empty_rig.window.problem):
        empty_rig.window.begin()
    assert "Import model file" in empty_rig.window.work.status.message.text()
    assert empty_rig.window.open_export() is None


def test_import_copies_and_never_overwrites(model_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNTH_APP_MODELS", str(tmp_path / "mine"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    first = copy_model(model_path)
    assert first == tmp_path / "mine" / "first.safetensors"
    assert copy_model(model_path) == first, "the same again is no second copy"
    other = make_model(tmp_path / "first.safetensors", latent=3)
    second = copy_model(other)
    assert second.name == "first-2.safetensors"
    assert first.read_bytes() == model_path.read_bytes()
    with pytest.raises(ValueError, match=r"broken\.safetensors"):
        copy_model(model_path.parent / "broken.safetensors")


# ---- reports and dialogs


def test_reports_reach_the_user(rig: Rig) -> None:
    message = rig.window.work.status.message
    rig.window.take_report(ModelRefused("x", "x: damaged"))
    assert message.text() == "x: damaged"
    rig.window.take_report(Restarted("the audio process was started again"))
    assert message.text() == "the audio process was started again"
    rig.window.take_report(GaveUp("ended 3 times"))
    assert message.property("role") == "problem"


def test_audio_dialog_applies_at_once_and_can_always_be_silent(rig: Rig) -> None:
    rig.store.set_device(DeviceSettings("Lost card", 44_100, 128))
    rig.audio.opened.clear()
    dialog = rig.window.open_audio()
    assert rig.audio.asked == 1
    assert rig.audio.opened == [], "opening the dialog changes nothing"
    assert "not there" in dialog.device.currentText()
    infos = (DeviceInfo("Speakers", "ALSA", 2, 48_000.0, True), DeviceInfo("HDMI", "ALSA", 2, 48_000.0, False))
    rig.window.take_report(DeviceList(infos))
    assert dialog.settings() == DeviceSettings("Lost card", 44_100, 128), "the lost choice stays visible"
    assert [dialog.device.itemData(i) for i in range(5)] == [None, "Speakers", "HDMI", "Lost card", ""]
    dialog.device.setCurrentIndex(4)
    dialog.device.activated.emit(4)
    assert rig.audio.opened == [DeviceSettings("", 44_100, 128)]
    dialog.block.setCurrentIndex(dialog.block.findData(512))
    dialog.block.activated.emit(0)
    assert rig.audio.opened[-1] == DeviceSettings("", 44_100, 512)
    dialog.retry.click()
    assert len(rig.audio.opened) == 3, "the same again tries again"
    rig.window.take_report(DeviceState(DeviceSettings("HDMI"), False, "", 0.0, "HDMI refuses 44100 Hz; choose 48000"))
    assert "refuses" in dialog.result_line.text()
    assert "goes on silently" in dialog.result_line.text()
    rig.window.take_report(DeviceState(DeviceSettings("HDMI"), True, "HDMI", 8.0))
    assert "8.0 ms" in dialog.result_line.text()


def test_export_renders_the_sound_as_it_is(rig: Rig, qtbot: QtBot, tmp_path: Path) -> None:
    dialog = rig.window.open_export()
    assert dialog is not None
    note = rig.store.slot_note("a")
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
    assert request.sound == rig.store.sound
    assert (request.note, request.velocity, request.seconds, request.tail_seconds) == (69, 64, 1.5, 0.25)
    assert (request.rate, request.bits, request.channels) == (96_000, 32, 1)
    assert request.path == tmp_path / "out.wav"
    dialog.export.click()
    assert len(rig.fakes.jobs) == 1
    job.share = 0.4
    qtbot.waitUntil(lambda: dialog.progress.value() == 400, timeout=2000)
    job.share, job.finished = 1.0, True
    qtbot.waitUntil(lambda: not dialog.isVisible(), timeout=2000)
    assert str(tmp_path / "out.wav") in rig.window.toast.text.text()


def test_export_can_be_cancelled_and_tells_failures(rig: Rig, qtbot: QtBot, tmp_path: Path) -> None:
    dialog = rig.window.open_export()
    assert dialog is not None
    dialog.path.setText(str(tmp_path / "a.wav"))
    dialog.export.click()
    dialog.cancel.click()
    assert rig.fakes.jobs[0].cancelled
    assert dialog.isVisible()
    assert "nothing was written" in dialog.problem.text()
    dialog.export.click()
    job = rig.fakes.jobs[1]
    job.problem, job.finished = "cannot write: disk full", True
    qtbot.waitUntil(lambda: "disk full" in dialog.problem.text(), timeout=2000)
    assert dialog.export.isEnabled()
    dialog.path.setText("")
    dialog.export.click()
    assert "no file named" in dialog.problem.text()
    assert len(rig.fakes.jobs) == 2


def test_record_saves_into_the_music_folder_and_says_where(rig: Rig) -> None:
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
    assert rig.window.work.status.message.text() == "cannot write there"
    rig.fakes.recorder.refuse = ""
    rig.window.record.click()
    rig.fakes.recorder.problem = "the disk is full"
    qtbot.waitUntil(lambda: not rig.window.record.recording, timeout=3000)
    assert rig.window.work.status.message.text() == "the disk is full"


def test_closing_ends_notes_recording_and_jobs(rig: Rig, tmp_path: Path) -> None:
    rig.window.record.click()
    dialog = rig.window.open_export()
    assert dialog is not None
    dialog.path.setText(str(tmp_path / "a.wav"))
    dialog.export.click()
    rig.window.notes.press("mouse", 60, 100)
    path = rig.fakes.recorder.path
    rig.window.close()
    assert path is not None
    assert path.exists()
    assert rig.fakes.jobs[0].cancelled
    assert rig.window.notes.held == frozenset()
    assert not rig.window.feed._timer.isActive()
    rig.audio.sent.clear()
    rig.store.set_morph(0.9)
    assert rig.audio.sent == [], "a closed window sends nothing"
    assert "model-loader" not in {thread.name for thread in threading.enumerate()}


# ---- sizes, zoom, access


@pytest.mark.parametrize(("width", "height", "zoom"), [(1280, 720, 1.0), (1920, 1080, 1.25), (2560, 1440, 1.5)])
def test_nothing_is_cut_off(rig: Rig, qtbot: QtBot, width: int, height: int, zoom: float) -> None:
    window = rig.window
    window.resize(width, height)
    window._follow_size()
    QApplication.processEvents()
    assert theme.zoom() == zoom
    assert (window.width(), window.height()) == (width, height), "the content must not need more"
    for widget in window.work.findChildren(QWidget):
        inside_scroll = _scrolled(widget)
        if not widget.isVisible() or inside_scroll:
            continue
        parent = widget.parentWidget()
        assert parent is None or parent.rect().contains(widget.geometry()), widget
        hint = widget.minimumSizeHint()
        assert widget.width() >= hint.width() or isinstance(widget, QScrollBar), widget
    for slider in window.work.latent.sliders:
        top = slider.mapTo(window, QPoint(0, 0))
        assert QRect(0, 0, width, height).contains(QRect(top, slider.size()))
    window.resize(1280, 720)
    window._follow_size()


def _scrolled(widget: QWidget) -> bool:
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, QScrollArea | QAbstractScrollArea):
            return True
        parent = parent.parentWidget()
    return False


def test_zoom_rebuilds_with_the_same_state_and_old_widgets_are_gone(rig: Rig) -> None:
    rig.store.set_morph(0.3)
    old = rig.window.work
    rig.window.set_fixed_zoom(1.25)
    assert rig.window.work is not old
    assert rig.window.work.morph.fader.value == 0.3
    rig.audio.sent.clear()
    rig.store.set_morph(0.6)
    assert rig.window.work.morph.fader.value == 0.6
    assert old.morph.fader.value == 0.3, "nothing is told to widgets that are going away"
    assert len(rig.audio.sent) == 1
    assert rig.window.window_settings().zoom == 1.25
    rig.window.set_fixed_zoom(None)
    assert theme.zoom() == 1.0
    assert rig.window.window_settings() == WindowSettings()


def test_everything_that_takes_the_focus_has_a_name(rig: Rig) -> None:
    widgets = [
        w
        for w in rig.window.work.findChildren(QWidget)
        if w.focusPolicy() != Qt.FocusPolicy.NoFocus and w.isVisibleTo(rig.window) and type(w) is not QWidget
    ]
    assert len(widgets) > 35
    for widget in widgets:
        text = getattr(widget, "text", lambda: "")() if not isinstance(widget, ValueControl) else ""
        if not isinstance(widget, QScrollBar | QScrollArea):
            assert widget.accessibleName() or text, widget


def test_tab_reaches_every_value_control(rig: Rig) -> None:
    rig.window.work.setFocus()
    seen: set[QWidget] = set()
    for _ in range(120):
        QTest.keyClick(QApplication.focusWidget() or rig.window, Qt.Key.Key_Tab)
        focus = QApplication.focusWidget()
        if focus is not None:
            seen.add(focus)
    wanted = {*rig.window.work.latent.sliders, *param_controls(rig).values(), rig.window.work.pad.pad}
    assert wanted <= seen


def test_clicking_a_key_plays_it(rig: Rig) -> None:
    piano = rig.window.work.play.piano
    rect = piano.key_rect(60)
    click(piano, QPointF(rect.left() + 4, rect.height() - 6))
    assert [type(m) for m in rig.audio.notes] == [NoteOn, NoteOff]


def test_nothing_heavy_is_imported_for_the_window() -> None:
    code = (
        "import sys, synth_app.app; heavy = {'scipy', 'numba', 'librosa', 'torch', 'sounddevice', 'soundfile', 'soxr'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_model_is_the_file(model: Model, rig: Rig) -> None:
    assert rig.store.model is model
    assert rig.window.work.latent.sliders[0].spec.label == model.card.axis_names[0]
