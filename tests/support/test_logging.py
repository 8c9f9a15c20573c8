"""The log: one rotating file for both processes, whose failure never stops the program."""

import logging
import threading
from pathlib import Path

import pytest

from synth_app.support.errors import UserError
from synth_app.support.logging import (
    STDERR,
    ForwardedRecord,
    QueueForwarder,
    default_log_path,
    log_path,
    log_tail,
    setup_logging,
    without_home,
)

logger = logging.getLogger("synth_app.some.module")


pytestmark = pytest.mark.usefixtures("own_log")


def test_records_from_the_level_on_are_in_the_file(tmp_path: Path) -> None:
    setup_logging("warning", tmp_path / "new folder" / "log.txt")
    logger.info("not this")
    logger.warning("this %d", 1)
    (line,) = log_tail().splitlines()
    assert line.endswith(" synth_app.some.module: this 1")
    assert " WARNING " in line
    assert log_path() == tmp_path / "new folder" / "log.txt"


def test_the_tail_has_the_last_lines_and_no_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    setup_logging("info", tmp_path / "log.txt")
    for i in range(5):
        logger.info("read %s/%d", tmp_path, i)
    tail = log_tail(2)
    assert [line.rpartition(" ")[2] for line in tail.splitlines()] == ["~/3", "~/4"]
    assert str(tmp_path) not in tail


def test_without_a_log_the_tail_is_empty(tmp_path: Path) -> None:
    setup_logging("info", tmp_path / "log.txt")
    assert log_tail() == ""
    assert not (tmp_path / "log.txt").exists(), "a program that logs nothing makes no file"


def test_the_file_rotates_at_one_megabyte_and_three_are_kept(tmp_path: Path) -> None:
    setup_logging("info", tmp_path / "log.txt")
    for _ in range(40):
        logger.info("x" * 100_000)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log.txt", "log.txt.1", "log.txt.2"]
    assert all(path.stat().st_size <= 1_000_000 for path in tmp_path.iterdir())


def test_a_log_that_cannot_be_written_is_reported_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    setup_logging("info", tmp_path / "file" / "log.txt")
    logger.info("one")
    logger.info("two")
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"synth-app: cannot write the log {tmp_path / 'file' / 'log.txt'}: ")


def test_a_second_call_replaces_the_first(tmp_path: Path) -> None:
    setup_logging("info", tmp_path / "a.txt")
    setup_logging("info", tmp_path / "b.txt")
    logger.info("once")
    assert not (tmp_path / "a.txt").exists()
    assert len((tmp_path / "b.txt").read_text().splitlines()) == 1


def test_the_log_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    setup_logging("debug", STDERR)
    logger.debug("seen")
    assert capsys.readouterr().err.endswith("synth_app.some.module: seen\n")
    assert log_path() == default_log_path()


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(UserError, match="log level 'loud' is unknown; choose one of debug, info, warning, error"):
        setup_logging("loud")


def test_a_record_of_the_other_process_keeps_its_time_process_and_traceback(tmp_path: Path) -> None:
    sent: list[ForwardedRecord] = []
    arrived = threading.Event()

    def send(record: ForwardedRecord) -> None:
        sent.append(record)
        arrived.set()

    forwarder = QueueForwarder(send)
    forwarder.start()
    try:
        raise ZeroDivisionError("a defect")
    except ZeroDivisionError as error:
        record = logger.makeRecord(logger.name, logging.ERROR, "", 0, "failed: %s", ("x",), (type(error), error, None))
    forwarder.emit(record)
    assert arrived.wait(5.0)
    assert sent[0].message.startswith("failed: x\n")
    assert sent[0].message.endswith("ZeroDivisionError: a defect")
    setup_logging("info", tmp_path / "log.txt")
    ForwardedRecord("synth_app.audio", logging.INFO, 1_000_000.25, 4711, "100 % busy").emit()
    ForwardedRecord("synth_app.audio", logging.DEBUG, 1_000_000.25, 4711, "not logged").emit()
    (line,) = log_tail().splitlines()
    assert ".250 INFO    4711 synth_app.audio: 100 % busy" in line


def test_records_that_the_pipe_does_not_take_never_make_the_caller_wait() -> None:
    stuck = threading.Event()

    def send(_: ForwardedRecord) -> None:
        stuck.wait(30.0)

    forwarder = QueueForwarder(send)
    forwarder.start()
    for _ in range(3_000):
        forwarder.emit(logger.makeRecord(logger.name, logging.INFO, "", 0, "x", (), None))
    stuck.set()


def test_wrong_arguments_do_not_reach_the_caller() -> None:
    forwarder = QueueForwarder(lambda _: None)
    forwarder.emit(logger.makeRecord(logger.name, logging.INFO, "", 0, "%d", ("x",), None))


@pytest.mark.parametrize(
    ("text", "home", "expected"),
    [
        ("read /home/anna/a.wav, /home/anna", "/home/anna", "read ~/a.wav, ~"),
        ("file:///home/anna/a.wav", "/home/anna", "file://~/a.wav"),
        (
            "/home/annabel/a /home/anna-2/b /mnt/home/anna/c",
            "/home/anna",
            "/home/annabel/a /home/anna-2/b /mnt/home/anna/c",
        ),
        ("/var/log", "/", "/var/log"),
        ("C:\\a", "C:\\", "C:\\a"),
        ("C:\\Users\\anna\\a 'C:\\\\Users\\\\anna\\\\b'", "C:\\Users\\anna", "~\\a '~\\\\b'"),
    ],
)
def test_only_the_home_folder_itself_is_shortened(text: str, home: str, expected: str) -> None:
    assert without_home(text, home) == expected


def test_a_failed_rotation_keeps_logging(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "in use by another process")

    setup_logging("info", tmp_path / "log.txt")
    monkeypatch.setattr("os.rename", refuse)
    for i in range(15):
        logger.info("%d %s", i, "x" * 100_000)
    lines = (tmp_path / "log.txt").read_text().splitlines()
    assert [int(line.split(": ")[1].split()[0]) for line in lines] == list(range(15))
    (problem,) = capsys.readouterr().err.splitlines()
    assert problem.startswith("synth-app: cannot rotate the log")
