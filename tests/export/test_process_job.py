"""A task in another process that is stopped removes what is half done."""

import time
from collections.abc import Callable
from pathlib import Path

from synth_app.export.process_job import ProcessJob
from synth_app.support.stages import stage_folder


def task(parent: Path, send: Callable[[object], None]) -> None:
    """Make a folder and work in it for a long time."""
    with stage_folder(parent, ".job-") as stage:
        send(stage)
        time.sleep(120.0)


class Job(ProcessJob):
    """Remembers the folder."""

    def __init__(self, parent: Path) -> None:
        super().__init__(task, parent)
        self.stage: Path | None = None

    def _handle(self, message: object) -> None:
        assert isinstance(message, Path)
        self.stage = message

    def _handle_end(self) -> None:
        pass


def until(condition: Callable[[], bool], limit_s: float = 60.0) -> None:
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_cancelled_task_leaves_nothing(tmp_path: Path) -> None:
    job = Job(tmp_path)
    job.start()
    until(lambda: not job.done() and job.stage is not None)
    assert list(tmp_path.iterdir()) == [job.stage]
    job.cancel()
    until(lambda: not job._process.is_alive())
    assert list(tmp_path.iterdir()) == []
