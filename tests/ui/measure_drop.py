"""Seconds from a drop to a sound in slot A, in the real program: ``python -m tests.ui.measure_drop FILE ...``.

Needs Xvfb, xdotool and PulseAudio. The first file also starts the worker.
"""

import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.ui.running_program import RunningProgram, started_program
from tests.ui.sounds.drag_source import PLACE

_SLOT = "W.presets.state.store.patch.user_notes[0]"


def seconds_to_slot(program: RunningProgram, file: Path) -> float:
    """Drop a file on the page of own sounds; return the seconds from the release of the mouse."""
    command = [sys.executable, "-m", "tests.ui.sounds.drag_source", str(file)]
    source = subprocess.Popen(command, env=program.env)
    try:
        program.xdotool("search", "--sync", "--onlyvisible", "--pid", source.pid)
        program.drag([PLACE[0] + 20, PLACE[1] + 20], program.position("at(W.pages.sounds, 200, 200)"), 1.5)
        released_s = time.monotonic()
        program.wait(f"{_SLOT} is not None and {_SLOT}.name == {file.stem!r}")
        return time.monotonic() - released_s
    finally:
        source.kill()
        source.wait()


def main() -> None:
    """Print a line for each file."""
    with TemporaryDirectory() as folder, started_program(Path(folder)) as program:
        program.wait("W.tour.current")
        program.keys("Escape")
        program.wait("W.pages.sounds.isVisible() or W.pages.toggle_sounds() or W.pages.sounds.isVisible()")
        for file in map(Path, sys.argv[1:]):
            print(f"{file.name}: {seconds_to_slot(program, file):.2f} s")


if __name__ == "__main__":
    main()
