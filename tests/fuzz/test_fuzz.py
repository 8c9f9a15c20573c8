"""All loaders answer mutated files with a value or a message; the watch itself notices what it has to."""

import logging
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from synth_app.support.errors import UserError
from tests.fuzz.loaders import LOADERS, Loader
from tests.fuzz.runner import run_inputs

INPUTS = 2000


def test_all_loaders_answer_2000_mutated_files_with_a_value_or_a_message() -> None:
    found = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", "--inputs", str(INPUTS), "--jobs", "1"],
        capture_output=True,
        text=True,
        timeout=900,
        cwd=Path(__file__).parents[2],
    )
    assert found.returncode == 0, found.stdout + found.stderr
    assert f"{INPUTS:,} inputs" in found.stdout


@pytest.fixture
def no_log() -> Iterator[None]:
    """No log file of a command that an earlier test ran; it would be written outside the watched folder."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.usefixtures("no_log")
@pytest.mark.parametrize("chosen", LOADERS, ids=[each.name for each in LOADERS])
def test_the_files_that_mutations_start_from_are_read(chosen: Loader) -> None:
    for seed in chosen.seeds():
        unchanged = replace(chosen, seeds=partial(tuple, [seed]), mutate=lambda data, _: data)
        (outcome,) = run_inputs(unchanged, 0, [0])
        assert outcome.kind == "value", outcome.detail


def _write_outside(path: Path) -> None:
    (path.parents[1] / "outside").write_text("x")


def _raise(error: BaseException) -> None:
    raise error


def _hang(_path: Path) -> None:
    while True:
        pass


@pytest.mark.parametrize(
    ("load", "kind"),
    [
        (lambda _: _raise(KeyError("x")), "exception"),
        (lambda _: _raise(SystemExit(1)), "exception"),
        (lambda _: _raise(UserError("two\nlines")), "exception"),
        (lambda _: _raise(UserError("one line")), "message"),
        (_write_outside, "outside"),
        (_hang, "hang"),
        (lambda _: bytearray(2**30 + 2**28), "memory"),
        (lambda _: None, "value"),
    ],
)
def test_the_watch_notices_each_fault(load: object, kind: str) -> None:
    faulty = Loader("faulty", "a.json", lambda: (b"{}",), lambda data, _: data, load)  # type: ignore[arg-type]  # any
    (outcome,) = run_inputs(faulty, 0, [0])
    assert outcome.kind == kind
