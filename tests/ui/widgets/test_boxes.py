"""Pickers and number boxes: the wheel, decimal points and commas; text of users is shown as it is written."""

import ast
import importlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QLocale, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QStyle,
    QStyleOptionComboBox,
    QWidget,
)
from pytestqt.qtbot import QtBot

from synth_app.params import param
from synth_app.ui.base.boxes import DecimalBox, Picker, WholeBox
from synth_app.ui.base.plain_text import plain_tip, sentence, without_mnemonic
from synth_app.ui.presets.preset_bar import NameButton
from synth_app.ui.widgets.panel import compact_combo, label
from synth_app.ui.widgets.value_format import parse_value
from synth_app.ui.window.graph_windows import ANALYZER, TITLES
from tests.ui.conftest import Rig

UI = Path(__file__).parents[3] / "synth_app" / "ui"


@pytest.fixture
def german() -> Iterator[None]:
    before = QLocale()
    QLocale.setDefault(QLocale(QLocale.Language.German))
    yield
    QLocale.setDefault(before)


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize("typed", ["2.5", "2,5"])
def test_a_comma_and_a_point_mean_the_same_in_every_country(qtbot: QtBot, typed: str) -> None:
    """Under a German locale "2.5" once became 25,00."""
    box = DecimalBox(0.05, 60.0, 1.0)
    qtbot.addWidget(box)
    box.setSuffix(" s")
    box.show()
    box.selectAll()
    QTest.keyClicks(box, typed)
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert box.value() == 2.5
    assert box.text() == "2.50 s"
    assert parse_value(param("gain_db"), typed, 0.0) == 2.5


def wheel(widget: QWidget, notches: int = -1) -> None:
    at = QPointF(widget.rect().center())
    event = QWheelEvent(
        at, widget.mapToGlobal(at), QPoint(), QPoint(0, 120 * notches), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)


def test_the_wheel_changes_a_picker_or_number_only_with_the_focus(qtbot: QtBot) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    combo = compact_combo("Choice")
    combo.addItems(["a", "b", "c"])
    whole, decimal = WholeBox(1, 9, 5), DecimalBox(0.0, 9.0, 5.0)
    boxes: tuple[QWidget, ...] = (combo, whole, decimal)
    values: tuple[Callable[[], float], ...] = (combo.currentIndex, whole.value, decimal.value)
    for box in boxes:
        box.setParent(host)
    host.show()
    host.activateWindow()
    for box, value in zip(boxes, values, strict=True):
        box.show()
        before = value()
        wheel(box)
        assert value() == before
        assert box.focusPolicy() == Qt.FocusPolicy.StrongFocus, "the wheel gives no focus"
        box.setFocus()
        qtbot.waitUntil(box.hasFocus)
        wheel(box)
        assert value() != before


def test_every_picker_and_number_box_of_the_window_is_one_of_these(rig: Rig) -> None:
    rig.window.pages.toggle_browser()
    opened: list[QWidget | None] = [
        rig.window.dialogs.open_audio(),
        rig.window.midi.open(),
        rig.window.dialogs.open_export(),
        *(rig.window.graphs.open(kind) for kind in TITLES),
        *(rig.window.graphs.open(ANALYZER, key) for key in rig.window.graphs.analyzers),
    ]
    found = [
        each
        for root in (rig.window, *opened)
        if root is not None
        for each in root.findChildren(QWidget)
        if isinstance(each, QComboBox | QAbstractSpinBox)
    ]
    assert len(found) > 20
    assert {type(each).__module__ for each in found} == {"synth_app.ui.base.boxes"}


def test_no_lambda_takes_the_state_of_a_button_for_its_own_argument() -> None:
    """``clicked`` and ``triggered`` pass a bool, which lands in a first argument with a default."""
    found = []
    for path in UI.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Lambda) and node.args.args and len(node.args.defaults) == len(node.args.args):
                first = node.args.args[0].arg
                if not first.startswith("_"):
                    found.append(f"{path.name}:{node.lineno}: {first}")
    assert found == []


