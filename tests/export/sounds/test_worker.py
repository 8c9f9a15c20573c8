"""The worker: tasks in order, failures as answers, and a process that may end at any time."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from synth_app.export.sounds.tasks import Added, AddSound, EncodeSound, Failed, SoundAnswer, SoundTask
from synth_app.export.sounds.worker import SoundWorker
from synth_app.support.errors import UserError
from synth_app.support.stages import stage_folder


def scripted(task: SoundTask, folder: Path, send: Callable[[SoundAnswer], None]) -> None:
    """Do what the name of the sound says; runs in the worker's process."""
    assert isinstance(task, AddSound)
    match task.name:
        case "refuse":
            raise UserError("too long")
        case "break":
            raise ZeroDivisionError("a defect")
        case "die":
            os._exit(7)
        case "hang":
            time.sleep(60.0)
        case "stage":
            with stage_folder(folder, ".stage-"):
                time.sleep(60.0)
    send(Added(task.number, f"{task.name} by {os.getpid()} in {folder.name}"))


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[SoundWorker]:
    made = SoundWorker(tmp_path, scripted)
    yield made
    made.cancel()


def answers(worker: SoundWorker, count: int) -> list[SoundAnswer]:
    found, end = list[SoundAnswer](), time.monotonic() + 60.0
    while len(found) < count and time.monotonic() < end:
        found += worker.answers()
        time.sleep(0.01)
    return found


def test_tasks_are_done_in_order_by_one_process(worker: SoundWorker, tmp_path: Path) -> None:
    for number in (1, 2):
        worker.request(AddSound(number, (), "x"))
    first, second = answers(worker, 2)
    assert isinstance(first, Added)
    assert isinstance(second, Added)
    assert (first.number, second.number) == (1, 2)
    assert first.key == second.key
    assert str(os.getpid()) not in first.key
    assert first.key.endswith(tmp_path.name)
    end = time.monotonic() + 10.0
    while worker.busy and time.monotonic() < end:
        worker.answers()
    assert not worker.busy


def test_refusals_and_defects_are_answers_and_the_next_task_is_done(worker: SoundWorker) -> None:
    for number, name in enumerate(("refuse", "break", "x")):
        worker.request(AddSound(number, (), name))
    refused, broken, added = answers(worker, 3)
    assert refused == Failed(0, "too long")
    assert isinstance(broken, Failed)
    assert "a defect" in broken.problem
    assert isinstance(added, Added)


def test_a_process_that_ends_fails_every_task_and_another_one_takes_over(worker: SoundWorker) -> None:
    for number, name in enumerate(("die", "x")):
        worker.request(AddSound(number, (), name))
    assert [answer.number for answer in answers(worker, 2) if isinstance(answer, Failed)] == [0, 1]
    assert not worker.busy
    worker.request(AddSound(2, (), "x"))
    assert isinstance(answers(worker, 1)[0], Added)


def test_cancel_stops_a_task_at_once(worker: SoundWorker) -> None:
    worker.request(AddSound(1, (), "hang"))
    time.sleep(0.2)
    start = time.monotonic()
    worker.cancel()
    assert time.monotonic() - start < 5.0
    assert not worker.busy
    assert worker.answers() == []


def test_tasks_and_answers_larger_than_a_pipe_hold_nobody_up(worker: SoundWorker) -> None:
    """As those with own sounds at many keys: a worker that waits for its answer to be read reads no task."""
    big = "x" * 1_000_000
    for number in (1, 2, 3):
        worker.request(AddSound(number, (), big))
    assert worker._pipe is not None
    assert worker._pipe.poll(60.0)  # the worker sends its first answer
    worker.request(AddSound(4, (), big))
    found = answers(worker, 4)
    assert [each.number for each in found if isinstance(each, Added) and big in each.key] == [1, 2, 3, 4]
    worker.request(AddSound(5, (), "hang"))
    worker.request(AddSound(6, (), big))
    start = time.monotonic()
    worker.cancel()
    assert time.monotonic() - start < 5.0


def test_the_real_tasks_run_in_the_process(tmp_path: Path) -> None:
    worker = SoundWorker(tmp_path)
    try:
        worker.request(EncodeSound(1, "nothing", "no-model"))
        (answer,) = answers(worker, 1)
    finally:
        worker.cancel()
    assert isinstance(answer, Failed)
    assert "does not exist" in answer.problem


def test_a_cancelled_task_leaves_nothing_half_done(worker: SoundWorker, tmp_path: Path) -> None:
    worker.request(AddSound(1, (), "stage"))
    end = time.monotonic() + 60.0
    while not list(tmp_path.iterdir()) and time.monotonic() < end:
        time.sleep(0.01)
    assert list(tmp_path.iterdir())
    worker.cancel()
    assert list(tmp_path.iterdir()) == []


def test_cancel_returns_what_a_task_answered_at_the_last_moment(worker: SoundWorker) -> None:
    worker.request(AddSound(1, (), "x"))
    worker.request(AddSound(2, (), "hang"))
    assert worker._pipe is not None
    assert worker._pipe.poll(60.0)  # the answer is there, and nobody has read it
    (late,) = worker.cancel()
    assert isinstance(late, Added)
    assert late.number == 1
    assert worker.answers() == []
