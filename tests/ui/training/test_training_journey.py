"""Folder, check, training, model, preset, pack, and the pack on a fresh home: all in real windows."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QInputDialog, QPushButton
from pytestqt.qtbot import QtBot

from synth_app.modelfile import load_model_file, read_card
from synth_app.session.presets.preset_capture import card_digest
from synth_app.session.sounds.sound_library import SoundLibrary
from synth_app.session.trainings.library import TrainingLibrary
from synth_app.session.trainings.own_models import own_models
from synth_app.ui.training.check_page import CheckPage
from synth_app.ui.training.own_lists import OwnLists
from synth_app.ui.training.start_page import StartPage
from synth_app.ui.widgets.toast import toast_of
from tests.ui.conftest import Rig
from tests.ui.training.steps import checked, click, open_start, run_page, wait_for

pytestmark = pytest.mark.timeout(900)  # processes start, import torch and train


def test_from_a_folder_to_a_pack_on_a_fresh_home(
    rig: Rig, qtbot: QtBot, home: Path, source: Path, base: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = train(rig, qtbot, source, base)
    key = save_and_rename(rig, qtbot, path)
    out = tmp_path / "pluck.synthpack"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(out), ""))
    dialog = rig.window.packs.share(path)
    assert dialog.name.text() == "Bright Pluck"
    assert rig.window.packs.share(path) is rig.window.packs.share() is dialog, "one dialog, however often it is opened"
    click(dialog.save)
    wait_for(qtbot, lambda: out.exists() and rig.window.packs._job is None)

    fresh, presets = tmp_path / "fresh", rig.fakes.services.presets
    monkeypatch.setenv("XDG_DATA_HOME", str(fresh / "data"))
    monkeypatch.setenv("SYNTH_APP_SOUNDS", str(fresh / "sounds"))
    presets.delete(key)
    path.unlink()
    rig.window.drop.handle_files([out])
    wait_for(qtbot, lambda: bool(own_models()) and rig.store.patch.model.startswith(str(fresh)))
    assert [each.card.title for each in own_models() if each.card] == ["Bright Pluck"]
    rig.window.presets.playback.load(presets.named("My Pluck Preset").key)
    wait_for(qtbot, lambda: rig.window.presets.state.title() == "My Pluck Preset")
    assert not SoundLibrary().entries()


def train(rig: Rig, qtbot: QtBot, source: Path, base: Path) -> Path:
    """Check the folder, choose what to do with its problems, train, and listen meanwhile; return the model's file."""
    control = rig.window.training
    page = open_start(rig, source, base)
    assert page.name.text() == "pluck"
    click(page.check)
    check = checked(rig, qtbot)
    assert next(iter(check.pickers.values())).hasFocus()
    kinds = {problem.kind: picker for problem, picker in check.pickers.items()}
    assert kinds.keys() == {"silent", "late", "no pitch"}
    assert kinds["late"].currentText() == "Fix it"
    assert "13 of 15 recordings are used" in check.summary.text()
    hiss = kinds["no pitch"]
    hiss.setCurrentIndex(hiss.findData(72))
    hiss.activated.emit(hiss.currentIndex())
    assert "14 of 15 recordings are used" in check.summary.text()
    click(check.train)
    wait_for(qtbot, lambda: control.state is not None and bool(control.state.epochs))
    run = run_page(rig)
    assert run.models.item(0).text() == "PCA"
    assert len(run.valid_curve.getData()[0]) >= 1
    run.models.setCurrentRow(0)
    click(run.listen)  # while the training goes on
    picker = rig.window.work.bar.picker.box
    wait_for(qtbot, lambda: picker.placeholderText() != "No model")
    assert picker.currentIndex() == -1, "the list of models does not have it"
    assert rig.store.model.card.axis_names  # type: ignore[union-attr]  # it is loaded
    wait_for(qtbot, lambda: not control.running)
    assert control.state is not None
    assert control.state.error == ""
    assert control.state.done is not None
    models = run_page(rig).models
    assert models.currentRow() == 0, "the user's choice stays while epochs come"
    assert models.item(models.count() - 1).text() == "The finished model"
    assert "On 1 note that it did not learn from" in run_page(rig).verdict.text()
    path = control.state.done.path
    assert read_card(path).title == "pluck"
    assert {note.pitch for note in load_model_file(path).bank} == {*range(48, 60), 61, 72}
    return path


def save_and_rename(rig: Rig, qtbot: QtBot, path: Path) -> str:
    """Play the model, save a preset, and rename the model; the preset follows. Return the preset's key."""
    rig.window.models.load(path)
    wait_for(qtbot, lambda: rig.store.patch.model == str(path))
    saved = rig.window.presets.service.save_as("My Pluck Preset", "keys", ())
    click(run_page(rig).back)
    window = rig.window.training.open()
    (lists,) = window.findChildren(OwnLists)
    click(lists.model_buttons[1])
    (dialog,) = window.findChildren(QInputDialog)
    assert dialog.textValue() == "pluck"
    dialog.setTextValue(" Bright  Pluck ")
    dialog.accept()
    assert [each.card.title for each in own_models() if each.card] == ["Bright Pluck"]
    mark = rig.fakes.services.presets.find(saved.key).preset.model  # type: ignore[union-attr]  # it is there
    assert mark is not None
    assert mark.title == "Bright Pluck"
    wait_for(qtbot, lambda: rig.window.work.bar.picker.box.placeholderText() == "Bright Pluck")
    later = rig.window.presets.service.save_as("My Later Preset", "keys", ())
    assert later.preset.model == mark, "the loaded model has the new title too"
    return saved.key


