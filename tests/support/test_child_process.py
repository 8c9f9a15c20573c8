"""Children import what the program imports, and nothing from the folder in which it was started."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from synth_app.support import child_process
from synth_app.support.child_process import prepare_children, run_child, start_child

ROOT = Path(__file__).parents[2]
# A program that starts each kind of child; `tests.support.report_path` prints what a child would import.
_PROGRAM = """
import concurrent.futures, json, multiprocessing
from synth_app.support.child_process import prepare_children, run_child
from tests.support.report_path import report

if __name__ == "__main__":
    prepare_children()
    print(run_child("tests.support.report_path", timeout_s=60).stdout.strip())
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        print(json.dumps(pool.submit(report).result()))
"""


def test_a_child_gets_arguments_environment_and_pipes() -> None:
    child = start_child("tests.support.report_path", ("one", "two words"), {"SYNTH_APP_TEST": "given"})
    output, _ = child.communicate(timeout=60)
    found = json.loads(output)
    assert child.returncode == 0
    assert found["arguments"] == ["one", "two words"]
    assert found["variable"] == "given"


def test_a_failed_child_returns_its_status_and_its_error_text() -> None:
    done = run_child("tests.support.no_such_module", timeout_s=60)
    assert done.returncode == 1
    assert "No module named tests.support.no_such_module" in done.stderr


def test_a_child_that_takes_too_long_is_ended() -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        run_child("tests.support.report_path", ("wait",), timeout_s=0.5)


def test_a_program_in_a_removed_folder_starts_children(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    code = (
        f"import os; os.rmdir({str(gone)!r}); from synth_app.support.child_process import prepare_children, run_child; "
        "prepare_children(); print(run_child('tests.support.report_path', timeout_s=60).stdout)"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=gone,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["numpy"] == np.__file__


@pytest.mark.parametrize("how", ["script elsewhere", "current folder on the path"])
def test_no_child_imports_from_the_start_folder(tmp_path: Path, how: str) -> None:
    trap = tmp_path / "start"
    trap.mkdir()
    for name in ("numpy.py", "runpy.py", "multiprocessing.py", "socket.py", "tests.py"):
        (trap / name).write_text("raise SystemExit('the file of the start folder was executed')\n")
    program = tmp_path / "program.py"
    program.write_text(_PROGRAM)
    folders = [str(ROOT), ""] if how.startswith("current") else [str(ROOT)]  # "" means the current folder
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(folders)}
    environment.pop("PYTHONSAFEPATH", None)
    command = [sys.executable, "-P", str(program)] if how.startswith("current") else [sys.executable, str(program)]
    if how.startswith("current"):  # the program itself finds the standard library first
        for name in ("runpy.py", "multiprocessing.py", "socket.py"):
            (trap / name).unlink()
    done = subprocess.run(command, cwd=trap, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    by_module, by_pool = (json.loads(line) for line in done.stdout.splitlines())
    assert str(trap) not in by_module["path"]
    assert "" not in by_module["path"]
    assert by_module["numpy"] == by_pool["numpy"] == str(np.__file__)


def test_the_app_folders_program_runs_the_module_of_a_child(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setenv("PYTHONSAFEPATH", "")
    command = child_process._interpreter()
    assert command[0] == sys.executable
    assert "-m" not in command
    monkeypatch.setattr(sys, "argv", [*command, "synth_app.audio.process.devices"])
    monkeypatch.setattr("runpy.run_module", lambda name, **options: print("ran", name, options))
    monkeypatch.setattr(sys, "path", list(sys.path))
    with pytest.raises(SystemExit) as exit_info:
        prepare_children()
    assert exit_info.value.code == 0
    assert "ran synth_app.audio.process.devices {'run_name': '__main__'" in capsys.readouterr().out


def test_the_app_folders_program_runs_no_other_module(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "argv", ["synth-app", "--run-module", "os"])
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setenv("PYTHONSAFEPATH", "")
    with pytest.raises(SystemExit, match="own processes"):
        prepare_children()
