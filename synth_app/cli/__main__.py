"""Entry point of ``synth-app``, and of ``python -m synth_app.cli`` where the script is not on the path."""

import os
import sys

from synth_app.support.child_process import prepare_children
from synth_app.support.early_process import EarlyProcess

_LOG_OPTIONS = ("--log-level", "--log-file")
_COMPLETION_VARIABLE = "_SYNTH_APP_COMPLETE"  # a shell that asks for completions sets it


def main() -> None:
    """Run the command line and exit. Without a command the window opens, so its audio process is started first."""
    prepare_children()
    early = EarlyProcess() if _COMPLETION_VARIABLE not in os.environ and _opens_window(sys.argv[1:]) else None
    from synth_app.cli.main import main as run

    run(early)


def _opens_window(arguments: list[str]) -> bool:
    """Return whether the arguments hold nothing but options of the log."""
    left = list(arguments)
    while left:
        name, equals, _ = left.pop(0).partition("=")
        if name not in _LOG_OPTIONS:
            return False
        if not equals:
            del left[:1]
    return True


if __name__ == "__main__":
    main()
