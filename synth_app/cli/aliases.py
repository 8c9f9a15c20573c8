"""Earlier names of commands and options: accepted for one version, not shown in the help.

To rename a command or an option, give it its new name where it is defined and add the old one to the tables here.
"""

import sys

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


def with_new_names(arguments: list[str]) -> list[str]:
    """Replace old names of commands and options by the present ones; report each replacement on standard error.

    Args:
        arguments: of the command line, without the program's name.

    Returns:
        The arguments with the names that the commands define.
    """
    start = _command_index(arguments)
    end = start + (2 if arguments[start : start + 1] and arguments[start] in _GROUPS else 1)
    old = " ".join(arguments[start:end])
    command = OLD_COMMANDS.get(old, old)
    if command != old:
        _report(old, command)
    options = OLD_OPTIONS.get(command, {})
    return [*arguments[:start], *command.split(), *_with_new_options(arguments[end:], options)]


def _command_index(arguments: list[str]) -> int:
    """Return the index of the command, behind the options of the root command; the length where there is none."""
    index = 0
    while index < len(arguments) and arguments[index].startswith("-"):
        index += 2 if arguments[index] in _ROOT_OPTIONS_WITH_VALUE else 1
    return min(index, len(arguments))


def _with_new_options(arguments: list[str], options: dict[str, str]) -> list[str]:
    found = []
    for argument in arguments:
        name, equals, value = argument.partition("=")
        if name in options:
            _report(name, options[name])
        found.append(options.get(name, name) + equals + value)
    return found


def _report(old: str, new: str) -> None:
    print(f"synth-app: {old} is now {new}; the old name is removed in the next version", file=sys.stderr)