def test_a_training_is_paused_stopped_and_goes_on(rig: Rig, qtbot: QtBot, home: Path, source: Path, base: Path) -> None:
    control = rig.window.training
    page = open_start(rig, source, base)
    click(page.check)
    click(checked(rig, qtbot, epochs=4).train)
    wait_for(qtbot, lambda: control.state is not None and bool(control.state.epochs))
    click(run_page(rig).pause)
    assert run_page(rig).status.text() == "Paused"
    assert run_page(rig).pause.text() == "Go on"
    click(run_page(rig).pause)
    assert run_page(rig).pause.text() == "Pause"
    click(run_page(rig).stop)
    assert not control.running
    assert run_page(rig).status.text().startswith("Stopped")
    (entry,) = TrainingLibrary().entries()
    assert not entry.finished
    click(run_page(rig).pause)  # it says "Go on" now
    click(run_page(rig).back)
    start = control.open().page
    assert isinstance(start, StartPage)
    assert start.lists.trainings.item(0).text().endswith("is being trained")
    assert not start.lists.model_buttons[0].isVisible(), "there is no model yet"
    wait_for(qtbot, lambda: not control.running)
    assert control.state is not None
    assert control.state.done is not None
    assert start.lists.trainings.item(0).text().endswith("finished")
    assert start.lists.model_buttons[0].isVisible(), "the new model is in the list at once"
    assert TrainingLibrary().entries()[0].finished


def test_what_cannot_be_trained_is_told(rig: Rig, qtbot: QtBot, home: Path, tmp_path: Path, base: Path) -> None:
    page = open_start(rig, tmp_path / "nowhere", base)
    click(page.check)
    assert "is not a folder" in page.problem.text()
    (tmp_path / "empty").mkdir()
    page.folder.setText(str(tmp_path / "empty"))
    page.licence.setCurrentText("")
    click(page.check)
    assert "whose recordings" in page.problem.text()
    assert page.window().focusWidget() in (page.licence, page.licence.lineEdit())
    page.licence.setCurrentText("CC0")
    QTest.keyClick(page.name, Qt.Key.Key_Return)  # as a click on the button
    window = rig.window.training.open()
    assert isinstance(window.page, CheckPage)
    wait_for(qtbot, lambda: isinstance(window.page, StartPage))
    assert window.problem.isVisible(), "told where the user looks, not only behind this window"
    assert str(tmp_path / "empty") in window.problem.text()
    assert isinstance(window.page, StartPage)
    click(window.page.check)
    assert not window.problem.isVisible(), "the next try begins without it"


def test_models_are_deleted_and_come_back(
    rig: Rig, qtbot: QtBot, home: Path, base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = home / "data" / "synth_app" / "models"
    folder.mkdir(parents=True)
    (folder / "base.safetensors").write_bytes(base.read_bytes())
    control = rig.window.training
    window = control.open()
    assert isinstance(window.page, StartPage)
    qtbot.waitUntil(window.isActiveWindow)
    title = read_card(base).title
    assert title != "base"
    for i, reply in enumerate(("Keep", "Delete")):
        click(window.page.lists.model_buttons[-1])
        question = control.own.question
        assert question is not None
        assert f"Delete the model {title}?" in question.text()
        assert str(folder / ".trash") in question.text()
        assert (folder / "base.safetensors").exists(), "it asks first"
        click(next(each for each in question.findChildren(QPushButton) if each.text() == reply))
        assert (folder / "base.safetensors").exists() == (i == 0)
    assert title in toast_of(window).text.text()
    assert not rig.window.toast.isVisible(), "it would be behind this window"
    click(toast_of(window).action)
    assert (folder / "base.safetensors").exists()
    control.own.rename(folder / "base.safetensors", "x" * 65)
    assert "64 characters" in window.problem.text()
    window.close()
    control.own.rename(folder / "base.safetensors", "x" * 65)
    assert "64 characters" in " ".join(rig.window.notices.problems), "in the main window once this one is closed"
    assert read_card(folder / "base.safetensors").title != "x" * 65


def test_a_renamed_model_that_plays_keeps_its_sound_and_marks_new_presets(
    rig: Rig, qtbot: QtBot, home: Path, base: Path
) -> None:
    folder = home / "data" / "synth_app" / "models"
    folder.mkdir(parents=True)
    path = folder / "base.safetensors"
    path.write_bytes(base.read_bytes())
    rig.window.models.load(path)
    wait_for(qtbot, lambda: rig.store.patch.model == str(path))
    rig.store.latents.set_many([(0, 0.5)])
    before, steps = rig.store.patch, rig.window.presets.service.history.steps
    rig.window.training.own.rename(path, "Another Base")
    wait_for(qtbot, lambda: rig.store.model is not None and rig.store.model.card.title == "Another Base")
    assert rig.store.patch == before
    assert rig.window.presets.service.history.steps == steps
    mark = rig.window.presets.service.save_as("Mine", "keys", ()).preset.model
    assert mark is not None
    assert (mark.title, mark.digest) == ("Another Base", card_digest(read_card(path)))
