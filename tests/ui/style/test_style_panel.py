"""Slot S in the window: choose, drop, undo, render, cancel; the real worker thread solves the small model."""

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from synth_app.decoder import load_model
from synth_app.modelfile import find_model
from synth_app.patch import StyleTexture, UserNote
from synth_app.style import StyleSource
from synth_app.texture import synthesize_texture
from synth_app.ui.style.texture_view import texture_image
from tests.session.store.test_styles import texture
from tests.ui.conftest import Rig

SHIPPED = find_model("pitched-vae-48k")  # the windows of tests do not list it


class FakeJob:
    """A job that a test finishes."""

    made: ClassVar[list["FakeJob"]] = []  # one list for all jobs of a test

    def __init__(self, content: UserNote, taken: StyleTexture, amount: float, path: str) -> None:
        self.content, self.texture, self.amount, self.path = content, taken, amount, path
        self.note: UserNote | None = None
        self.error, self.fraction, self.cancelled = "", 0.0, False
        FakeJob.made.append(self)

    def start(self) -> None:
        self.fraction = 0.1

    def done(self) -> bool:
        return self.note is not None or bool(self.error)

    def progress(self) -> float:
        return self.fraction

    def cancel(self) -> None:
        self.cancelled = True


@pytest.fixture
def styled(rig: Rig, qtbot: QtBot) -> Rig:
    """A window whose slot S holds rain; its changes are solved for notes of a shipped model, which are long enough."""
    rig.store.load_model_data(load_model(SHIPPED), SHIPPED)
    rig.window.style_control._make_job = FakeJob
    FakeJob.made.clear()
    rig.window.work.deck.show_page("style")
    rig.window.style_control.choose(StyleSource("rain"))
    qtbot.waitUntil(lambda: not rig.window.style_control.busy, timeout=60_000)
    return rig


def entry(menu: QMenu, text: str) -> Callable[[], None]:
    return next(each for each in menu.actions() if each.text() == text).trigger


def test_a_chosen_texture_is_heard_shown_and_undone(styled: Rig) -> None:
    patch = styled.audio.patch
    assert patch.style_texture is not None
    assert patch.style_texture.name == "rain"
    assert patch.value("style") == 0.8
    assert None not in patch.style_changes, "the audio process gets what was solved"
    panel = styled.window.work.style_panel
    assert panel.card.accessibleName() == "Slot S: Rain, Texture · 6.0 s"
    assert panel.readout.text() == ""
    assert panel.render_button.isEnabled()
    styled.window.presets.service.history.undo()
    assert styled.audio.patch.style_texture is None
    assert panel.card.accessibleName() == "Slot S: Empty, Choose a texture"
    assert not panel.render_button.isEnabled()


def test_the_menu_offers_textures_notes_and_files(rig: Rig, qtbot: QtBot) -> None:
    panel = rig.window.work.style_panel
    rig.window.work.deck.show_page("style")
    menu = panel.open_menu()
    assert [each.text() for each in menu.actions() if each.text()] == [
        "Rain", "Wind", "Fire", "Engine", "Applause", "Note of the model…", "Sound file…", "Empty the slot",
    ]  # fmt: skip
    assert not menu.actions()[-1].isEnabled()
    entry(menu, "Engine")()
    menu.close()
    qtbot.waitUntil(lambda: rig.store.styles.texture is not None, timeout=60_000)
    menu = panel.open_menu()
    entry(menu, "Empty the slot")()
    menu.close()
    assert rig.store.styles.texture is None


def test_a_sound_dropped_on_the_panel_becomes_the_texture(rig: Rig, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "street.wav"
    soundfile.write(path, synthesize_texture("wind", 2.0, 48_000, 3), 48_000)
    rig.window.work.deck.show_page("style")
    panel = rig.window.work.style_panel
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    at = QPointF(panel.mapTo(rig.window, panel.rect().center()))
    event = QDropEvent(at, Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    assert rig.window.drop.eventFilter(rig.window, event)  # Qt hands a drop on only after a real drag
    assert rig.window.style_control.busy
    qtbot.waitUntil(lambda: rig.store.styles.texture is not None, timeout=60_000)
    assert rig.store.styles.texture is not None
    assert rig.store.styles.texture.name == "street"
    assert rig.store.patch.user_notes == (None, None), "the slots keep their notes"
    rig.window.work.deck.show_page("sound")
    assert not rig.window.drops.choose_texture(path, at), "another page is shown there"


def test_an_unusable_file_is_said_and_changes_nothing(rig: Rig, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "quiet.wav"
    soundfile.write(path, np.zeros(48_000), 48_000)
    with qtbot.waitSignal(rig.window.problem, timeout=60_000) as shown:
        rig.window.style_control.choose(StyleSource(path))
    assert "silent" in shown.args[0]
    assert rig.store.styles.texture is None


def test_the_knob_moves_the_parameter_and_follows_it(styled: Rig) -> None:
    panel = styled.window.work.style_panel
    panel.knob.moved.emit(0.25)
    assert styled.audio.patch.value("style") == 0.25
    styled.store.set_param("style", 0.6)
    assert panel.knob.value == 0.6


def test_rendering_shows_progress_and_makes_a_new_note(styled: Rig, qtbot: QtBot) -> None:
    panel, control = styled.window.work.style_panel, styled.window.style_control
    styled.store.set_param("style", 0.5)
    styled.store.set_morph(0.8)
    before = styled.store.patch
    panel.render_button.click()
    job = FakeJob.made[-1]
    assert job.content == UserNote.of(styled.store.bank[before.slot_b])
    assert (job.amount, job.texture) == (0.5, before.style_texture)
    job.fraction = 0.43
    qtbot.waitUntil(lambda: panel.readout.text() == "Rendering 43 %", timeout=5000)
    assert panel.render_button.text() == "Cancel"
    job.note = UserNote.of(styled.store.bank[1])
    qtbot.waitUntil(lambda: control.rendering is None, timeout=5000)
    assert styled.store.patch.user_notes[1] == job.note
    assert styled.store.patch.value("style") == 0.0
    assert styled.window.presets.service.history.undo_label == "Rendered style"
    styled.window.presets.service.history.undo()
    assert styled.store.patch.settings == before.settings


def test_rendering_can_be_cancelled_and_a_failure_is_said(styled: Rig, qtbot: QtBot) -> None:
    panel, before = styled.window.work.style_panel, styled.store.patch
    for _ in range(2):
        panel.render_button.click()
    assert FakeJob.made[-1].cancelled
    assert panel.render_button.text() == "Render"
    panel.render_button.click()
    with qtbot.waitSignal(styled.window.problem, timeout=5000) as shown:
        FakeJob.made[-1].error = "no memory is left; close other programs"
    assert "no memory" in shown.args[0]
    assert styled.store.patch == before


def test_another_model_ends_the_rendering_and_keeps_the_texture(styled: Rig) -> None:
    styled.window.style_control.render()
    model = styled.store.model
    assert model is not None
    styled.store.load_model_data(model, styled.store.patch.model)
    assert FakeJob.made[-1].cancelled
    assert styled.store.styles.texture is not None


def test_the_picture_is_dark_where_nothing_is_heard(rig: Rig) -> None:
    image = texture_image(texture(frames=40))
    assert (image.width(), image.height()) == (40, 16)
    assert len({image.pixel(x, 3) for x in range(40)}) > 10
