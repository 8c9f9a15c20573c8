"""--log-level and --log-file: options of the root command, before the sub-command."""

import subprocess
import sys
from pathlib import Path

import pytest

from synth_app.cli import __main__
from synth_app.cli.main import main
from synth_app.support.logging import default_log_path, log_path
from tests.cli.conftest import Command


def test_the_log_is_in_the_users_log_folder(synth: Command) -> None:
    assert synth("models").status == 0
    assert log_path() == default_log_path()
    assert ": models" in log_path().read_text()


def test_log_options_come_before_the_subcommand(synth: Command, tmp_path: Path) -> None:
    log = tmp_path / "own.log"
    assert synth("--log-level", "warning", "--log-file", log, "models").status == 0
    assert not log.exists(), "nothing was worth a warning"
    assert synth("--log-file", log, "models").status == 0
    assert log.exists()


def test_an_error_shown_to_the_user_is_one_line_of_the_log(synth: Command) -> None:
    done = synth("render", "--model", "no such model", "--out", "x.wav")
    assert done.status == 2
    assert "Traceback" not in done.err
    text = log_path().read_text()
    assert "status 2: " in text
    assert "Traceback" not in text
    assert len(text.splitlines()) == 2


def test_the_traceback_of_an_error_is_logged_at_level_debug(synth: Command) -> None:
    assert synth("--log-level", "debug", "render", "--model", "no such model", "--out", "x.wav").status == 2
    text = log_path().read_text()
    assert "UserError: " in text
    assert "Traceback" in text


def test_an_unexpected_error_is_logged_and_raised(synth: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise ZeroDivisionError("a defect")

    monkeypatch.setattr("synth_app.cli.inspect.list_models", fail)
    with pytest.raises(ZeroDivisionError):
        synth("models")
    assert "ZeroDivisionError: a defect" in log_path().read_text()


def test_an_unexpected_error_is_printed_once_when_the_log_is_the_terminal(
    synth: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise ZeroDivisionError("a defect")

    monkeypatch.setattr("synth_app.cli.inspect.list_models", fail)
    done = synth("--log-file", "-", "models")
    assert done.status == 1
    assert done.err.count("ZeroDivisionError: a defect") == 1


def test_a_process_without_a_log_prints_no_bare_warnings() -> None:
    code = "import logging, synth_app; logging.getLogger('synth_app.module').error('unheard')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == ""


def test_an_unknown_level_is_refused_in_one_line(synth: Command) -> None:
    done = synth("--log-level", "loud", "models")
    assert done.status == 2
    assert done.err == "synth-app: log level 'loud' is unknown; choose one of debug, info, warning, error\n"


def test_a_log_that_cannot_be_written_does_not_stop_the_program(synth: Command, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = synth("--log-file", tmp_path / "file" / "own.log", "models")
    assert done.status == 0
    assert "cannot write the log" in done.err
    assert "exact" in done.out


@pytest.mark.parametrize(
    ("arguments", "early"),
    [
        ("", True),
        ("--log-level debug", True),
        ("--log-file=x.log --log-level debug", True),
        ("models", False),
        ("--log-level debug models", False),
        ("--version", False),
        ("--help", False),
    ],
)
def test_only_the_window_gets_an_early_audio_process(
    monkeypatch: pytest.MonkeyPatch, arguments: str, early: bool
) -> None:
    taken: list[object] = []
    monkeypatch.setattr(sys, "argv", ["synth-app", *arguments.split()])
    monkeypatch.setattr(__main__, "EarlyProcess", lambda: "a process")
    monkeypatch.setattr("synth_app.cli.main.main", taken.append)
    monkeypatch.setattr(__main__, "prepare_children", lambda: None)  # it changes the environment of this process
    __main__.main()
    assert taken == ["a process" if early else None]


def test_the_window_gets_the_early_audio_process(own_log: None, monkeypatch: pytest.MonkeyPatch) -> None:
    received: list[object] = []

    def run(argv: list[str], early: object) -> int:
        received.append((argv, early))
        return 0

    monkeypatch.setattr("synth_app.app.run", run)
    monkeypatch.setattr(sys, "argv", ["synth-app"])
    with pytest.raises(SystemExit):
        main("a process")  # type: ignore[arg-type]  # only passed on
    assert received == [([], "a process")]
