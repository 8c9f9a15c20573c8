"""The script that makes the environment: what it installs when, with an interpreter that only writes down its calls."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.docs.pages import ROOT

_FAKE_PYTHON = """#!/usr/bin/env bash
echo "$*" >>"$CALLS"
if [ "$1 $2" = "-m venv" ]; then mkdir -p "$4/bin" && cp "$0" "$4/bin/python"; fi
if [ "$1 $2" = "-P -c" ]; then echo synth_app; fi
if [ -n "$REFUSE" ] && [[ "$*" == *"$REFUSE"* ]]; then exit 1; fi
"""


class Checkout:
    """A copy of the files that the script reads, in a folder with a space and an umlaut."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.refuse = ""  # calls of the interpreter with this text fail
        self._calls = folder.parent / "calls"
        (folder / "scripts").mkdir(parents=True)
        for name in ("scripts/environment", "pyproject.toml", "constraints.txt"):
            shutil.copy(ROOT / name, folder / name)
        self._python = folder.parent / "python"
        self._python.write_text(_FAKE_PYTHON, encoding="utf-8")
        self._python.chmod(0o755)

    def run(self, *arguments: str, status: int = 0) -> tuple[str, list[str]]:
        """Run the script; return what it prints and the calls of the interpreter."""
        self._calls.write_text("")
        names = {"PYTHON": str(self._python), "CALLS": str(self._calls), "REFUSE": self.refuse, "VENV": ""}
        command = [str(self.folder / "scripts/environment"), *arguments]
        done = subprocess.run(command, env={**os.environ, **names}, capture_output=True, text=True, check=False)
        assert done.returncode == status, done.stderr
        return done.stdout.strip(), self._calls.read_text().splitlines()


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A fresh checkout."""
    return Checkout(tmp_path / "Klang Übung")


def installs(calls: list[str]) -> list[str]:
    """The calls of pip, from its options on."""
    start = "-m pip install --quiet --disable-pip-version-check --no-compile "
    return [call.removeprefix(start) for call in calls if call.startswith(start)]


def test_the_first_run_installs_and_compiles_and_the_next_does_neither(checkout: Checkout) -> None:
    folder, calls = checkout.run("run")
    assert folder == str(checkout.folder / ".venv")
    assert installs(calls)[-1] == "--constraint constraints.txt --no-build-isolation --editable ."
    assert calls[-1] == "-P -m synth_app.engine.warmup"
    folder, calls = checkout.run("run")
    assert folder == str(checkout.folder / ".venv")
    assert calls == ["-c import pip"], "only a look whether the environment works"


def test_tests_add_their_packages_once(checkout: Checkout) -> None:
    _, calls = checkout.run("test")
    assert installs(calls)[-1].endswith("--editable .[train,dev]")
    assert len(installs(calls)) == 2, "one installation for both"
    assert installs(checkout.run("test")[1]) == installs(checkout.run("run")[1]) == []


def test_tests_compile_when_asked(checkout: Checkout) -> None:
    """Kernels are compiled beside the checks that need none."""
    warmup = "-P -m synth_app.engine.warmup"
    assert warmup not in checkout.run("test")[1]
    assert checkout.run("kernels")[1][-1] == warmup
    assert warmup not in checkout.run("kernels")[1] + checkout.run("run")[1]


def test_a_compilation_that_failed_is_done_again(checkout: Checkout) -> None:
    checkout.refuse = "warmup"
    checkout.run("run", status=1)
    checkout.refuse = ""
    _, calls = checkout.run("run")
    assert installs(calls) == []
    assert calls[-1] == "-P -m synth_app.engine.warmup"


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_other_packages_are_installed(checkout: Checkout, name: str) -> None:
    checkout.run("run")
    with (checkout.folder / name).open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert len(installs(checkout.run("run")[1])) == 2


def test_a_moved_checkout_renews_its_links_without_network(checkout: Checkout) -> None:
    checkout.run("run")
    moved = checkout.folder.with_name("anderer Ort")
    checkout.folder.rename(moved)
    checkout.folder = moved
    folder, calls = checkout.run("run")
    assert folder == str(moved / ".venv")
    assert installs(calls) == ["--no-index --no-build-isolation --no-deps --force-reinstall --editable ."]
    assert calls[-1] == "-P -m synth_app.engine.warmup", "kernels are kept for each place of the sources"
    assert installs(checkout.run("run")[1]) == []


def test_what_failed_is_done_again(checkout: Checkout) -> None:
    checkout.refuse = "--editable"
    checkout.run("run", status=1)
    checkout.refuse = ""
    assert installs(checkout.run("run")[1]) != []


def test_an_old_interpreter_is_refused(checkout: Checkout) -> None:
    checkout.refuse = "version_info"
    assert checkout.run("run", status=1)[1] == ["-c import sys; sys.exit(sys.version_info < (3, 11))"]
