"""Earlier names of commands and options: accepted for one version, not shown in the help.

To rename a command or an option, give it its new name where it is defined and add the old one to the tables here.
"""

import sys
from collections.abc import Callable, Collection
from itertools import islice

# Old command -> new command. A command of a group is written with the group: "presets sheet".
OLD_COMMANDS: dict[str, str] = {"levers": "ablation"}

# New command -> its old options with their new names.
OLD_OPTIONS: dict[str, dict[str, str]] = {
    "ablation": {"--elsewhere": "--out-of-domain"},
    "evaluate": {"--listen": "--similarity-notes"},
    "pitch-report": {"--rounds": "--gauss-newton-steps"},
    "score": {"--rounds": "--gauss-newton-steps"},
    "phase-report": {"--judged": "--visqol-notes"},
    "presets sheet": {"--level": "--normalize-loudness"},
}

_GROUPS = ("dataset", "presets")
_ROOT_OPTIONS_WITH_VALUE = ("--log-level", "--log-file")


def with_new_names(
    arguments: list[str], value_options: Callable[[str], Collection[str]] = lambda command: ()
) -> list[str]:
    """Replace old names of commands and options by the present ones; report each replacement on standard error.

    Values of options, and everything after ``--``, stay as they are.

    Args:
        arguments: of the command line, without the program's name.
        value_options: returns the options of a command that take a value, by its full name such as "presets sheet".

    Returns:
        The arguments with the names that the commands define.
    """
    start = _command_index(arguments)
    end = start + (2 if arguments[start : start + 1] and arguments[start] in _GROUPS else 1)
    words = arguments[start:end]
    command = "" if any(" " in word for word in words) else " ".join(words)  # a quoted "a b" is no command
    if command in OLD_COMMANDS:
        _report(command, OLD_COMMANDS[command])
        command = OLD_COMMANDS[command]
        words = command.split()
    rest, options = arguments[end:], OLD_OPTIONS.get(command)
    if options:
        rest = _with_new_options(rest, options, value_options(command))
    return [*arguments[:start], *words, *rest]


def _command_index(arguments: list[str]) -> int:
    """Return the index of the command, behind the options of the root command; the length where there is none."""
    index = 0
    while index < len(arguments) and arguments[index].startswith("-"):
        index += 2 if arguments[index] in _ROOT_OPTIONS_WITH_VALUE else 1
    return min(index, len(arguments))


def _with_new_options(arguments: list[str], options: dict[str, str], value_options: Collection[str]) -> list[str]:
    found: list[str] = []
    rest = iter(arguments)
    for argument in rest:
        if argument == "--":  # only arguments follow
            return [*found, argument, *rest]
        name, equals, value = argument.partition("=")
        if name in options:
            _report(name, options[name])
            name = options[name]
        found.append(name + equals + value)
        if name in value_options and not equals:
            found += islice(rest, 1)  # the value of the option, whatever it looks like
    return found


def _report(old: str, new: str) -> None:
    print(f"synth-app: {old} is now {new}; the old name is removed in the next version", file=sys.stderr)
