"""Commands in pages exist: sub-commands and options of `synth-app`, targets of `make`, modules of `python -m`."""

import importlib.util
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from synth_app.cli.main import app
from tests.docs.pages import ROOT, blocks, hook, name, pages, prose

_SHELLS = ("bash", "sh", "console")


def _shell_lines(page: Path) -> Iterator[str]:
    """Command lines of the page's shell blocks and of its back quotes, continued lines joined."""
    for block in blocks(page):
        if block.language in _SHELLS:
            yield from re.sub(r"\\\n\s*", " ", block.text).splitlines()
    for quoted in re.findall(r"`((?:synth-app|make|python -m) [^`]+)`", prose(page.read_text(encoding="utf-8"))):
        yield re.sub(r"\s+", " ", quoted)


def _commands(page: Path, *starts: str) -> list[list[str]]:
    """Words of every command that begins with one of the words, by its end, variables before it left out."""
    found = []
    for line in _shell_lines(page):
        words = shlex.split(line, comments=True)
        while words and re.fullmatch(r"[A-Z_]+=\S*", words[0]):
            words = words[1:]
        if words and Path(words[0]).name in starts:
            found.append([Path(words[0]).name, *words[1:]])
    return found


def _check(words: list[str]) -> None:
    """Fail if a word is no sub-command, or no option of the command that it belongs to."""
    command: Any = get_command(app)
    rest = words[1:]
    while rest and getattr(command, "commands", None) and not rest[0].startswith("-"):
        if not re.fullmatch(r"[a-z-]+", rest[0]):
            break  # COMMAND, ... in a usage line
        assert rest[0] in command.commands, f"no command {' '.join(words)}"
        command, rest = command.commands[rest[0]], rest[1:]
    known = {flag for param in command.params for flag in (*param.opts, *param.secondary_opts)} | {"--help", "-h"}
    for word in rest:
        if word.startswith("--"):
            assert word.partition("=")[0] in known, f"no option {word} of {' '.join(words)}"


@pytest.mark.parametrize("page", pages(), ids=name)
def test_synth_app_commands_exist(page: Path) -> None:
    for words in _commands(page, "synth-app"):
        _check(words)


@pytest.mark.parametrize("page", pages(), ids=name)
def test_make_targets_exist(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for words in _commands(page, "make"):
        for target in words[1:]:
            assert re.search(rf"^{re.escape(target)}:", makefile, re.MULTILINE), f"no target {target}"


@pytest.mark.parametrize("page", pages(), ids=name)
def test_modules_exist(page: Path) -> None:
    for words in _commands(page, "python", "python3"):
        if words[1:2] == ["-m"] and words[2] != "venv":
            assert importlib.util.find_spec(words[2]) is not None, f"no module {words[2]}"


def test_reference_has_every_command() -> None:
    page = hook().cli_page()
    for full, command in hook().commands(get_command(app)):
        assert f"## `{full}`" in page
        assert all(f"`{flag}`" in page for param in command.params for flag in param.opts if flag.startswith("--"))
