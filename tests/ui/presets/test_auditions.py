"""Presets are heard while browsing: phrases, leaving, choosing, order by likeness, and what must not be disturbed."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from synth_app.audio import MidiPlayed
from synth_app.patch import NoteOff, NoteOn, SetPatch, SoundOff
from synth_app.session.presets.phrase import preset_phrase
from synth_app.ui.keyboard.phrase_player import PHRASE_CHANNEL
from synth_app.ui.presets.preset_browser import PresetBrowser
from synth_app.ui.presets.preset_control import PresetControl
from tests.ui.conftest import Rig


@pytest.fixture
def control(rig: Rig, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> PresetControl:
    """Three presets of the user, the filter on them, and a sound that differs from them."""
    monkeypatch.setattr(
        "synth_app.session.find.search.user_folder", lambda _: tmp_path_factory.getbasetemp() / "likeness"
    )
    control, store = rig.window.presets, rig.store
    for name, category, note in (("Deep", "bass", 26), ("Sea", "pad", 12), ("Sky", "lead", 33)):
        store.slots.choose("a", note)
        store.slots.choose("b", note)
        control.library.save_new(name, category, ())
    control.playback.init()
    store.slots.choose("a", 12)
    store.slots.choose("b", 12)
    store.latents.set(1, float(store.latents.values()[1]) + 0.1)
    rig.window.pages.toggle_browser()
    rig.window.pages.browser.categories.setCurrentIndex(2)
    rig.audio.sent.clear()
    return control


@pytest.fixture
def browser(rig: Rig, control: PresetControl) -> PresetBrowser:
    return rig.window.pages.browser


def phrase_notes(rig: Rig) -> list[int]:
    """Return the keys that phrases have pressed."""
    return [m.note for m in rig.audio.sent if isinstance(m, NoteOn) and m.channel == PHRASE_CHANNEL]


def sounding(rig: Rig) -> set[int]:
    """Return the keys of phrases that are down."""
    down: set[int] = set()
    for message in rig.audio.sent:
        if isinstance(message, NoteOn) and message.channel == PHRASE_CHANNEL:
            down.add(message.note)
        elif isinstance(message, NoteOff) and message.channel == PHRASE_CHANNEL:
            down.discard(message.note)
    return down


def walk(browser: PresetBrowser, key: Qt.Key = Qt.Key.Key_Down) -> None:
    QTest.keyClick(browser.list if browser.list.hasFocus() else browser.search, key)


def test_each_preset_plays_its_own_phrase(rig: Rig, browser: PresetBrowser, qtbot: QtBot) -> None:
    walk(browser)
    assert rig.store.patch.slot_a == 26
    entry = rig.window.presets.service.entry()
    assert entry is not None
    assert rig.store.model is not None
    wanted = [note.key for note in preset_phrase(entry.preset, rig.store.patch, rig.store.model)]
    qtbot.waitUntil(lambda: phrase_notes(rig) == wanted, timeout=5000)
    qtbot.waitUntil(lambda: not rig.window.phrases.playing, timeout=5000)
    assert sounding(rig) == set(), "every key came up"
    assert not any(isinstance(m, SoundOff) for m in rig.audio.sent), "releases ring"


def test_the_focus_alone_tries_nothing_out_and_the_first_row_is_marked(
    rig: Rig, browser: PresetBrowser, qtbot: QtBot
) -> None:
    heard: list[str] = []
    browser.list.chosen.connect(heard.append)
    browser.list.setFocus()
    qtbot.waitUntil(browser.list.hasFocus, timeout=5000)
    assert (heard, browser.list.current_key(), browser.list.selectedItems()) == ([], "", [])
    browser.search.setFocus()
    walk(browser)
    assert heard == [browser.list.shown_keys()[0]], "once"
    assert browser.list.selectedItems() == [browser.list.topLevelItem(0)]


def test_the_next_preset_ends_the_phrase_before(rig: Rig, browser: PresetBrowser, qtbot: QtBot) -> None:
    walk(browser)
    qtbot.waitUntil(lambda: bool(phrase_notes(rig)), timeout=2000)
    rig.audio.sent.clear()
    walk(browser)
    kinds = [type(m) for m in rig.audio.sent]
    assert kinds.index(SetPatch) < len(kinds)
    assert SoundOff in kinds, "the earlier phrase is silent"
    assert rig.audio.sent[-1] != SoundOff(0), "only on its own channel"
    assert sounding(rig) == set()


def test_leaving_returns_the_earlier_sound(rig: Rig, browser: PresetBrowser, qtbot: QtBot) -> None:
    before, label = rig.store.state, rig.window.presets.service.history.undo_label
    for _ in range(3):
        walk(browser)
    qtbot.waitUntil(lambda: bool(phrase_notes(rig)), timeout=2000)
    assert rig.store.patch.slot_a == 33
    QTest.keyClick(browser.list, Qt.Key.Key_Escape)
    assert not browser.isVisible()
    assert (rig.store.state.patch, rig.store.state.preset, rig.store.state.pad) == (
        before.patch,
        before.preset,
        before.pad,
    )
    assert rig.audio.patch == before.patch
    assert SoundOff(PHRASE_CHANNEL) in rig.audio.sent
    assert rig.window.presets.service.history.undo_label == label
    assert not rig.window.phrases.playing


@pytest.mark.parametrize("how", ["Enter", "button", "double-click"])
def test_choosing_is_one_undo_step(rig: Rig, browser: PresetBrowser, how: str) -> None:
    before = rig.store.patch
    for _ in range(2):
        walk(browser)
    if how == "Enter":
        QTest.keyClick(browser.list, Qt.Key.Key_Return)
    elif how == "button":
        QTest.mouseClick(browser.use, Qt.MouseButton.LeftButton)
    else:
        item = browser.list.currentItem()
        assert item is not None
        at = browser.list.visualItemRect(item).center()
        QTest.mouseClick(browser.list.viewport(), Qt.MouseButton.LeftButton, pos=at)
        QTest.mouseDClick(browser.list.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert not browser.isVisible()
    assert rig.store.patch.slot_a == 12
    assert not any(rig.store.patch.offset)
    undo = rig.window.presets.undo.undo_action
    assert undo.text() == "Undo Preset Sea"
    undo.trigger()
    assert rig.store.patch == before


@pytest.mark.parametrize("leave", [Qt.Key.Key_Return, Qt.Key.Key_Escape, "breed", "sounds", "find"])
def test_no_phrase_goes_on_after_its_page_is_left(
    rig: Rig, browser: PresetBrowser, leave: Qt.Key | str, qtbot: QtBot
) -> None:
    pages = rig.window.pages
    walk(browser)
    qtbot.waitUntil(lambda: bool(phrase_notes(rig)), timeout=2000)
    rig.audio.sent.clear()
    if isinstance(leave, Qt.Key):
        QTest.keyClick(browser.list, leave)
    else:
        {"breed": pages.toggle_breed, "sounds": pages.toggle_sounds, "find": pages.toggle_find}[leave]()
    assert not browser.isVisible()
    assert not rig.window.phrases.playing
    assert SoundOff(PHRASE_CHANNEL) in rig.audio.sent
    assert (rig.store.patch.slot_a == 26) == (leave in (Qt.Key.Key_Return, "breed"))


def test_a_move_of_a_slider_chooses(rig: Rig, browser: PresetBrowser) -> None:
    walk(browser)
    rig.window.work.envelope.knobs["sustain"].change(0.5)
    QTest.keyClick(browser.list, Qt.Key.Key_Escape)
    assert (rig.store.patch.slot_a, rig.store.patch.value("sustain")) == (26, 0.5)
    rig.window.presets.undo.undo_action.trigger()
    assert rig.window.presets.undo.undo_action.text() == "Undo Preset Deep"


def test_the_piano_plays_the_preset_that_is_heard(rig: Rig, browser: PresetBrowser, qtbot: QtBot) -> None:
    walk(browser)
    qtbot.waitUntil(lambda: bool(phrase_notes(rig)), timeout=2000)
    QTest.keyPress(rig.window.windowHandle(), Qt.Key.Key_D)
    assert not rig.window.phrases.playing, "whoever plays needs no phrase"
    rig.audio.sent.clear()
    walk(browser)
    QTest.qWait(150)
    assert rig.store.patch.slot_a == 12, "the held key goes on in the next preset"
    assert phrase_notes(rig) == []
    QTest.keyRelease(rig.window.windowHandle(), Qt.Key.Key_D)


def test_phrases_can_be_turned_off(rig: Rig, browser: PresetBrowser) -> None:
    QTest.mouseClick(browser.phrases, Qt.MouseButton.LeftButton)
    walk(browser)
    QTest.qWait(150)
    assert rig.store.patch.slot_a == 26
    assert phrase_notes(rig) == []
    assert not rig.window.pages.breed.phrases.isChecked(), "both pages show it"
    QTest.mouseClick(browser.phrases, Qt.MouseButton.LeftButton)
    item = browser.list.currentItem()
    assert item is not None
    at = browser.list.visualItemRect(item).topLeft() + QPoint(browser.list.columnViewportPosition(1) + 5, 5)
    QTest.mouseClick(browser.list.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert rig.window.phrases.playing, "a click on the marked row plays it again"


def _record(rig: Rig) -> None:
    rig.window.record.toggle()


def _arm(rig: Rig) -> None:
    rig.window.automation.toggle_record()


def _start_sequencer(rig: Rig) -> None:
    rig.window.handle_report(MidiPlayed((), frozenset({60}), sequencer_runs=True))


@pytest.mark.parametrize("begin", [_record, _arm, _start_sequencer])
def test_recordings_and_songs_are_not_disturbed(rig: Rig, browser: PresetBrowser, begin: Callable[[Rig], None]) -> None:
    begin(rig)
    before = rig.store.patch
    rig.audio.sent.clear()
    for _ in range(3):
        walk(browser)
    QTest.qWait(150)
    assert rig.audio.sent == []
    assert rig.store.patch == before
    assert browser.list.current_key() == "user/sea"
    assert "Enter takes one" in browser.about.text()
    QTest.keyClick(browser.list, Qt.Key.Key_Return)
    assert rig.store.patch.slot_a == 12
    assert rig.window.presets.undo.undo_action.text() == "Undo Preset Sea"


def test_a_recording_that_begins_meanwhile_keeps_its_sound(rig: Rig, browser: PresetBrowser) -> None:
    walk(browser)
    heard = rig.store.patch
    rig.window.record.toggle()
    assert not rig.window.phrases.playing, "the phrase is not recorded"
    QTest.keyClick(browser.list, Qt.Key.Key_Escape)
    assert rig.store.patch == heard


def test_nearest_first_sorts_by_the_sound_that_was_there(rig: Rig, browser: PresetBrowser, qtbot: QtBot) -> None:
    """The present sound is that of Sea, a little moved; the order stays while one listens."""
    browser.order.setCurrentIndex(1)
    qtbot.waitUntil(lambda: browser.list.headerItem().text(3) == "Distance", timeout=120_000)
    assert browser.list.shown_keys()[0] == "user/sea"
    column = [float(item.text(3)) for item in browser.list.rows()[:3]]
    assert len(column) == 3
    assert column == sorted(column)
    assert column[0] < 0.5 * column[1]
    order = browser.list.shown_keys()
    for _ in range(3):
        walk(browser)
    assert browser.list.shown_keys() == order
    assert rig.store.patch.slot_a != 12
    rig.window._build(rig.window.work.chosen_pages())  # as for another theme or zoom
    browser = rig.window.pages.browser
    qtbot.waitUntil(lambda: browser.list.shown_keys() == order, timeout=10_000)
    browser.order.setCurrentIndex(0)
    assert browser.list.headerItem().text(3) == "Tags"


def test_the_order_is_computed_beside_the_windows_thread(rig: Rig, browser: PresetBrowser, qtbot: QtBot) -> None:
    import threading

    seen: list[bool] = []
    measure = np.linalg.norm

    def norm(*args: Any, **options: Any) -> Any:
        seen.append(threading.current_thread() is threading.main_thread())
        return measure(*args, **options)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("synth_app.session.find.search.np.linalg.norm", norm)
        browser.order.setCurrentIndex(1)
        qtbot.waitUntil(lambda: browser.list.headerItem().text(3) == "Distance", timeout=120_000)
    assert seen
    assert not any(seen)


def test_the_window_closes_with_the_earlier_sound(rig: Rig, browser: PresetBrowser) -> None:
    before = rig.store.patch
    walk(browser)
    rig.window.close()
    assert rig.store.patch == before


def test_a_screen_reader_can_follow(rig: Rig, browser: PresetBrowser) -> None:
    for widget, name in (
        (browser, "Preset browser"), (browser.search, "Search presets"), (browser.categories, "Category"),
        (browser.tag, "Tag"), (browser.order, "Order"), (browser.list, "Presets"), (browser.phrases, "Play phrases"),
        (browser.menu_button, "Preset actions"), (browser.close_button, "Close this page"),
    ):  # fmt: skip
        assert widget.accessibleName() == name
        node = QAccessible.queryAccessibleInterface(widget)
        assert node is not None
        assert node.text(QAccessible.Text.Name), "a picker's name is its choice"
