"""MIDI in the window: learning on every control, its marks, the dialog, and notes on the piano."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from synth_app.audio import MidiPlayed, MidiState
from synth_app.midi import ControllerMoved, MidiSettings
from synth_app.params import param
from synth_app.patch import NoteOff, NoteOn, Panic
from synth_app.patch.target import PAD_X, PAD_Y
from synth_app.session import ControllerId
from synth_app.session.state.pad_state import Mode
from synth_app.ui.settings.midi_links import ControllerMark
from synth_app.ui.widgets.control import ValueControl
from tests.ui.conftest import Rig, param_controls

LISTENING = MidiState(MidiSettings(), ("Keys 20:0", "Pads 24:0"), ("Keys 20:0",))


def moved(rig: Rig, *values: int, number: int = 20, held: frozenset[int] = frozenset()) -> None:
    for value in values:
        rig.window.handle_report(MidiPlayed((ControllerMoved(0, number, value),), held))


def choose(menu: QMenu, text: str) -> None:
    (action,) = [each for each in menu.actions() if each.text() == text]
    action.trigger()


def mark(widget: QWidget) -> ControllerMark:
    (found,) = widget.findChildren(ControllerMark)
    return found


def controls(rig: Rig) -> list[ValueControl]:
    return rig.window.work.findChildren(ValueControl)


def test_every_control_can_be_learned_moved_and_forgotten(rig: Rig) -> None:
    assert {control.spec.name for control in controls(rig)} >= {*param_controls(rig), "z1", "z4"}
    numbered = [control for control in controls(rig) if not control.spec.name.startswith(("axis", "handle"))]
    for number, control in enumerate(numbered):
        choose(control.menu(), "Learn MIDI")
        assert mark(control).text() == "MIDI…"
        moved(rig, *range(0, 128), number=number)
        assert control.value == pytest.approx(control.spec.maximum, abs=1e-6), control.spec.name
        assert mark(control).text() == (f"{number}" if control.short_mark else f"CC {number}")
        assert not mark(control).isHidden()
        assert f"CC {number}" in mark(control).accessibleName()
        title = ControllerId(0, number).title
        choose(control.menu(), f"Forget {title}")
        assert mark(control).isHidden()
        moved(rig, 0, number=number)
        assert control.value == pytest.approx(control.spec.maximum, abs=1e-6)


def test_a_handle_is_learned_and_moves_the_sound(rig: Rig) -> None:
    handle = rig.window.work.latent.shown_sliders[4]
    assert handle.spec.name == "handle_hollow"
    start = handle.value
    choose(handle.menu(), "Learn MIDI")
    at = round(127 * handle.spec.to_normalized(start))
    moved(rig, *range(at, at + 8))
    assert 0.2 < handle.value - start < 0.8, "7 of 127 parts of 8 steps are 0.44"
    assert any(rig.store.patch.offset)
    assert mark(handle).text() == "20"


def test_pad_axes_are_learned_one_by_one(rig: Rig) -> None:
    pad = rig.window.work.pad.pad
    choose(pad.menu(None), "Learn MIDI (horizontal)")
    moved(rig, 0, number=30)
    choose(pad.menu(None), "Learn MIDI (vertical)")
    moved(rig, 0, number=31)
    assert mark(pad).text() == "CC 30 · 31"
    moved(rig, *range(128), number=30)
    x, y = rig.store.state.pad.axes
    assert rig.store.latents.values()[x] == pytest.approx(rig.store.ranges[x][1])
    assert pad.cursor_values[0] == pytest.approx(rig.store.ranges[x][1])
    assert rig.window.midi.learn.learned.keys() == {PAD_X, PAD_Y}
    assert pad.cursor_values[1] == pytest.approx(rig.store.latents.values()[y])


@pytest.mark.parametrize("mode", ["map", "morph"])
def test_pad_controllers_move_the_cursor_of_every_mode(rig: Rig, mode: Mode) -> None:
    work, store = rig.window.work, rig.store
    store.pad.set_state(replace(store.state.pad, mode=mode))
    canvas = work.pad.map.canvas if mode == "map" else work.pad.morph.pad
    for which, number in (("horizontal", 40), ("vertical", 41)):
        choose(canvas.menu(None), f"Learn MIDI ({which})")
        moved(rig, 0, number=number)
    assert mark(canvas).text() == "CC 40 · 41"
    rig.audio.sent.clear()
    moved(rig, *range(0, 127, 2), 127, number=40)
    moved(rig, *range(0, 127, 2), 127, number=41)
    pad = store.state.pad
    assert (pad.map_at if mode == "map" else pad.morph_at) == (1.0, 1.0)
    assert rig.audio.patch.user_notes[0] is not None  # the mix of notes at that position


def test_a_principal_axis_follows_its_controller(rig: Rig) -> None:
    slider = next(control for control in controls(rig) if control.spec.name == "axis1")
    choose(slider.menu(), "Learn MIDI")
    before = rig.store.latents.values()
    moved(rig, *range(0, 80))
    assert slider.value == pytest.approx(slider.spec.from_normalized(79 / 127), abs=1e-6)
    assert (rig.store.latents.values() != before).sum() > 1  # the whole latent vector moved
    assert rig.window.midi.learn.title("axis1").startswith("Axis 1")


def test_right_click_opens_the_menu_with_learn(rig: Rig) -> None:
    shown: list[list[str]] = []

    def look() -> None:
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        shown.append([action.text() for action in menu.actions()])
        menu.close()

    QTimer.singleShot(50, look)
    knob = param_controls(rig)["sustain"]
    point = QPoint(5, 5)
    QApplication.sendEvent(knob, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, point, knob.mapToGlobal(point)))
    assert "Learn MIDI" in shown[0]


def test_escape_only_cancels_learning(rig: Rig) -> None:
    knob = param_controls(rig)["sustain"]
    choose(knob.menu(), "Learn MIDI")
    assert "Esc cancels" in rig.window.work.status.message.text()
    QTest.keyClick(rig.window.windowHandle(), Qt.Key.Key_Escape)
    assert rig.window.midi.learn.armed is None
    assert mark(knob).isHidden()
    moved(rig, 5, 100)
    assert rig.window.midi.learn.learned == {}
    assert rig.window.work.status.message.text() == "No controller learned"


def test_marks_and_learning_survive_another_zoom_and_model(rig: Rig, model_path: Path, qtbot: QtBot) -> None:
    choose(param_controls(rig)["gain_db"].menu(), "Learn MIDI")
    moved(rig, 1)
    choose(rig.window.work.latent.sliders[0].menu(), "Learn MIDI")
    moved(rig, 1, number=21)
    rig.window.appearance.set_fixed_zoom(1.5)
    assert mark(param_controls(rig)["gain_db"]).text() == "CC 20"
    assert mark(rig.window.work.latent.sliders[0]).text() == "21"
    rig.window.models.load(model_path.parent / "wide.safetensors")
    qtbot.waitUntil(lambda: len(rig.store.ranges) == 24, timeout=5000)
    assert mark(rig.window.work.latent.sliders[0]).text() == "21"
    moved(rig, *range(128), number=21)
    assert rig.store.latents.values()[0] == pytest.approx(rig.store.ranges[0][1])


def test_a_control_unknown_to_midi_learn_can_be_learned(rig: Rig) -> None:
    spec = param("sustain")
    extra = type(param_controls(rig)["sustain"])(spec.__class__(**{**vars(spec), "name": "echo", "label": "Echo"}))
    heard: list[float] = []
    extra.moved.connect(heard.append)
    extra.setParent(rig.window.work)
    rig.window.midi.attach(rig.window.work, rig.window.maps.pad_controller)
    choose(extra.menu(), "Learn MIDI")
    moved(rig, *range(127, -1, -1))
    assert heard[-1] == 0.0
    assert rig.window.midi.learn.title("echo") == "Echo"


def test_a_controller_moves_a_parameter_only_after_pick_up(rig: Rig) -> None:
    choose(param_controls(rig)["gain_db"].menu(), "Learn MIDI")
    moved(rig, 0)
    rig.audio.sent.clear()
    moved(rig, 20)
    assert rig.audio.sent == []  # not picked up yet
    moved(rig, 127)
    assert rig.audio.patch.value("gain_db") == param("gain_db").maximum


def test_keys_of_a_device_are_shown_but_not_played_again(rig: Rig) -> None:
    moved(rig, 1, held=frozenset({60, 64}))
    assert rig.window.notes.held == {60, 64}
    rig.window.notes.press("mouse", 60, 100)
    assert rig.audio.notes == [NoteOn(60, 100)]
    rig.window.notes.release("mouse", 60)
    assert rig.audio.notes[-1] == NoteOff(60)
    assert rig.window.notes.held == {60, 64}
    rig.window.notes.panic()
    assert rig.window.notes.held == frozenset()
    moved(rig, 1, held=frozenset({60}))
    rig.window.handle_report(MidiState(MidiSettings(), (), ()))  # unplugged
    assert rig.window.notes.held == frozenset()


def test_status_line_shows_inputs_activity_and_problems(rig: Rig, qtbot: QtBot) -> None:
    status = rig.window.work.status
    rig.window.handle_report(MidiState(MidiSettings(), (), (), "no MIDI: this system has no sequencer"))
    assert status.message.text() == "No MIDI: this system has no sequencer"
    assert status.message.property("role") == "muted"  # the rest works: no alarm
    assert "–" in status.midi.text()
    assert status.midi.toolTip() == "no MIDI: this system has no sequencer"
    status.show_message("something else")
    rig.window.handle_report(MidiState(MidiSettings(), (), (), "no MIDI: this system has no sequencer"))
    assert status.message.text() == "something else"  # shown once
    rig.window.handle_report(LISTENING)
    quiet = status.midi.text()
    assert status.midi.toolTip() == "Keys"
    moved(rig, 1)
    assert status.midi.text() != quiet
    qtbot.waitUntil(lambda: status.midi.text() == quiet, timeout=2000)


def test_midi_settings_are_sent_to_the_audio_process(rig: Rig) -> None:
    rig.window.midi.connect_inputs()
    assert rig.audio.midi == [MidiSettings()]
    dialog = rig.window.midi.open()
    assert [dialog.port.itemText(i) for i in range(dialog.port.count())] == ["All inputs", "None"]
    rig.window.handle_report(LISTENING)
    dialog.port.setCurrentText("Pads")
    dialog.port.activated.emit(dialog.port.currentIndex())
    dialog.channels.setCurrentText("Channel 16")
    dialog.channels.activated.emit(dialog.channels.currentIndex())
    assert rig.audio.midi[1:] == [MidiSettings("Pads 24:0"), MidiSettings("Pads 24:0", "channel", 15)]
    dialog.search.click()
    assert rig.audio.midi[-1] == MidiSettings("Pads 24:0", "channel", 15)


def test_dialog_shows_state_activity_and_learned_controllers(rig: Rig, qtbot: QtBot) -> None:
    rig.window.handle_report(LISTENING)
    dialog = rig.window.midi.open()
    assert dialog.state_line.text() == "Listening to Keys."
    assert "Right-click" in dialog.learned.item(0).text()
    assert not dialog.remove_all.isEnabled()
    for name, number in (("morph", 1), ("sustain", 74)):
        choose(param_controls(rig)[name].menu(), "Learn MIDI")
        moved(rig, 5, number=number)
    assert "Receiving" in dialog.light.text()
    qtbot.waitUntil(lambda: "Quiet" in dialog.light.text(), timeout=2000)
    rows = [dialog.learned.item(i).text() for i in range(dialog.learned.count())]
    assert rows == ["CC 1 (mod wheel), channel 1  →  Morph", "CC 74 (brightness), channel 1  →  Sustain"]
    assert not dialog.remove.isEnabled()
    dialog.learned.setCurrentRow(0)
    dialog.remove.click()
    assert rig.window.midi.learn.learned.keys() == {"sustain"}
    dialog.remove_all.click()
    assert rig.window.midi.learn.learned == {}
    dialog.panic.click()
    assert rig.audio.sent[-1] == Panic()


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (MidiState(MidiSettings(), (), (), "no MIDI: none"), "No MIDI: none."),
        (MidiState(MidiSettings(port=""), (), ()), "MIDI is off."),
        (MidiState(MidiSettings(), (), ()), "No MIDI input is connected"),
    ],
)
def test_dialog_explains_why_nothing_plays(rig: Rig, state: MidiState, said: str) -> None:
    dialog = rig.window.midi.open()
    rig.window.handle_report(state)
    assert dialog.state_line.text().startswith(said)


def test_a_disconnected_port_stays_chosen(rig: Rig) -> None:
    rig.window.midi.learn.set_settings(MidiSettings(port="Gone 9:0", mode="mpe"))
    dialog = rig.window.midi.open()
    rig.window.handle_report(MidiState(MidiSettings(port="Gone 9:0", mode="mpe"), ("Keys 20:0",), ()))
    assert dialog.port.currentText() == "Gone (not connected)"
    assert dialog.settings() == MidiSettings(port="Gone 9:0", mode="mpe")
    rig.window.handle_report(MidiState(MidiSettings(port="Gone 9:0", mode="mpe"), ("Gone 11:0",), ("Gone 11:0",)))
    assert dialog.port.currentText() == "Gone"  # plugged in again, under another number
    assert dialog.port.count() == 3


def test_every_control_of_the_dialog_has_an_accessible_name(rig: Rig) -> None:
    dialog = rig.window.midi.open()
    for widget in dialog.findChildren(QWidget):
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisibleTo(dialog):
            assert widget.accessibleName() or getattr(widget, "text", str)(), widget
