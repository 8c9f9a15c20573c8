"""The name of an exported file: complete, checked at once, and never over another file without a question."""

import os
from pathlib import Path

import pytest
from PySide6.QtTest import QTest

from synth_app.support.errors import UserError
from synth_app.support.file_names import free_path, with_ending
from synth_app.ui.files.export_target import export_path
from tests.ui.conftest import Rig
from tests.ui.window.test_window_dialogs import answer


@pytest.mark.parametrize(
    ("typed", "name"),
    [("a", "a.wav"), ("a.wav", "a.wav"), ("a.WAV", "a.WAV"), ("take 1.5", "take 1.5.wav"), ("v1.2 x", "v1.2 x.wav")],
)  # fmt: skip
def test_names_keep_their_dots(tmp_path: Path, typed: str, name: str) -> None:
    assert export_path(f"{tmp_path}/{typed}", tmp_path).name == name


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", "file is named"), ("{}/", "file is named"), ("{}/a\0b", "file is named"), ("{}", "is a folder"),
        ("{}/a.mp3", ".mp3 files cannot be written"), ("{}/a.AIFF", ".AIFF files cannot be written"),
        ("{}/missing/a.wav", "does not exist"), ("{}/file/a.wav", "does not exist"), ("{}/" + "x" * 300, "bytes"),
    ],
)  # fmt: skip
def test_unusable_names_are_refused_before_anything_is_rendered(
    rig: Rig, tmp_path: Path, typed: str, problem: str
) -> None:
    (tmp_path / "file").write_text("")
    dialog = rig.window.dialogs.open_export()
    assert dialog is not None
    dialog.path.setText(typed.format(tmp_path))
    dialog.export.click()
    assert rig.fakes.jobs == []
    if typed.count("\0") == 0:  # a line cannot hold it
        assert problem in dialog.problem.text()
    with pytest.raises(UserError, match=problem):
        export_path(typed.format(tmp_path), tmp_path / "music")


def test_a_folder_without_permission_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write everywhere
    with pytest.raises(UserError, match="cannot be written"):
        export_path(str(tmp_path / "a.wav"), tmp_path / "music")


def test_a_file_is_replaced_only_after_a_question(rig: Rig, tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_text("mine")
    dialog = rig.window.dialogs.open_export()
    assert dialog is not None
    dialog.path.setText(str(tmp_path / "a"))
    dialog.export.click()
    assert rig.fakes.jobs == []
    answer(dialog.question, "Cancel")
    QTest.qWait(1)
    assert rig.fakes.jobs == []
    dialog.export.click()
    answer(dialog.question, "Replace")
    assert rig.fakes.jobs[0].request.path == tmp_path / "a.wav"


def test_closing_the_dialog_asks_before_it_cancels(rig: Rig, tmp_path: Path) -> None:
    dialog = rig.window.dialogs.open_export()
    assert dialog is not None
    dialog.path.setText(str(tmp_path / "a.wav"))
    dialog.export.click()
    for close in (dialog.close, dialog.reject):
        close()
        assert dialog.isVisible()
        answer(dialog.question, "Go on")
        assert not rig.fakes.jobs[0].cancelled
    dialog.close()
    answer(dialog.question, "Cancel the export")
    assert rig.fakes.jobs[0].cancelled
    assert not dialog.isVisible()


def test_free_names_and_endings(tmp_path: Path) -> None:
    for name in ("a.wav", "a 2.wav", "a 3.wav"):
        assert free_path(tmp_path / "a.wav").name == name
        (tmp_path / name).write_text("")
    assert with_ending(Path("my.v1"), ".json") == Path("my.v1.json")
    assert with_ending(Path("my.JSON"), ".json") == Path("my.JSON")