def test_every_widget_that_waits_for_a_release_can_be_told_that_none_comes() -> None:
    """A popup that opens during a press takes the release; ``MousePress`` then calls ``cancel_press``."""
    modules = [
        importlib.import_module(".".join(path.relative_to(UI.parents[1]).with_suffix("").parts))
        for path in sorted(UI.rglob("*.py"))
        if "mouseReleaseEvent" in path.read_text("utf-8")
    ]
    waiting = [
        each
        for module in modules
        for each in vars(module).values()
        if isinstance(each, type) and each.__module__ == module.__name__ and "mouseReleaseEvent" in vars(each)
    ]
    assert len(waiting) > 8
    assert [each.__name__ for each in waiting if not hasattr(each, "cancel_press")] == []


def test_labels_show_markup_of_users_as_it_is(rig: Rig) -> None:
    assert label("<b>x</b>").textFormat() == Qt.TextFormat.PlainText
    assert plain_tip("<b>x") == "<span>&lt;b&gt;x</span>"
    assert plain_tip("as it is & so") == "as it is & so"
    assert without_mnemonic("R&B") == "R&&B"
    rig.window.presets.library.save_new("<img src=x>R&B", "pad", ())
    name = rig.window.work.bar.presets.findChild(NameButton)
    assert name is not None
    assert "&lt;img" in name.toolTip()
    rich = [each for each in rig.window.findChildren(QLabel) if each.textFormat() != Qt.TextFormat.PlainText]
    assert {each.accessibleName() or each.text()[:5] for each in rich} <= {"Output device", "MIDI inputs", "synth"}


@pytest.mark.parametrize(
    ("problem", "shown"),
    [
        ("no model is loaded yet: choose one first", "No model is loaded yet: choose one first"),
        ("cannot write /x.wav: the disk is full", "Cannot write /x.wav: the disk is full"),
        ("letter.pdf cannot be used here", "letter.pdf cannot be used here"),
        ("pitched-vae-48k: no such model", "pitched-vae-48k: no such model"),
        ("synth_app already runs", "synth_app already runs"),
        ("/home/x is a folder", "/home/x is a folder"),
        ("Picture saved", "Picture saved"),
        ("", ""),
    ],
)
def test_a_problem_begins_with_a_capital_letter_but_a_name_stays(rig: Rig, problem: str, shown: str) -> None:
    assert sentence(problem) == shown
    rig.window.show_problem(problem)
    assert rig.window.work.status.message.text() == shown
    assert rig.window.notices.problems == (problem,)


def _painted(picker: Picker) -> QImage:
    QApplication.processEvents()
    return picker.grab().toImage()


def test_a_long_entry_of_a_picker_ends_with_an_ellipsis(qtbot: QtBot) -> None:
    """Its picture is that of the elided text, and not that of a text which is cut."""
    picker = Picker()
    picker.addItems(["z2 brightness and more", "z"])
    qtbot.addWidget(picker)
    picker.setFixedWidth(90)
    picker.show()
    long = _painted(picker)
    option: Any = QStyleOptionComboBox()
    picker.initStyleOption(option)
    field = picker.style().subControlRect(
        QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, picker
    )
    elided = picker.fontMetrics().elidedText(picker.currentText(), Qt.TextElideMode.ElideRight, field.width() - 2)
    assert elided.endswith("…")
    picker.setItemText(0, elided)
    assert _painted(picker) == long
    picker.setItemText(0, elided.removesuffix("…"))
    assert _painted(picker) != long


def test_a_picker_without_a_choice_shows_its_placeholder(qtbot: QtBot) -> None:
    picker = Picker()
    picker.addItem("entry")
    qtbot.addWidget(picker)
    picker.setFixedWidth(160)
    picker.setCurrentIndex(-1)
    picker.show()
    empty = _painted(picker)
    picker.setPlaceholderText("No model")
    assert _painted(picker) != empty
