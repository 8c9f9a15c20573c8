"""Presets and undo in the window: bar, browser, tools, drags; without echoes."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from synth_app.handles import dimension_label
from synth_app.patch import NoteOn, SetPatch
from synth_app.session import PatchChanged, Preset, Query
from synth_app.session.presets.preset_capture import capture_preset
from synth_app.ui.presets.preset_bar import PresetBar
from synth_app.ui.presets.preset_browser import PresetBrowser
from synth_app.ui.presets.preset_control import PresetControl
from synth_app.ui.presets.preset_save import DIALOG_WIDTH
from synth_app.ui.theme.theme import px
from tests.ui.conftest import Rig


@pytest.fixture
def control(rig: Rig) -> PresetControl:
    """The preset control with three user presets: two pads and a bass."""
    control, store = rig.window.presets, rig.store
    for name, category, tags, note in (
        ("Deep", "bass", ("dark",), 26), ("Sea", "pad", ("warm", "slow"), 12), ("Sky", "pad", ("slow",), 33),
    ):  # fmt: skip
        store.slots.choose("a", note)
        control.library.save_new(name, category, tags)
    rig.audio.sent.clear()
    return control


def bar_of(rig: Rig) -> PresetBar:
    found = rig.window.findChildren(PresetBar)
    return found[-1]


def browser_of(rig: Rig) -> PresetBrowser:
    return rig.window.pages.browser


def names(rig: Rig) -> list[str]:
    library = rig.window.presets.state.library
    return [entry.preset.name for key in browser_of(rig).list.shown_keys() if (entry := library.find(key))]


def test_bar_follows_and_steps(rig: Rig, control: PresetControl) -> None:
    bar = bar_of(rig)
    assert (bar.name.name, bar.name.modified) == ("Sky", False)
    rig.store.set_param("sustain", 0.5)
    assert bar.name.modified
    assert "modified" in bar.name.accessibleName()
    rig.store.set_param("sustain", 1.0)
    assert not bar.name.modified
    control.state.query = Query(own=True)
    rig.audio.sent.clear()
    QTest.mouseClick(bar.next, Qt.MouseButton.LeftButton)
    assert (bar.name.name, rig.store.patch.slot_a) == ("Deep", 26)
    assert rig.audio.sent == [SetPatch(rig.store.patch)], "one preset, one sound"
    QTest.mouseClick(bar.previous, Qt.MouseButton.LeftButton)
    assert bar.name.name == "Sky"


def test_save_over_own_and_as_new(rig: Rig, control: PresetControl, qtbot: QtBot) -> None:
    rig.store.set_param("sustain", 0.5)
    QTest.mouseClick(bar_of(rig).save, Qt.MouseButton.LeftButton)
    entry = control.state.library.find("user/sky")
    assert entry is not None
    assert entry.preset.params["sustain"] == 0.5
    assert not bar_of(rig).name.modified
    dialog = control.dialogs.save_as()
    dialog.name.setText(" ")
    dialog.submit()
    assert dialog.isVisible()
    assert "name" in dialog.problem.text()
    dialog.name.setText("Copy")
    dialog.tags.setText("new, Slow ,")
    dialog.submit()
    copy = control.state.library.find("user/copy")
    assert copy is not None
    assert (copy.preset.category, copy.preset.tags) == ("pad", ("new", "slow"))
    assert bar_of(rig).name.name == "Copy"


def test_a_factory_preset_is_saved_as_a_copy(rig: Rig, control: PresetControl) -> None:
    key = next(entry.key for entry in control.state.library.entries() if entry.factory)
    control.playback.load(key)
    control.dialogs.save()
    dialog = rig.window.findChildren(type(control.dialogs.save_as()))[0]
    assert dialog.isVisible()
    dialog.reject()


def test_favourites_are_saved(rig: Rig, control: PresetControl) -> None:
    QTest.mouseClick(bar_of(rig).heart, Qt.MouseButton.LeftButton)
    assert bar_of(rig).heart.isChecked()
    assert control.state.library.favourites() == {"user/sky"}
    control.playback.step(1)
    assert not bar_of(rig).heart.isChecked()
    control.playback.step(-1)
    assert bar_of(rig).heart.isChecked()
    control.library.rename("user/sky", "Heaven")
    assert bar_of(rig).heart.isChecked()


def test_browser_searches_and_filters(rig: Rig, control: PresetControl) -> None:
    rig.window.pages.toggle_browser()
    browser = browser_of(rig)
    everything = names(rig)
    assert {"Deep", "Sea", "Sky"} <= set(everything)
    assert len(everything) == len(control.state.library.entries()) > 60
    browser.search.setText("slow pad sky")
    assert names(rig) == ["Sky"]
    browser.search.setText("no such thing")
    assert browser.empty.isVisible()
    browser.search.clear()
    browser.categories.setCurrentIndex(2)
    assert names(rig) == ["Deep", "Sea", "Sky"], "my presets"
    browser.tag.setCurrentText("warm")
    browser.tag.activated.emit(browser.tag.currentIndex())
    assert names(rig) == ["Sea"]
    rig.audio.sent.clear()
    QTest.keyClick(browser.search, Qt.Key.Key_Down)
    assert rig.store.patch.slot_a == 12
    assert rig.audio.sent == [SetPatch(rig.store.patch)]
    browser.tag.setCurrentIndex(0)
    browser.tag.activated.emit(0)
    QTest.keyClick(browser.list, Qt.Key.Key_Down)
    assert bar_of(rig).name.name == "Sky"
    QTest.keyClick(browser.list, Qt.Key.Key_Space)
    assert control.state.is_favourite("user/sky")
    QTest.keyClick(browser.list, Qt.Key.Key_Escape)
    assert not browser.isVisible()


def test_list_marks_the_current_preset_and_loads_nothing(rig: Rig, control: PresetControl) -> None:
    rig.window.pages.toggle_browser()
    browser = browser_of(rig)
    asked: list[str] = []
    browser.list.chosen.connect(asked.append)
    control.playback.load("user/deep")
    assert browser.list.current_key() == "user/deep"
    control.playback.init()
    assert browser.list.current_key() == ""
    browser.refill()
    rig.store.set_param("sustain", 0.5)
    control.library.toggle_favourite("user/deep")
    assert asked == [], "following the state requests nothing"


def test_keys_still_play_while_the_browser_is_open(rig: Rig, control: PresetControl) -> None:
    rig.window.pages.toggle_browser()
    browser = browser_of(rig)
    browser.list.setFocus()
    QTest.keyClick(rig.window.windowHandle(), Qt.Key.Key_A)
    assert [type(m) for m in rig.audio.notes][:1] == [NoteOn]
    rig.audio.sent.clear()
    browser.search.setFocus()
    QTest.keyClick(rig.window.windowHandle(), Qt.Key.Key_A)
    assert rig.audio.notes == []
    assert browser.search.text() == "a"


def test_rename_describe_delete_and_restore(rig: Rig, control: PresetControl) -> None:
    rig.window.pages.toggle_browser()
    control.playback.load("user/deep")
    assert browser_of(rig).delete.isEnabled()
    control.library.rename("user/deep", "Deeper")
    assert bar_of(rig).name.name == "Deeper"
    assert "Deeper" in names(rig)
    control.library.describe("user/deeper", "texture", ["odd"])
    assert "odd" in [browser_of(rig).tag.itemText(i) for i in range(browser_of(rig).tag.count())]
    control.library.delete("user/deeper")
    assert "Deeper" not in names(rig)
    assert rig.store.patch.slot_a == 26, "the sound stays"
    QTest.mouseClick(rig.window.toast.action, Qt.MouseButton.LeftButton)
    assert "Deeper" in names(rig)


def test_versions_in_the_bar(rig: Rig, control: PresetControl) -> None:
    bar = bar_of(rig)
    QTest.mouseClick(bar.version, Qt.MouseButton.LeftButton)
    assert bar.version.text() == "V2"
    rig.store.set_param("sustain", 0.25)
    QTest.mouseClick(bar.version, Qt.MouseButton.LeftButton)
    assert (bar.version.text(), rig.store.patch.value("sustain")) == ("V1", 1.0)
    control.variation.copy_version()
    QTest.mouseClick(bar.version, Qt.MouseButton.LeftButton)
    assert (bar.version.text(), rig.store.patch.value("sustain")) == ("V2", 1.0)


def test_randomize_respects_locks(rig: Rig, control: PresetControl) -> None:
    tools = rig.window.pages.breed.tools
    popup = tools.open_locks()
    assert set(popup.boxes) >= {"notes", "z1", "z16", "sustain", "gain_db"}
    assert popup.boxes["gain_db"].isChecked()
    QTest.mouseClick(popup.boxes["notes"], Qt.MouseButton.LeftButton, pos=QPoint(6, popup.boxes["notes"].height() // 2))
    assert control.service.variations.locked("notes")
    control.variation.set_lock(["z3"], locked=True)
    assert popup.boxes["z3"].isChecked()
    popup.close()
    before, value = rig.store.patch, rig.store.latents.values()[2]
    QTest.mouseClick(tools.randomize, Qt.MouseButton.LeftButton)
    after = rig.store.patch
    assert after.offset != before.offset
    assert (after.slot_a, after.slot_b, after.value("gain_db")) == (before.slot_a, before.slot_b, 0)
    assert rig.store.latents.values()[2] == pytest.approx(value)
    rig.window.presets.undo.undo_action.trigger()
    assert rig.store.patch == before


def test_morph_between_presets(rig: Rig, control: PresetControl) -> None:
    tools = rig.window.pages.breed.tools
    assert not tools.fader.isEnabled()
    control.playback.load("user/sea")
    QTest.mouseClick(tools.first, Qt.MouseButton.LeftButton)
    control.playback.load("user/deep")
    QTest.mouseClick(tools.second, Qt.MouseButton.LeftButton)
    assert (tools.first.text(), tools.second.text()) == ("1  Sea", "2  Deep")
    assert tools.fader.isEnabled()
    assert tools.fader.value == 1.0
    rig.audio.sent.clear()
    QTest.keyClick(tools.fader, Qt.Key.Key_Home)
    assert rig.store.patch.slot_a == 12
    assert rig.audio.sent == [SetPatch(rig.store.patch)]
    tools.fader.change(0.5)
    assert (rig.store.patch.slot_a, rig.store.patch.slot_b, rig.store.patch.value("morph")) == (12, 26, 0.5)


def test_a_drag_is_one_undo_step(rig: Rig, control: PresetControl) -> None:
    """The events go through the native window, as those of a mouse: press, moves, a pause, release."""
    undo, redo = control.undo.undo_action, control.undo.redo_action
    knob = rig.window.work.envelope.knobs["sustain"]
    handle = rig.window.windowHandle()
    before = rig.store.patch
    at = knob.mapTo(rig.window, knob.dial().center().toPoint())
    changes: list[PatchChanged] = []
    rig.store.subscribe(PatchChanged, changes.append)
    for _ in range(2):
        QTest.mousePress(handle, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
        for step in range(1, 12):
            QTest.mouseMove(handle, at + QPoint(0, 2 * step))
            QApplication.processEvents()
        QTest.mouseRelease(handle, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at + QPoint(0, 24))
    assert len(changes) > 8
    assert undo.text() == "Undo Sustain"
    assert not redo.isEnabled()
    undo.trigger()
    assert 0.0 < rig.store.patch.value("sustain") < 1.0, "the second drag alone"
    undo.trigger()
    assert rig.store.patch == before
    assert redo.text() == "Redo Sustain"
    assert knob.value == 1.0
    QTest.keyClick(rig.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert rig.store.patch.value("sustain") < 1.0


def test_ctrl_z_in_a_text_field_undoes_typing(rig: Rig, control: PresetControl) -> None:
    rig.store.set_param("sustain", 0.5)
    rig.window.pages.toggle_browser()
    search: QLineEdit = browser_of(rig).search
    search.setFocus()
    QTest.keyClicks(search, "abc")
    QTest.keyClick(search, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert search.text() == ""
    assert rig.store.patch.value("sustain") == 0.5


def test_undo_loads_the_model_it_needs(rig: Rig, control: PresetControl, model_path: Path, qtbot: QtBot) -> None:
    rig.store.latents.set(3, float(rig.store.latents.values()[3]) + 0.1)
    before = rig.store.patch
    with qtbot.waitSignal(rig.window.models.loader.loaded, timeout=10_000):
        rig.window.models.load(model_path.parent / "wide.safetensors")
    assert control.undo.undo_action.text() == "Undo Change of model"
    with qtbot.waitSignal(rig.window.models.loader.loaded, timeout=10_000):
        control.undo.undo_action.trigger()
    assert rig.store.patch == before
    assert rig.store.model is not None
    assert control.undo.undo_action.text() == f"Undo {dimension_label(rig.store.model, 3)}"


def test_undo_into_a_deleted_model_shows_a_problem_and_changes_nothing(
    rig: Rig, control: PresetControl, model_path: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    lost = tmp_path / "lost.safetensors"
    lost.write_bytes((model_path.parent / "wide.safetensors").read_bytes())
    with qtbot.waitSignal(rig.window.models.loader.loaded, timeout=10_000):
        rig.window.models.load(lost)
    with qtbot.waitSignal(rig.window.models.loader.loaded, timeout=10_000):
        rig.window.models.load(model_path)
    lost.unlink()
    here = rig.store.patch
    with qtbot.waitSignal(rig.window.problem, timeout=10_000):
        control.undo.undo_action.trigger()
    assert rig.store.patch == here
    assert control.undo.undo_action.text() == "Undo Change of model"
    rig.store.set_param("sustain", 0.5)
    assert control.undo.undo_action.text() == "Undo Sustain"


def test_a_preset_of_another_model_offers_it(rig: Rig, control: PresetControl, model_path: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignal(rig.window.models.loader.listed, timeout=10_000):
        rig.window.models.loader.refresh()
    made = rig.store.patch
    model = rig.store.model
    assert model is not None
    preset = capture_preset(made, model, Preset(name="Elsewhere", a=""))
    key = control.state.library.add(preset).key
    with qtbot.waitSignal(rig.window.models.loader.loaded, timeout=10_000):
        rig.window.models.load(model_path.parent / "wide.safetensors")
    control.playback.load(key)
    assert "made for Test PCA 16" in rig.window.toast.text.text()
    assert rig.window.toast.action.text() == "Load Test PCA 16"
    with qtbot.waitSignal(rig.window.models.loader.loaded, timeout=10_000):
        QTest.mouseClick(rig.window.toast.action, Qt.MouseButton.LeftButton)
    assert rig.store.patch == made
    assert not bar_of(rig).name.modified


def test_zoom_rebuilds_bar_and_browser(rig: Rig, control: PresetControl) -> None:
    old = browser_of(rig)
    rig.window.appearance.set_fixed_zoom(1.25)
    assert browser_of(rig) is not old
    control.playback.load("user/deep")
    assert bar_of(rig).name.name == "Deep"
    rig.window.appearance.set_fixed_zoom(None)


def test_the_browser_covers_nothing_that_one_plays(rig: Rig, control: PresetControl) -> None:
    for size in ((1024, 600), (1280, 720), (2560, 1440)):
        rig.window.resize(*size)
        rig.window.appearance.follow_size()
        QApplication.processEvents()
        if not browser_of(rig).isVisible():
            rig.window.pages.toggle_browser()
        work, browser = rig.window.work, browser_of(rig)
        assert browser.isVisible(), "also after the window was built again"
        place = QRect(browser.mapTo(work, QPoint(0, 0)), browser.size())
        for widget in (work.latent, work.pad, work.deck, work.play, work.bar, work.status):
            assert widget.isVisible()
            assert not place.intersects(widget.geometry())
        for inner in (browser.search, browser.order, browser.list, browser.use, browser.back, browser.close_button):
            assert browser.rect().contains(QRect(inner.mapTo(browser, QPoint(0, 0)), inner.size()))
        assert browser.list.height() > 5 * browser.list.sizeHintForRow(0)
    rig.window.resize(1280, 720)
    rig.window.appearance.follow_size()


def test_the_rename_dialog_is_as_wide_as_the_save_dialog(rig: Rig, control: PresetControl) -> None:
    control.playback.load("user/deep")
    dialog = control.dialogs.rename("user/deep")
    assert dialog is not None
    assert dialog.width() >= px(DIALOG_WIDTH)
    dialog.setTextValue("Deeper")
    dialog.accept()
    assert bar_of(rig).name.name == "Deeper"
    assert control.dialogs.rename("user/deep") is None
