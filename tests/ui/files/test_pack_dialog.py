"""Sharing as one file: no file is replaced without a question, and the message names the file that was written."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractButton, QFileDialog, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from synth_app.export.jobs.pack_job import PackRequest
from synth_app.session.packs import PackTexts
from synth_app.ui.files.pack_dialog import PackContents, PackDialog
from tests.ui.conftest import Rig


class Bench:
    """The dialog with one model, which is ticked, and what it writes."""

    def __init__(self, folder: Path, parent: QWidget) -> None:
        self.written: list[Path] = []
        self.parent = parent  # it owns the dialog
        model = folder / "tiny.safetensors"
        contents = PackContents((("Tiny", model),), (), ())
        self.dialog = PackDialog(contents, model, lambda _: False, self._write, parent)

    def _write(self, request: PackRequest) -> None:
        self.written.append(request.out)

    def answer(self, text: str) -> None:
        assert self.dialog.question is not None
        buttons: list[QAbstractButton] = self.dialog.question.buttons()
        next(each for each in buttons if each.text() == text).click()


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Bench:
    parent = QWidget()
    qtbot.addWidget(parent)
    return Bench(tmp_path, parent)


def choose(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))


def test_a_file_whose_ending_was_added_is_not_replaced_without_a_question(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = tmp_path / "mine.synthpack"
    there.write_bytes(b"x")
    choose(monkeypatch, tmp_path / "mine")
    bench.dialog.save.click()
    assert bench.written == []
    assert isinstance(bench.dialog.question, QMessageBox)
    assert "mine.synthpack already exists" in bench.dialog.question.text()
    bench.answer("Cancel")
    assert bench.written == []
    bench.dialog.save.click()
    bench.answer("Replace")
    assert bench.written == [there]


@pytest.mark.parametrize("name", ["new", "new.synthpack", "mine.synthpack"])
def test_other_names_need_no_second_question(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / "mine.synthpack").write_bytes(b"x")
    choose(monkeypatch, tmp_path / name)
    bench.dialog.save.click()
    assert [each.name for each in bench.written] == [name if "." in name else "new.synthpack"]
    assert bench.dialog.question is None


def test_a_refused_request_does_not_change_the_name_of_the_running_one(rig: Rig, tmp_path: Path) -> None:
    packs = rig.window.packs
    first, second = (PackRequest(tmp_path / f"{name}.synthpack", PackTexts(name)) for name in ("first", "second"))
    packs.write(first)
    packs.write(second)
    assert packs._out == first.out
    packs.close()
