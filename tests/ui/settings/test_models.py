"""Models in the window: list, load, restore, refuse and import."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from synth_app.patch import SetPatch
from synth_app.ui.settings.model_loader import copy_model
from synth_app.ui.theme.theme import px
from tests.ui.conftest import Rig
from tests.ui.model_fixture import make_model


def test_start_loads_the_first_usable_and_shows_the_damaged(empty_rig: Rig, qtbot: QtBot) -> None:
    with qtbot.waitSignal(empty_rig.window.models.loader.loaded, timeout=10_000):
        empty_rig.window.start()
    picker = empty_rig.window.work.bar.picker
    assert [path.stem for path in picker.usable()] == ["first", "wide"]
    broken = picker.box.model().index(0, 0)
    assert "broken" in broken.data()
    assert not broken.flags() & Qt.ItemFlag.ItemIsEnabled
    assert "broken.safetensors" in broken.data(Qt.ItemDataRole.ToolTipRole)
    assert picker.box.currentText() == "Test PCA 16"
    assert isinstance(empty_rig.audio.sent[-1], SetPatch)
    with qtbot.waitSignal(empty_rig.window.models.loader.loaded, timeout=10_000):
        QTest.mouseClick(picker.next, Qt.MouseButton.LeftButton)
    assert len(empty_rig.window.work.latent.sliders) == 24
    assert picker.box.currentText() == "Wide"
    assert Path(empty_rig.audio.patch.model).stem == "wide"


def laid_out_width(box: QComboBox, qtbot: QtBot) -> int:
    """Wait until the bar has given a list the width that it asks for, and return it."""
    qtbot.waitUntil(lambda: box.width() == box.sizeHint().width(), timeout=5_000)
    return box.width()


def test_the_first_list_is_as_wide_as_that_of_a_rebuilt_window(empty_rig: Rig, qtbot: QtBot) -> None:
    window = empty_rig.window
    window.resize(1280, 720)
    with qtbot.waitSignals([window.models.loader.listed, window.models.loader.loaded], timeout=10_000):
        window.start()
    qtbot.waitUntil(lambda: not window.work.bar.picker.cancel.isVisible(), timeout=10_000)  # it takes room of the list
    entry = next(each for each in window.models.entries if each.card is not None)
    assert entry.card is not None
    named = replace(entry, card=entry.card.model_copy(update={"title": "A model with a rather long title"}))
    window.models._show_entries((named,), "")
    first = laid_out_width(window.work.bar.picker.box, qtbot)
    window.appearance.set_theme("light")
    assert laid_out_width(window.work.bar.picker.box, qtbot) == first > px(186)


def test_start_loads_the_model_of_the_session(empty_rig: Rig, model_path: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignal(empty_rig.window.models.loader.loaded, timeout=10_000):
        empty_rig.window.start(str(model_path.parent / "wide.safetensors"))
    assert len(empty_rig.window.work.latent.sliders) == 24


def test_a_model_that_fails_to_load_changes_nothing(rig: Rig, model_path: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignal(rig.window.models.loader.failed, timeout=10_000):
        rig.window.models.load(model_path.parent / "broken.safetensors")
    assert "broken.safetensors" in rig.window.work.status.message.text()
    assert rig.store.patch.model == str(model_path)
    assert rig.audio.sent == []


def test_only_the_latest_load_counts_and_cancel_discards_it(rig: Rig, model_path: Path, qtbot: QtBot) -> None:
    loaded: list[object] = []
    rig.window.models.loader.loaded.connect(lambda _, path: loaded.append(path))
    wide = model_path.parent / "wide.safetensors"
    rig.window.models.load(wide)
    rig.window.models.load(model_path)
    assert rig.window.work.bar.picker.cancel.isVisible()
    qtbot.waitUntil(lambda: len(loaded) == 1, timeout=10_000)
    rig.window.models.load(wide)
    QTest.mouseClick(rig.window.work.bar.picker.cancel, Qt.MouseButton.LeftButton)
    for thread in list(rig.window.models.loader._threads):
        thread.join()
    qtbot.wait(50)
    assert loaded == [model_path]
    assert not rig.window.work.bar.picker.cancel.isVisible()


def test_without_any_model_the_message_names_a_remedy(
    empty_rig: Rig, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("synth_app.modelfile.catalog.model_folders", lambda: (tmp_path,))
    with qtbot.waitSignal(empty_rig.window.problem):
        empty_rig.window.start()
    assert str(tmp_path) in empty_rig.window.work.status.message.text()
    assert "Import model file" in empty_rig.window.work.status.message.text()
    assert empty_rig.window.dialogs.open_export() is None


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
