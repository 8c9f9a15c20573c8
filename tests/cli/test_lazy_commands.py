"""The table of commands: complete, and nothing is imported before a command is called."""

import inspect
import os
import subprocess
import sys
from importlib import import_module

import pytest

from synth_app.cli.commands import COMMANDS, CommandEntry, LazyCommands

_HELP_CPU_S = 0.25  # of `synth-app --help`
_SHOW_HELP = (
    "import sys\n"
    "from synth_app.cli.__main__ import main\n"
    "sys.argv = ['synth-app', *{arguments}]\n"
    "try:\n"
    "    main()\n"
    "except SystemExit:\n"
    "    print(sorted(sys.modules), file=sys.stderr)\n"
)


def run(*arguments: str) -> tuple[str, set[str], float]:
    """Run the command line in a new process; return its output, the imported modules and its CPU seconds."""
    code = _SHOW_HELP.format(arguments=list(arguments))
    before = os.times()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    after = os.times()
    cpu_s = after.children_user + after.children_system - before.children_user - before.children_system
    return done.stdout, set(eval(done.stderr)), cpu_s


def test_the_help_lists_every_command_and_imports_none() -> None:
    text, modules, _ = run("--help")
    for entry in COMMANDS:
        assert f"  {entry.name} " in text
        assert entry.help in text
    ours = {name for name in modules if name.startswith("synth_app.cli.")}
    assert ours == {f"synth_app.cli.{name}" for name in ("__main__", "aliases", "commands", "help", "main")}
    assert not modules & {"numpy", "pydantic", "numba", "PySide6", "rich"}


def test_the_help_takes_little_time() -> None:
    assert min(run("--help")[2] for _ in range(3)) < _HELP_CPU_S


def test_a_call_imports_only_the_module_of_its_command() -> None:
    _, modules, _ = run("dataset", "--help")
    assert "synth_app.cli.data" in modules
    assert not modules & {"synth_app.cli.play", "synth_app.cli.train", "synth_app.cli.study"}


@pytest.mark.parametrize("entry", COMMANDS, ids=lambda entry: entry.name)
def test_every_entry_is_a_command_of_that_name(entry: CommandEntry) -> None:
    command = LazyCommands((entry,))[entry.name]
    assert command.name == entry.name
    assert command.help.strip()
    assert len(entry.help) <= 60, "one line in a terminal of 80 columns"
    assert bool(getattr(command, "commands", None)) == entry.target.endswith(":app")


def test_no_command_is_missing_from_the_table() -> None:
    targets = {entry.target for entry in COMMANDS}
    for name in {target.partition(":")[0] for target in targets}:
        module = import_module(f"synth_app.cli.{name}")
        if f"{name}:app" not in targets:  # the commands of a group are registered where they are written
            public = inspect.getmembers(module, inspect.isfunction)
            own = {word for word, it in public if it.__module__ == module.__name__ and not word.startswith("_")}
            assert {f"{name}:{word}" for word in own} <= targets
