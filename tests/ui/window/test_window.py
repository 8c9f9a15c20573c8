"""The controls of the window: they send changes and follow the store, without echoes."""

import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from synth_app.decoder import Model
from synth_app.params import PARAMS
from synth_app.params.handles import HANDLES_GROUP
from synth_app.patch import SetPatch
from synth_app.session import SessionStore, WindowSettings
from synth_app.ui.files.drag_out import DragHandle
from synth_app.ui.pad.note_picker import NotePicker
from synth_app.ui.window.appearance import fitted_to_screen
from synth_app.ui.window.demo.scripted_input import drag
from synth_app.ui.window.main_window import MainWindow
from synth_app.ui.window.workspace import ChosenPages
from tests.ui.conftest import Rig, param_controls
from tests.ui.fakes import make_fakes


def test_every_parameter_has_a_control_that_sends_and_follows(rig: Rig) -> None:
    controls = param_controls(rig)
    specs = [spec for spec in PARAMS if spec.group != HANDLES_GROUP]  # those are sliders read off the sound
    assert set(controls) == {spec.name for spec in specs}
    for spec in specs:
        control = controls[spec.name]
        echoes: list[float] = []
        control.moved.connect(echoes.append)
        rig.audio.sent.clear()
        QTest.keyClick(control, Qt.Key.Key_Home if spec.default > spec.minimum else Qt.Key.Key_End)
        wanted = spec.minimum if spec.default > spec.minimum else spec.maximum
        assert rig.store.patch.value(spec.name) == wanted
        assert rig.audio.sent == [SetPatch(rig.store.patch)], spec.name
        assert echoes == [wanted]
        middle = spec.from_normalized(0.5 if spec.from_normalized(0.5) != wanted else 0.0)
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
        value = float(rig.store.latents.center()[dim] + 0.1 * (high - low))
        assert rig.store.latents.values()[dim] == pytest.approx(min(value, high))
        assert rig.audio.sent == [SetPatch(rig.store.patch)]
        QTest.mouseDClick(sliders[dim], Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(150, 8))
        assert rig.store.patch.offset[dim] == 0.0
        rig.store.latents.set(dim, float(low))
        assert sliders[dim].value == pytest.approx(low)
    QTest.mouseClick(rig.window.work.latent.reset_button, Qt.MouseButton.LeftButton)
    assert not any(rig.store.patch.offset)
    assert not rig.window.work.latent.reset_button.isEnabled()


def test_sliders_reset_to_the_latent_vector_of_the_note(rig: Rig) -> None:
    rig.store.slots.show("a", 20)
    rig.store.set_morph(0.4)
    for slider, center in zip(rig.window.work.latent.sliders, rig.store.latents.center(), strict=True):
        assert slider.reset_value == pytest.approx(center)
        assert slider.value == pytest.approx(center)


def test_fader_follows_a_mouse_drag(rig: Rig) -> None:
    fader = rig.window.work.morph.fader
    track = fader.track()
    for _ in drag(fader, [track.center(), track.center() + QPointF(track.width() / 4, 0)], 0.001):
        pass
    assert rig.audio.patch.value("morph") == pytest.approx(0.25)


def test_slots_are_chosen_from_a_searched_list(rig: Rig) -> None:
    picker = rig.window.work.morph.open_picker("b")
    assert len(picker.visible_notes()) == 40
    picker.search.setText("TRUMPET c5")
    assert [rig.store.bank[i].name for i in picker.visible_notes() if isinstance(i, int)] == [
        "brass_acoustic_000-072-100"
    ]
    QTest.keyClick(picker.search, Qt.Key.Key_Return)
    note = rig.store.slots.note("b")
    assert note is not None
    assert note.name == "brass_acoustic_000-072-100"
    assert "Trumpet" in rig.window.work.morph.cards["b"].accessibleName()
    assert rig.audio.patch.slot_b == rig.store.patch.slot_b
    assert not picker.isVisible()


