"""The drag handle: one rendered file per patch, deleted with the window."""

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPointF
from PySide6.QtGui import QDrag
from PySide6.QtTest import QTest

from synth_app.ui.files.drag_out import DragHandle
from synth_app.ui.window.demo.scripted_input import send_mouse
from tests.ui.conftest import Rig

PRESS, MOVE, RELEASE = QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove, QEvent.Type.MouseButtonRelease
START, AWAY = QPointF(8, 8), QPointF(60, 60)


@pytest.fixture
def drags(monkeypatch: pytest.MonkeyPatch) -> list[list[Path]]:
    """Collect the files of every drag."""
    seen: list[list[Path]] = []

    def start(_: DragHandle, drag: QDrag) -> None:
        seen.append([Path(url.toLocalFile()) for url in drag.mimeData().urls()])

    monkeypatch.setattr(DragHandle, "start_drag", start)
    return seen


def handle_of(rig: Rig) -> DragHandle:
    handle = rig.window.work.bar.handle
    assert isinstance(handle, DragHandle)
    return handle


def finish(rig: Rig) -> None:
    """Finish the render job as the render process does."""
    job = rig.fakes.jobs[-1]
    job.request.path.write_bytes(b"RIFF")
    job.finished = True
    QTest.qWait(150)


def test_the_drag_starts_when_the_file_is_ready(rig: Rig, drags: list[list[Path]]) -> None:
    handle = handle_of(rig)
    send_mouse(handle, PRESS, START)
    assert rig.fakes.jobs[-1].started, "rendering begins with the press"
    assert rig.fakes.jobs[-1].request.patch == rig.store.patch
    send_mouse(handle, MOVE, AWAY)
    assert drags == []
    finish(rig)
    assert len(drags) == 1
    (path,) = drags[0]
    assert path.read_bytes() == b"RIFF"
    assert path.suffix == ".wav"
    assert path.stem.startswith("Init "), "named after the sound and its key"


def test_a_patch_is_rendered_once(rig: Rig, drags: list[list[Path]]) -> None:
    handle = handle_of(rig)
    handle.prepare()
    handle.prepare()
    assert len(rig.fakes.jobs) == 1
    finish(rig)
    for _ in range(2):
        send_mouse(handle, PRESS, START)
        send_mouse(handle, MOVE, AWAY)
    assert len(rig.fakes.jobs) == 1
    assert len(drags) == 2
    rig.store.set_morph(0.5)
    assert handle.ready is None
    handle.prepare()
    assert len(rig.fakes.jobs) == 2
    assert rig.fakes.jobs[1].request.path != rig.fakes.jobs[0].request.path


def test_releasing_too_early_shows_what_to_do(rig: Rig, drags: list[list[Path]]) -> None:
    handle = handle_of(rig)
    send_mouse(handle, PRESS, START)
    send_mouse(handle, MOVE, AWAY)
    send_mouse(handle, RELEASE, AWAY)
    finish(rig)
    assert drags == []
    assert "again in a moment" in rig.window.work.status.message.text()
    send_mouse(handle, PRESS, START)
    send_mouse(handle, MOVE, AWAY)
    assert len(drags) == 1


def test_a_failed_render_shows_its_error(rig: Rig, drags: list[list[Path]]) -> None:
    handle = handle_of(rig)
    handle.prepare()
    rig.fakes.jobs[-1].problem = "the disk is full"
    finish(rig)
    assert handle.ready is None
    assert "disk is full" in rig.window.work.status.message.text()


def test_files_are_deleted_with_the_window(rig: Rig) -> None:
    handle_of(rig).prepare()
    finish(rig)
    path = rig.fakes.jobs[-1].request.path
    assert path.exists()
    rig.window.close()
    assert not path.parent.parent.exists()


def test_a_click_explains(rig: Rig) -> None:
    handle = handle_of(rig)
    handle.click()
    assert "Drag the handle" in rig.window.work.status.message.text()
    assert rig.fakes.jobs
