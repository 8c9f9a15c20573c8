"""Old names of commands and options still work, with a remark on standard error."""

import pytest

from synth_app.cli import aliases
from synth_app.cli.aliases import OLD_COMMANDS, OLD_OPTIONS, with_new_names
from synth_app.cli.main import value_options
from tests.cli.conftest import Command


@pytest.fixture
def renamed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two renamed commands and a renamed option each."""
    monkeypatch.setattr(aliases, "OLD_COMMANDS", {"old": "new", "presets old": "presets new"})
    monkeypatch.setattr(aliases, "OLD_OPTIONS", {"new": {"--was": "--is"}, "presets new": {"--had": "--has"}})


@pytest.mark.usefixtures("renamed")
@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("old a --was 3 --was=4", "new a --is 3 --is=4"),
        ("--log-level debug --log-file=x old --was 3", "--log-level debug --log-file=x new --is 3"),
        ("presets old --had 1 --was 2", "presets new --has 1 --was 2"),
        ("other --was 3 old", "other --was 3 old"),
        ("presets", "presets"),
        ("--version", "--version"),
        ("--log-level", "--log-level"),
        ("", ""),
    ],
)
def test_old_names_are_replaced(given: str, used: str) -> None:
    assert with_new_names(given.split()) == used.split()


@pytest.mark.usefixtures("renamed")
@pytest.mark.parametrize("given", [[""], ["foo bar"], ["other", "a  b", ""], ["new", "a b"], ["presets new", "--had"]])
def test_other_arguments_stay_as_they_are(given: list[str]) -> None:
    assert with_new_names(given) == given


@pytest.mark.usefixtures("renamed")
def test_values_of_options_and_arguments_behind_two_dashes_stay() -> None:
    def values(command: str) -> tuple[str, ...]:
        assert command == "new"
        return ("--is", "--out")

    given = ["new", "--out", "--was", "--was", "--was", "--out=--was", "--flag", "--was", "1", "--", "--was"]
    used = ["new", "--out", "--was", "--is", "--was", "--out=--was", "--flag", "--is", "1", "--", "--was"]
    assert with_new_names(given, values) == used


def test_options_with_a_value_are_known() -> None:
    assert "--model" in value_options("score")
    assert "--json" not in value_options("score")
    assert "--model" in value_options("presets sheet")
    assert value_options("unknown command") == frozenset()


@pytest.mark.usefixtures("renamed")
def test_every_replacement_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    with_new_names(["old", "--was", "3"])
    assert capsys.readouterr().err.splitlines() == [
        "synth-app: old is now new; the old name is removed in the next version",
        "synth-app: --was is now --is; the old name is removed in the next version",
    ]


@pytest.mark.parametrize("old", OLD_COMMANDS)
def test_an_old_command_runs(synth: Command, old: str) -> None:
    done = synth(*old.split(), "--help")
    assert done.status == 0
    assert OLD_COMMANDS[old].split()[-1] in done.out


@pytest.mark.parametrize(
    ("command", "old"), [(command, old) for command, names in OLD_OPTIONS.items() for old in names]
)
def test_an_old_option_is_replaced_by_its_new_name(synth: Command, command: str, old: str) -> None:
    done = synth(*command.split(), "--help")
    assert OLD_OPTIONS[command][old] in done.out
    assert old + " " not in done.out