def test_a_search_without_result_shows_a_message(rig: Rig) -> None:
    picker = NotePicker(rig.store.bank, 0, rig.window)
    picker.show()
    picker.search.setText("theremin")
    assert picker.visible_notes() == []
    assert picker._empty.isVisible()
    picker.search.setText("")
    assert len(picker.visible_notes()) == 40
    picker.close()


def test_swap(rig: Rig) -> None:
    a, b = rig.store.patch.slot_a, rig.store.patch.slot_b
    QTest.mouseClick(rig.window.work.morph.swap, Qt.MouseButton.LeftButton)
    assert (rig.audio.patch.slot_a, rig.audio.patch.slot_b, rig.audio.patch.value("morph")) == (b, a, 1.0)


def test_a_new_theme_keeps_the_shown_pages(rig: Rig) -> None:
    window = rig.window
    before = window.work
    before.deck.tabs.buttons["effects"].click()
    before.show_view("scope")
    before.latent.modes.buttons["axes"].click()
    window.appearance.set_theme("light")
    try:
        assert window.work is not before
        assert window.work.deck.page == "effects"
        assert window.work.deck.stack.currentIndex() == before.deck.stack.currentIndex()
        assert window.work.views[0].modes.choice == "scope"
        assert window.work.latent.modes.choice == "axes"
        assert not window.work.latent.axes[0].isHidden()
    finally:
        window.appearance.set_theme("dark")


def test_the_window_fits_a_small_screen(qtbot: QtBot, model: Model, model_path: Path, tmp_path: Path) -> None:
    settings = fitted_to_screen(WindowSettings(), QSize(1024, 600))
    assert (settings.width, settings.height) == (1008, 560)
    store = SessionStore()
    window = MainWindow(store, make_fakes(tmp_path).services, settings)
    qtbot.addWidget(window)
    window.show()
    store.load_model_data(model, model_path)
    needed = window.work.minimumSizeHint()
    assert needed.width() <= settings.width
    assert needed.height() <= settings.height
    assert fitted_to_screen(WindowSettings(), QSize(1920, 1080)) == WindowSettings()


def test_a_failing_part_keeps_no_other_from_closing(rig: Rig, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error is told. It must not leave ``closeEvent``, or methods of children lose references (``run_each``)."""
    hide = vars(DragHandle)["hideEvent"]
    references, closed = sys.getrefcount(hide), []
    rig.window.closing.connect(lambda: closed.append("window"))
    monkeypatch.setattr(rig.window.record, "finish", lambda: 1 // 0)
    with qtbot.capture_exceptions() as caught:
        rig.window.close()
    assert [kind for kind, *_ in caught] == [ZeroDivisionError]
    assert closed == ["window"]
    assert not rig.window.isVisible()
    assert sys.getrefcount(hide) == references


def test_the_window_opens_as_it_was_left(qtbot: QtBot, tmp_path: Path) -> None:
    left = MainWindow(SessionStore(), make_fakes(tmp_path / "a").services, WindowSettings())
    qtbot.addWidget(left)
    left.qwerty.step_octave(-2)
    left.qwerty.step_velocity(2)
    left.work.deck.tabs.buttons["macros"].click()
    left.work.latent.modes.buttons["axes"].click()
    left.work.show_view("scope")
    left.work.show_view("level")
    settings = WindowSettings.model_validate_json(left.window_settings().model_dump_json())
    again = MainWindow(SessionStore(), make_fakes(tmp_path / "b").services, settings)
    qtbot.addWidget(again)
    assert (again.work.play.octave.text(), again.work.play.velocity.text()) == ("C2", "120")
    assert again.work.deck.stack.currentWidget() is again.work.macros.parentWidget()
    assert again.work.latent.modes.choice == "axes"
    assert [panel.modes.choice for panel in again.work.views] == ["scope", "level"]


def test_pages_that_the_window_lacks_are_ignored(qtbot: QtBot, tmp_path: Path) -> None:
    settings = WindowSettings(deck="x", latent="", views=("level", "gone"))
    window = MainWindow(SessionStore(), make_fakes(tmp_path).services, settings)
    qtbot.addWidget(window)
    assert window.work.chosen_pages() == ChosenPages("sound", "handles", ("spectrum", "level"))
