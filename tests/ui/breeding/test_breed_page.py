"""Breeding in the window: heard by the keys 1 to 4, picked, and gone back along the trail; by keyboard alone."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from synth_app.export.sounds.tasks import SoundAnswer, SoundTask
from synth_app.patch import NoteOn
from synth_app.session.breeding.breed import Breeder
from synth_app.support.errors import UserError
from synth_app.ui.breeding.breed_page import BreedPage
from synth_app.ui.keyboard.phrase_player import PHRASE_CHANNEL
from tests.ui.conftest import Rig

BREEDER = Breeder()


def bred(rig: Rig, qtbot: QtBot) -> None:
    """Wait for four variations."""
    breeding = rig.window.breeding
    qtbot.waitUntil(lambda: not breeding.busy and breeding.generation is not None, timeout=120_000)
    assert breeding.problem == ""
    assert all(card.isEnabled() for card in rig.window.pages.breed.cards)


@pytest.fixture
def page(rig: Rig, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> BreedPage:
    """The open page with four variations of one note, which are not rendered to measure them."""
    monkeypatch.setattr("synth_app.export.sounds.perform._breeder", lambda: BREEDER)
    qtbot.waitUntil(rig.window.isActiveWindow)
    QTest.keyClick(rig.window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    bred(rig, qtbot)
    rig.audio.sent.clear()
    return rig.window.pages.breed


def test_keys_let_variations_be_heard_and_enter_picks(rig: Rig, page: BreedPage, qtbot: QtBot) -> None:
    parent, undo = rig.store.patch, rig.window.presets.undo.undo_action
    heard = []
    for i, key in enumerate((Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3, Qt.Key.Key_4)):
        QTest.keyClick(page, key)
        assert rig.window.breeding.heard == i
        assert rig.audio.patch == rig.store.patch
        heard.append(rig.store.patch.settings)
    assert len(set(heard)) == 4
    qtbot.waitUntil(
        lambda: any(isinstance(m, NoteOn) and m.channel == PHRASE_CHANNEL for m in rig.audio.sent), timeout=2000
    )
    QTest.keyClick(page, Qt.Key.Key_0)
    assert rig.store.patch == parent
    QTest.keyClick(page, Qt.Key.Key_3)
    QTest.keyClick(page, Qt.Key.Key_Return)
    assert rig.store.patch.settings == heard[2]
    assert undo.text() == "Undo Variation 3"
    bred(rig, qtbot)
    assert page.trail.count() == 2
    undo.trigger()
    assert rig.store.patch == parent
    assert page.trail.currentRow() == 0, "the trail follows undo"


def test_the_digits_work_from_everywhere_but_a_text_field(rig: Rig, page: BreedPage) -> None:
    work = rig.window.work
    for widget in (work.envelope.knobs["sustain"], work.latent.handles.sliders[0], work, work.play):
        widget.setFocus()
        QTest.keyClick(widget, Qt.Key.Key_2)
        assert rig.window.breeding.heard == 1
        QTest.keyClick(widget, Qt.Key.Key_0)
        assert rig.window.breeding.heard is None
    rig.window.pages.toggle_browser()
    QTest.keyClick(rig.window.pages.browser.search, Qt.Key.Key_2)
    assert rig.window.breeding.heard is None
    assert rig.window.pages.browser.search.text() == "2"


def test_the_morph_pad_keeps_its_digits(rig: Rig, page: BreedPage) -> None:
    rig.window.work.pad.modes.buttons["morph"].click()
    pad = rig.window.work.pad.morph.pad
    pad.setFocus()
    chosen: list[int] = []
    pad.corner_requested.connect(lambda corner, *_: chosen.append(corner))
    QTest.keyClick(pad, Qt.Key.Key_2)
    assert rig.window.breeding.heard is None
    assert chosen == [1]


def test_the_mouse_hears_and_picks(rig: Rig, page: BreedPage, qtbot: QtBot) -> None:
    QTest.mouseClick(page.cards[1], Qt.MouseButton.LeftButton)
    assert rig.window.breeding.heard == 1
    QTest.mouseClick(page.parent_button, Qt.MouseButton.LeftButton)
    assert rig.window.breeding.heard is None
    QTest.mouseDClick(page.cards[3], Qt.MouseButton.LeftButton)
    assert rig.window.presets.undo.undo_action.text() == "Undo Variation 4"
    bred(rig, qtbot)
    assert rig.window.breeding.trail.generations[1].picked == 3


def test_the_trail_goes_back_to_the_same_variations(rig: Rig, page: BreedPage, qtbot: QtBot) -> None:
    parent, first = rig.store.patch, rig.window.breeding.generation
    for key in (Qt.Key.Key_1, Qt.Key.Key_2):
        QTest.keyClick(page, key)
        QTest.keyClick(page, Qt.Key.Key_Return)
        bred(rig, qtbot)
    assert [page.trail.item(i).text() for i in range(3)] == ["Start", "1", "2"]
    page.trail.setFocus()
    QTest.keyClick(page.trail, Qt.Key.Key_Left)
    QTest.keyClick(page.trail, Qt.Key.Key_Left)
    QTest.keyClick(page.trail, Qt.Key.Key_Return)
    assert rig.window.presets.service.history.undo_label == "Start", "as the trail calls it"
    assert rig.store.patch == parent
    assert rig.window.breeding.generation == first
    assert page.trail.count() == 3, "the way forward stays until another pick"
    rig.window.presets.undo.undo_action.trigger()
    assert rig.window.breeding.trail.at == 2


def test_undo_while_the_next_are_bred_shows_those_before(rig: Rig, page: BreedPage, qtbot: QtBot) -> None:
    first, breeding = rig.window.breeding.generation, rig.window.breeding
    rig.fakes.worker.held = True
    QTest.keyClick(page, Qt.Key.Key_1)
    QTest.keyClick(page, Qt.Key.Key_Return)
    assert breeding.busy
    rig.window.presets.undo.undo_action.trigger()
    rig.fakes.worker.held = False
    qtbot.waitUntil(lambda: not rig.fakes.worker.busy, timeout=60_000)  # what was being bred is handed on
    assert (breeding.trail.at, breeding.generation, breeding.busy) == (0, first, False)
    rig.window.presets.undo.redo_action.trigger()
    bred(rig, qtbot)
    assert breeding.trail.at == 1
    assert breeding.generation is not None
    assert first is not None
    assert breeding.generation.parent == first.variations[0].patch.settings


def test_only_the_latest_of_several_requests_waits(rig: Rig, page: BreedPage, qtbot: QtBot) -> None:
    worker, breeding = rig.fakes.worker, rig.window.breeding
    worker.held = True
    for step in (0.5, 0.7, 1.0):
        breeding.step = step
        breeding.again()
    assert len(worker.tasks) == 1
    worker.held = False
    bred(rig, qtbot)
    generation = breeding.generation
    assert generation is not None
    assert not worker.tasks
    assert min(each.distance_db for each in generation.variations) > 4.0, "of the step 1.0"


def test_a_problem_of_the_worker_is_shown(rig: Rig, page: BreedPage, qtbot: QtBot) -> None:
    def refuse(_task: SoundTask, _folder: Path, _send: Callable[[SoundAnswer], None]) -> None:
        raise UserError("too little to vary")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("tests.ui.fakes.perform", refuse)
        QTest.mouseClick(page.again, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: not rig.window.breeding.busy, timeout=5000)
    assert page.note.text() == "Too little to vary"


def test_an_earlier_parent_is_found_again_after_the_page_was_closed(rig: Rig, page: BreedPage, qtbot: QtBot) -> None:
    first = rig.window.breeding.generation
    QTest.keyClick(page, Qt.Key.Key_1)
    QTest.keyClick(page, Qt.Key.Key_Return)
    bred(rig, qtbot)
    QTest.keyClick(page, Qt.Key.Key_Escape)
    rig.window.presets.undo.undo_action.trigger()
    rig.window.pages.toggle_breed()
    assert rig.window.breeding.parent_sounds
    assert rig.window.breeding.generation == first
    assert page.trail.currentRow() == 0


def test_leaving_returns_to_the_last_pick(rig: Rig, page: BreedPage, qtbot: QtBot) -> None:
    QTest.keyClick(page, Qt.Key.Key_4)
    QTest.keyClick(page, Qt.Key.Key_Return)
    bred(rig, qtbot)
    picked = rig.store.patch
    QTest.keyClick(page, Qt.Key.Key_1)
    assert rig.store.patch != picked
    QTest.keyClick(page, Qt.Key.Key_0)
    assert rig.window.phrases.playing, "the parent's"
    QTest.keyClick(page, Qt.Key.Key_Escape)
    assert not page.isVisible()
    assert not rig.window.phrases.playing
    assert rig.store.patch == picked
    QTest.keyClick(rig.window.work, Qt.Key.Key_1)
    assert rig.store.patch == picked, "the digits are free again"


def test_an_edited_sound_goes_on_in_the_trail(rig: Rig, page: BreedPage, qtbot: QtBot) -> None:
    QTest.keyClick(page, Qt.Key.Key_2)
    rig.store.set_param("sustain", 0.7)
    assert rig.window.breeding.heard is None
    assert "has changed" in page.note.text()
    QTest.mouseClick(page.again, Qt.MouseButton.LeftButton)
    bred(rig, qtbot)
    assert [page.trail.item(i).text() for i in range(2)] == ["Start", "Edited"]
    generation = rig.window.breeding.generation
    assert generation is not None
    assert generation.parent.value("sustain") == 0.7
    assert all(each.patch.value("sustain") == 0.7 for each in generation.variations)


def test_the_step_breeds_again_further_away(rig: Rig, page: BreedPage, qtbot: QtBot) -> None:
    def mean_distance() -> float:
        generation = rig.window.breeding.generation
        assert generation is not None
        return sum(each.distance_db for each in generation.variations) / 4

    before = mean_distance()
    page.step.change(1.0)
    qtbot.waitUntil(lambda: rig.window.breeding.busy, timeout=2000)
    bred(rig, qtbot)
    assert mean_distance() > 1.5 * before


def test_a_recording_is_not_disturbed(rig: Rig, page: BreedPage) -> None:
    before = rig.store.patch
    rig.window.record.toggle()
    QTest.keyClick(page, Qt.Key.Key_1)
    assert rig.store.patch == before
    assert "A recording runs" in page.note.text()


def test_a_pick_is_saved_as_a_preset_as_always(rig: Rig, page: BreedPage, qtbot: QtBot) -> None:
    QTest.keyClick(page, Qt.Key.Key_3)
    QTest.keyClick(page, Qt.Key.Key_Return)
    bred(rig, qtbot)
    rig.window.presets.library.save_new("Bred", "lead", ())
    picked = rig.store.patch
    rig.store.slots.choose("a", 3)
    rig.window.presets.playback.load("user/bred")
    assert rig.store.patch.params == pytest.approx(picked.params)
    assert rig.store.patch.offset == pytest.approx(picked.offset, abs=1e-6)
    assert rig.store.patch.offset_db == pytest.approx(picked.offset_db)


def test_the_page_fits_and_survives_a_rebuild(rig: Rig, page: BreedPage) -> None:
    QTest.keyClick(page, Qt.Key.Key_2)
    heard, trail = rig.store.patch, rig.window.breeding.trail
    for size in ((1024, 600), (2560, 1440), (1280, 720)):
        rig.window.resize(*size)
        rig.window.appearance.follow_size()
        QApplication.processEvents()
        now = rig.window.pages.breed
        assert now.isVisible()
        for inner in (*now.cards, now.step, now.pick, now.again, now.trail, now.tools.fader, now.tools.locks):
            assert now.rect().contains(QRect(inner.mapTo(now, QPoint(0, 0)), inner.size()))
        assert (rig.store.patch, rig.window.breeding.trail) == (heard, trail)
        assert rig.window.breeding.heard == 1


def test_a_screen_reader_can_follow(rig: Rig, page: BreedPage) -> None:
    QTest.keyClick(page, Qt.Key.Key_2)
    node = QAccessible.queryAccessibleInterface(page.cards[1])
    assert node is not None
    assert node.text(QAccessible.Text.Name) == "Variation 2"
    assert "heard" in node.text(QAccessible.Text.Description)
    for widget, name in ((page.trail, "Trail of generations"), (page.step, "Step"), (page, "Breed variations")):
        node = QAccessible.queryAccessibleInterface(widget)
        assert node is not None
        assert node.text(QAccessible.Text.Name) == name
