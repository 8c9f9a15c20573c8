"""Macros in the window: knobs, names, the matrix, and sources dragged onto controls."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMimeData, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QMenu, QWidget
from pytestqt.qtbot import QtBot

from synth_app.params import MACROS, PARAMS, SPECTRAL_HANDLES
from synth_app.params.macros import MAX_MACRO_NAME
from synth_app.patch.modulation_matrix import MOD_SOURCES, Connection, Modulation
from synth_app.session.state.automation_edit import add_curve
from synth_app.ui.modulation.source_drag import SourceDrag, source_data
from synth_app.ui.presets.preset_tools import LockPopup
from synth_app.ui.widgets.control import ValueControl
from synth_app.ui.widgets.value_tooltip import ValueTooltip
from tests.ui.conftest import Rig

NO_BUTTONS, NO_KEYS = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier


def _choices(box: QComboBox) -> set[str]:
    return {box.itemData(i) for i in range(box.count())}


def _choose(box: QComboBox, key: str) -> None:
    box.setCurrentIndex(box.findData(key))
    box.activated.emit(box.currentIndex())


def _menu_names(control: ValueControl) -> list[str]:
    menu = control.menu()
    found = next(each for each in menu.findChildren(QMenu) if each.title() == "Modulate with")
    return [action.text() for action in found.actions()]


def _drop(control: ValueControl, source: str) -> None:
    data, at = source_data(source), control.rect().center()
    enter = QDragEnterEvent(at, Qt.DropAction.LinkAction, data, NO_BUTTONS, NO_KEYS)
    QApplication.sendEvent(control, enter)
    assert enter.isAccepted()
    assert control.drop_marked
    QApplication.sendEvent(control, QDropEvent(QPointF(at), Qt.DropAction.LinkAction, data, NO_BUTTONS, NO_KEYS))
    assert not control.drop_marked


def test_the_page_shows_eight_knobs_with_values_names_and_targets(rig: Rig) -> None:
    panel, store = rig.window.work.macros, rig.store
    assert list(panel.knobs) == list(MACROS)
    assert [name.text() for name in panel.names] == [f"Macro {i}" for i in range(1, 9)]
    panel.knobs["macro3"].change(0.75)
    assert store.patch.value("macro3") == pytest.approx(0.75)
    store.set_param("macro3", 0.25)
    assert panel.knobs["macro3"].value == pytest.approx(0.25)
    links = (Connection("macro3", "handle_air", 1.0), Connection("macro3", "reverb_mix", 0.5),
             Connection("lfo1", "z2", 0.5, via="macro3"))  # fmt: skip
    store.set_modulation(Modulation(connections=links))
    assert panel.targets[2].text.startswith("Air, Reverb mix, z2")
    assert panel.targets[0].text == "no target"


def test_a_long_name_ends_with_an_ellipsis_until_it_is_edited(rig: Rig) -> None:
    name = rig.window.work.macros.names[0]
    rig.window.work.deck.show_page("macros")
    rig.store.set_macro_name(0, "W" * MAX_MACRO_NAME)
    assert name.shown().endswith("…")
    assert name.text() == "W" * MAX_MACRO_NAME
    assert name.toolTip().startswith(name.text())
    name.begin()
    assert name.shown() == name.text()
    QTest.keyClick(name, Qt.Key.Key_Escape)
    rig.store.set_macro_name(0, "Air")
    assert name.shown() == "Air"


def test_a_name_takes_two_lines_and_stands_above_its_targets(rig: Rig) -> None:
    panel = rig.window.work.macros
    rig.window.work.deck.show_page("macros")
    rig.window.resize(1280, 720)
    one_line = panel.names[1].height()
    rig.store.set_macro_name(0, "Drifting along")
    QApplication.processEvents()
    name, targets = panel.names[0], panel.targets[0]
    assert name.shown() == "Drifting\nalong"
    assert name.height() >= one_line + name.fontMetrics().height()
    assert targets.y() == name.geometry().bottom() + 1
    assert targets.x() + targets.contentsRect().left() == name.x() + name.text_inset()
    assert panel.rect().contains(targets.mapTo(panel, targets.rect().bottomRight()))


def test_a_macro_is_renamed_by_mouse_and_by_keyboard(rig: Rig, qtbot: QtBot) -> None:
    work, store = rig.window.work, rig.store
    work.deck.show_page("macros")
    name = work.macros.names[1]
    QTest.mouseDClick(name, Qt.MouseButton.LeftButton)
    QTest.keyClicks(name, "Warmth")
    QTest.keyClick(name, Qt.Key.Key_Return)
    assert store.patch.macro_names[1] == "Warmth"
    assert name.isReadOnly()
    assert work.macros.knobs["macro2"].accessibleName() == "Warmth"
    assert rig.window.presets.service.history.undo_label == "Macro names"
    rig.window.presets.service.history.undo()
    assert name.text() == "Macro 2"
    name.setFocus()
    QTest.keyClick(name, Qt.Key.Key_Return)
    QTest.keyClicks(name, "Rain")
    QTest.keyClick(name, Qt.Key.Key_Escape)
    assert (name.text(), store.patch.macro_names[1]) == ("Macro 2", "")
    QTest.keyClick(name, Qt.Key.Key_Return)
    QTest.keyClicks(name, "Air")
    QTest.keyClick(name, Qt.Key.Key_Return)
    assert store.patch.macro_names[1] == "Air"


def test_names_of_macros_are_shown_where_sources_are_chosen(rig: Rig) -> None:
    rig.store.set_modulation(Modulation(connections=(Connection("macro1", "pan", 0.5),)))
    row = rig.window.work.matrix.rows[0]
    rig.store.set_macro_name(0, "Swing")
    assert row.source.currentText() == "Swing"
    assert "Swing" in _menu_names(rig.window.work.morph.fader)


def test_a_source_dropped_on_a_control_is_connected_to_it(rig: Rig) -> None:
    work, store = rig.window.work, rig.store
    reverb = next(card.controls["reverb_mix"] for card, _ in work.effects if "reverb_mix" in card.controls)
    for control, source, target in (
        (work.latent.handles.sliders[2], "lfo2", "handle_air"), (work.latent.sliders[4], "env1", "z5"),
        (work.morph.fader, "macro1", "morph"), (reverb, "macro1", "reverb_mix"),
    ):  # fmt: skip
        before = len(store.patch.modulation.connections)
        assert control.modulation_range is None
        _drop(control, source)
        link = store.patch.modulation.connections[before]
        assert (link.source, link.target) == (source, target)
        assert link.amount > 0.0
        assert control.modulation_range is not None
    ends = reverb.normalized_modulation_range()
    assert ends is not None
    assert np.diff(ends) == pytest.approx(store.patch.modulation.connections[-1].amount, abs=1e-6)


def test_a_source_that_cannot_move_a_control_says_why(rig: Rig) -> None:
    problems: list[str] = []
    rig.window.problem.connect(problems.append)
    _drop(rig.window.work.envelope.knobs["attack_s"], "lfo1")
    assert not rig.store.patch.modulation.connections
    assert problems == ["LFO 1 is different for every note, but Attack is shared: connect a macro to it"]


def test_other_things_cannot_be_dropped_on_controls_and_a_drag_that_leaves_unmarks(rig: Rig) -> None:
    control, data = rig.window.work.morph.fader, source_data("lfo1")
    at = control.rect().center()
    QApplication.sendEvent(control, QDragEnterEvent(at, Qt.DropAction.LinkAction, data, NO_BUTTONS, NO_KEYS))
    QApplication.sendEvent(control, QDragLeaveEvent())
    assert not control.drop_marked
    text = source_data("lfo1")
    text.clear()
    text.setText("lfo1")
    enter = QDragEnterEvent(at, Qt.DropAction.LinkAction, text, NO_BUTTONS, NO_KEYS)
    QApplication.sendEvent(control, enter)
    assert not control.drop_marked


def _enter(widget: QWidget, data: QMimeData) -> QDragEnterEvent:
    enter = QDragEnterEvent(widget.rect().center(), Qt.DropAction.LinkAction, data, NO_BUTTONS, NO_KEYS)
    QApplication.sendEvent(widget, enter)
    return enter


def test_a_source_that_rests_on_a_tab_opens_its_page(rig: Rig, qtbot: QtBot) -> None:
    work = rig.window.work
    work.deck.show_page("macros")
    tabs, data = work.deck.tabs.buttons, source_data("macro1")
    assert _enter(tabs["effects"], data).isAccepted(), "else it does not hear that the drag leaves it"
    over = QDragMoveEvent(tabs["effects"].rect().center(), Qt.DropAction.LinkAction, data, NO_BUTTONS, NO_KEYS)
    QApplication.sendEvent(tabs["effects"], over)
    assert not over.isAccepted(), "nothing can be dropped on a tab"
    assert work.deck.page == "macros", "not at once: the drag may only pass"
    qtbot.waitUntil(lambda: work.deck.page == "effects", timeout=3000)
    latent = work.latent.modes.buttons["latent"]
    _enter(latent, data)
    qtbot.waitUntil(lambda: work.latent.modes.choice == "latent", timeout=3000)


def test_a_drag_that_passes_a_tab_opens_no_page(rig: Rig, qtbot: QtBot) -> None:
    work = rig.window.work
    text = QMimeData()
    text.setText("macro1")
    _enter(work.deck.tabs.buttons["voice"], text)
    _enter(work.deck.tabs.buttons["effects"], source_data("macro1"))
    QApplication.sendEvent(work.deck.tabs.buttons["effects"], QDragLeaveEvent())
    qtbot.wait(500)
    assert work.deck.page == "sound"


def test_a_macros_name_is_shown_wherever_it_is_spoken_of(rig: Rig) -> None:
    window, store = rig.window, rig.store
    knob = window.work.macros.knobs["macro1"]
    store.set_automation(add_curve(None, "macro1", 1.0))
    store.set_macro_name(0, "Warm <b>th")
    assert "Warm &lt;b&gt;th" in knob.toolTip()
    QTest.keyClick(knob, Qt.Key.Key_Up)
    tooltip = window.findChild(ValueTooltip)
    assert tooltip is not None
    assert tooltip.text == "Warm <b>th  1 %"
    assert window.presets.service.history.undo_label == "Warm <b>th"
    chooser = window.work.automation.chooser
    assert [chooser.itemText(i) for i in range(chooser.count())] == ["All", "Warm <b>th"]
    assert window.midi.learn.title("macro1") == "Warm <b>th"
    assert LockPopup(window.presets).boxes["macro1"].text() == "Warm <b>th"
    store.set_macro_name(0, "")
    assert knob.accessibleName() == "Macro 1"
    assert chooser.itemText(1) == "Macro 1"


def test_a_drag_begins_after_some_pixels_and_a_click_stays_a_click(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    dragged: list[str] = []
    monkeypatch.setattr(SourceDrag, "_drag", lambda self: dragged.append(self._source))
    button = rig.window.work.mod_sources.choice.buttons["lfo3"]
    rig.window.work.deck.show_page("mod")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert rig.window.work.mod_sources.choice.choice == "lfo3"
    assert not dragged
    left = Qt.MouseButton.LeftButton
    middle = QPointF(button.rect().center())
    for kind, at in ((QEvent.Type.MouseButtonPress, middle), (QEvent.Type.MouseMove, middle + QPointF(60.0, 0.0))):
        position = button.mapToGlobal(at)
        QApplication.sendEvent(button, QMouseEvent(kind, at, position, left, left, NO_KEYS))
    assert dragged == ["lfo3"]


def test_the_matrix_lists_shared_parameters_for_macros_only(rig: Rig) -> None:
    rig.store.set_modulation(Modulation(connections=(Connection("lfo1", "pan", 0.5),)))
    row = rig.window.work.matrix.rows[0]
    assert {handle.target for handle in SPECTRAL_HANDLES} <= _choices(row.target)
    assert "reverb_mix" not in _choices(row.target)
    assert _choices(row.source) == {source.name for source in MOD_SOURCES}
    _choose(row.source, "macro2")
    shared = {spec.name for spec in PARAMS} - set(MACROS)
    assert shared <= _choices(row.target)
    _choose(row.target, "reverb_mix")
    assert _choices(row.source) == set(MACROS)
    assert _choices(row.via) == {"", *MACROS}
    assert rig.store.patch.modulation.connections == (Connection("macro2", "reverb_mix", 0.5),)
