"""The export dialog offers the formats of the registry, also one from outside the package."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from synth_app.export import FORMATS, register_format
from synth_app.export.formats import file_filter
from synth_app.patch import Patch
from synth_app.ui.files.export_dialog import ExportDialog
from tests.export.test_formats import RAW
from tests.ui.fakes import FakeMessages, make_fakes


def test_the_dialog_offers_the_bit_depths_of_the_chosen_format(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("synth_app.export.formats.FORMATS", dict(FORMATS))
    register_format(RAW)
    messages = FakeMessages()
    qtbot.addWidget(messages.window)
    dialog = ExportDialog(lambda: Patch("m"), make_fakes(tmp_path).services, messages)

    def depths() -> list[str]:
        return [dialog.bits.itemText(i) for i in range(dialog.bits.count())]

    assert depths() == ["16 bit", "24 bit", "32 bit float"]
    assert dialog.bits.currentData() == 24
    dialog.path.setText(str(tmp_path / "a.flac"))
    assert depths() == ["16 bit", "24 bit"]
    dialog.path.setText(str(tmp_path / "a.raw"))
    assert depths() == ["32 bit float", "64 bit float"]
    assert dialog.bits.currentData() == 64
    assert dialog.request().format == RAW
    dialog.bits.setCurrentIndex(0)
    dialog.path.setText(str(tmp_path / "b.wav"))
    assert dialog.bits.currentData() == 32, "a depth that both formats have stays chosen"
    assert [dialog.format.itemText(i) for i in range(dialog.format.count())] == ["WAV", "FLAC", "Raw"]
    assert dialog.format.currentText() == "WAV", "it follows the name"
    assert file_filter() == "WAV files (*.wav);;FLAC files (*.flac);;Raw files (*.raw)"


def test_the_chosen_format_ends_the_name(qtbot: QtBot, tmp_path: Path) -> None:
    messages = FakeMessages()
    qtbot.addWidget(messages.window)
    dialog = ExportDialog(lambda: Patch("m"), make_fakes(tmp_path).services, messages)
    dialog.show()
    dialog.path.setText(str(tmp_path / "take 1.2.wav"))
    dialog.format.setFocus()
    QTest.keyClick(dialog.format, Qt.Key.Key_Down)
    assert dialog.path.text() == str(tmp_path / "take 1.2.flac")
    assert dialog.request().format == FORMATS[".flac"]
    assert dialog.bits.count() == 2
    dialog.path.setText(str(tmp_path / "take 1.2"))
    assert dialog.format.currentText() == "WAV", "the default format of a name without ending"
    assert dialog.path.text() == str(tmp_path / "take 1.2"), "nothing is added while the user types"
    QTest.keyClick(dialog.format, Qt.Key.Key_Down)
    assert dialog.path.text() == str(tmp_path / "take 1.2.flac")


def test_a_suffix_without_a_format_is_refused_before_the_render(qtbot: QtBot, tmp_path: Path) -> None:
    messages = FakeMessages()
    qtbot.addWidget(messages.window)
    dialog = ExportDialog(lambda: Patch("m"), make_fakes(tmp_path).services, messages)
    dialog.path.setText(str(tmp_path / "a.mp3"))
    dialog.start()
    assert ".mp3 files cannot be written; end the name with .wav or .flac" in dialog.problem.text()
    assert not dialog.running
    assert dialog.bits.count() == 3, "the depths of the default format stay"
    dialog.path.setText(str(tmp_path / "a"))
    assert dialog.request().path == tmp_path / "a.wav"


class UnfinishedJob:
    """A render that ends when the test says so."""

    def __init__(self) -> None:
        self.ended = False

    def start(self) -> None:
        """Do nothing."""

    def cancel(self) -> None:
        """Do nothing."""

    def progress(self) -> float:
        return 0.5

    def done(self) -> bool:
        return self.ended

    def error(self) -> str | None:
        return None


def test_the_question_whether_to_cancel_goes_when_the_export_ends(qtbot: QtBot, tmp_path: Path) -> None:
    messages, job = FakeMessages(), UnfinishedJob()
    qtbot.addWidget(messages.window)
    services = replace(make_fakes(tmp_path).services, make_render_job=lambda _request: job)
    dialog = ExportDialog(lambda: Patch("m"), services, messages)
    dialog.path.setText(str(tmp_path / "a.wav"))
    dialog.show()
    dialog.start()
    dialog.reject()
    question = dialog.question
    assert question is not None
    assert question.isVisible()
    gone: list[int] = []
    question.finished.connect(gone.append)
    dialog.close()
    assert dialog.question is question, "the question is asked once"
    job.ended = True
    qtbot.waitUntil(lambda: not dialog.isVisible() and len(gone) == 1)
