"""``paths`` names every folder; ``clean`` removes caches, and nothing of the user's."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with a file in every folder of the program."""
    for name in (
        "cache/kernels-1/a/kernel.nbi",
        "cache/maps/m.npy",
        "cache/environments/x/bin/python",
        "data/presets/mine.json",
        "data/models/m.txt",
    ):
        kind, _, rest = name.partition("/")
        file = tmp_path / kind / "synth_app" / rest
        file.parent.mkdir(parents=True)
        file.write_bytes(b"1" * 1000)
    for name in ("synth-app.log.1", "other.txt"):
        file = tmp_path / "state" / "synth_app" / "log" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("old\n")
    return tmp_path


def run(home: Path, *arguments: str, answer: str = "", status: int = 0) -> str:
    kinds = {"CACHE": "cache", "DATA": "data", "CONFIG": "config", "STATE": "state"}
    folders = {f"XDG_{kind}_HOME": str(home / folder) for kind, folder in kinds.items()}
    variables = {**os.environ, **folders, "HOME": str(home), "NUMBA_CACHE_DIR": str(home / "numba")}
    for own in ("SYNTH_APP_MODELS", "SYNTH_APP_PRESETS", "SYNTH_APP_SOUNDS", "XDG_MUSIC_DIR"):
        variables.pop(own, None)
    command = [sys.executable, "-m", "synth_app.cli", *arguments]
    done = subprocess.run(command, env=variables, input=answer, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == status, done.stderr
    return done.stdout + done.stderr


def files(home: Path) -> set[str]:
    return {str(path.relative_to(home)) for path in home.rglob("*") if path.is_file()}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the folders of Linux")
def test_paths_names_every_folder(home: Path) -> None:
    found = json.loads(run(home, "paths", "--json"))
    assert found == {
        "settings": [f"{home}/config/synth_app"],
        "presets": [f"{home}/data/synth_app/presets", f"{ROOT}/assets/presets"],
        "sounds": [f"{home}/data/synth_app/sounds"],
        "models": [f"{home}/data/synth_app/models", f"{ROOT}/models"],
        "trainings": [f"{home}/data/synth_app/trainings"],
        "recordings": [f"{home}/Music/synth_app"],
        "logs": [f"{home}/state/synth_app/log"],
        "caches": [f"{home}/cache/synth_app"],
    }
    lines = run(home, "paths").splitlines()
    assert f"settings   {home}/config/synth_app  (does not exist yet)" in lines
    assert f"models     {ROOT}/models" in lines


def test_clean_removes_caches_only(home: Path) -> None:
    before = files(home)
    answer = run(home, "clean", "--yes")
    assert "removed 0.0 MB" in answer
    assert {name for name in before if name not in files(home)} == {
        "cache/synth_app/kernels-1/a/kernel.nbi", "cache/synth_app/maps/m.npy",
    }  # fmt: skip
    assert "nothing to remove" in run(home, "clean", "--yes")


def test_clean_removes_logs_by_choice(home: Path) -> None:
    run(home, "paths")  # writes a log
    run(home, "clean", "--logs", "--yes")
    assert {name for name in files(home) if name.startswith("state")} == {"state/synth_app/log/other.txt"}


@pytest.mark.parametrize("answer", ["n\n", "\n", ""])
def test_clean_asks_first(home: Path, answer: str) -> None:
    before = files(home)
    assert "nothing was removed" in run(home, "clean", answer=answer, status=2)
    assert before <= files(home)
    run(home, "clean", answer="y\n")
    assert not before <= files(home)


def test_a_folder_that_cannot_be_removed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from synth_app.cli import folders
    from synth_app.support.errors import UserError

    (tmp_path / "kernels").mkdir()
    monkeypatch.setattr(folders, "user_folder", lambda _: tmp_path)

    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path / "kernel.nbi"))

    monkeypatch.setattr("shutil.rmtree", refuse)
    with pytest.raises(UserError, match=r"cannot remove .*kernel\.nbi: Permission denied; close the program"):
        folders.clean(yes=True)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_complete_commands(shell: str) -> None:
    assert "_SYNTH_APP_COMPLETE" in complete(f"source_{shell}", {})
    variables = {
        "bash": {"COMP_WORDS": "synth-app ren", "COMP_CWORD": "1"},
        "zsh": {"_TYPER_COMPLETE_ARGS": "synth-app ren"},
        "fish": {"_TYPER_COMPLETE_ARGS": "synth-app ren", "_TYPER_COMPLETE_FISH_ACTION": "get-args"},
    }[shell]
    answers = complete(f"complete_{shell}", variables)
    assert "render" in answers
    assert "models" not in answers


def complete(instruction: str, variables: dict[str, str]) -> str:
    environment = {**os.environ, **variables, "_SYNTH_APP_COMPLETE": instruction}
    program = "import sys; sys.argv[0] = 'synth-app'; from synth_app.cli.__main__ import main; main()"
    command = [sys.executable, "-c", program]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


def test_the_shell_is_found_by_itself() -> None:
    # the shell is the process that started the program: a second command keeps bash from becoming the program
    command = f"'{sys.executable}' -m synth_app.cli --show-completion; true"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert "COMPREPLY" in done.stdout, done.stderr
