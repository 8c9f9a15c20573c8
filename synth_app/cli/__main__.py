"""Where the program begins: ``synth-app``, or ``python -m synth_app.cli`` where the script is not on the path."""

import sys

from synth_app.support import early_process


def main() -> None:
    """Run the command line and exit. Without a command the window opens: its audio process is started at once."""
    if len(sys.argv) == 1:
        early_process.begin()
    from synth_app.cli.main import main as run

    run()


if __name__ == "__main__":
    main()
