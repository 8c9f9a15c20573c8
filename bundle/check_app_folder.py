"""Start the app folder with an empty environment, and listen: ``python bundle/check_app_folder.py dist/synth-app``.

Linux only: it plays into a PulseAudio null sink and opens the window on an Xvfb screen, so it needs neither a sound
device nor a display. The first run takes minutes, because the program compiles its kernels.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from tests.audio.null_sink import RATE, NullSink

ROOT = Path(__file__).parents[1]
WINDOW_S = 300  # longest wait for the first sound of the window
COMPILE_S = 1800  # longest compilation of all kernels
DEMO_S = 300  # longest duration of the demo
CHILD_MARKS = ("--run-module", "from multiprocessing")
LOUD = 0.01  # amplitude that only a playing program reaches


class AppFolder:
    """A copy of the app folder in a temporary folder, and the empty environment in which it runs."""

    def __init__(self, source: Path, folder: Path) -> None:
        self.folder = folder / "copied üb er"
        shutil.copytree(source, self.folder, symlinks=True)
        self.home = folder / "home"
        self.home.mkdir()
        self.program = self.folder / "synth-app"

    def environment(self, **added: str) -> dict[str, str]:
        """Return the only variables that the program gets."""
        return {"HOME": str(self.home), **added}

    def run(self, *arguments: str, timeout_s: float = 120, **added: str) -> str:
        """Run a command of the program in the home folder and return what it prints."""
        done = subprocess.run(
            [str(self.program), *arguments], cwd=self.home, env=self.environment(**added),
            capture_output=True, text=True, check=False, timeout=timeout_s,
        )  # fmt: skip
        if done.returncode:
            raise SystemExit(f"synth-app {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
        return done.stdout


def main() -> None:
    """Check the app folder that the command line names."""
    with tempfile.TemporaryDirectory(prefix="app-folder-") as name:
        app = AppFolder(Path(sys.argv[1]).absolute(), Path(name))
        check_content(app)
        check_pool(app)
        app.run("--run-module", "synth_app.engine.warmup", timeout_s=COMPILE_S)  # so that no wait below depends on it
        sink = NullSink()
        try:
            sink.start()
            check_demo(app, sink)
            check_window(app, sink)
        finally:
            sink.close()


def check_content(app: AppFolder) -> None:
    """Check that all models and presets are there, and come from the app folder."""
    models = [Path(each["file"]) for each in json.loads(app.run("models", "--json"))]
    expect({path.name for path in models} == {path.name for path in (ROOT / "models").iterdir()}, "models are missing")
    expect(all(path.is_relative_to(app.folder) for path in models), f"foreign models: {models}")
    presets = json.loads(app.run("presets", "list", "--json"))
    expect(len(presets) == len(list((ROOT / "assets" / "presets").iterdir())), "presets are missing")
    print(f"{len(models)} models, {len(presets)} presets")


def check_pool(app: AppFolder) -> None:
    """Check that the processes of a pool do their work, and do not start the program again."""
    app.run("dataset", "synthesize", "notes", "--instruments", "2", "--jobs", "2", timeout_s=COMPILE_S)
    expect(len(list((app.home / "notes").rglob("*.wav"))) >= 10, "the pool rendered no notes")
    print("processes of a pool work")


def check_demo(app: AppFolder, sink: NullSink) -> None:
    """Play the demo and check that the null sink played it."""
    with sink.recording() as recording:
        app.run("demo", timeout_s=DEMO_S, **sink.environment)
        heard = recording.samples()
    seconds = heard[: len(heard) // RATE * RATE].reshape(-1, RATE, 2)
    loud = int((np.abs(seconds).max(axis=(1, 2)) > LOUD).sum())
    expect(loud >= 10, f"the demo played {loud} s, not at least 10 s")
    expect((app.home / "demo.png").stat().st_size > 50_000, "the picture of the window is empty")
    print(f"demo: {loud} s heard")


def check_window(app: AppFolder, sink: NullSink) -> None:
    """Open the window, press a key, and check that it sounds and that every child is a child."""
    with screen() as display, sink.recording() as recording:
        environment = app.environment(DISPLAY=display, **sink.environment)
        window = subprocess.Popen([str(app.program)], cwd=app.home, env=environment)
        try:
            began_s = time.monotonic()
            while np.abs(recording.samples()[-RATE:]).max(initial=0) < LOUD:
                expect(time.monotonic() - began_s < WINDOW_S, "no sound after the key was pressed")
                expect(window.poll() is None, "the program ended")
                press("a", display)
            print(f"window: heard after {time.monotonic() - began_s:.1f} s")
            children = commands_of_children(window.pid)
            expect(bool(children), "there is no audio process")
            strange = [each for each in children if not any(mark in each for mark in CHILD_MARKS)]
            expect(not strange, f"the program started itself again: {strange}")
        finally:
            window.terminate()
            window.wait(30)


def press(key: str, display: str) -> None:
    """Press a key for half a second in whatever window has the focus."""
    environment = {"DISPLAY": display, "PATH": os.defpath}
    subprocess.run(["xdotool", "keydown", key], env=environment, check=True)
    time.sleep(0.5)
    subprocess.run(["xdotool", "keyup", key], env=environment, check=True)
    time.sleep(0.2)


def commands_of_children(pid: int) -> list[str]:
    """Return the command lines of the child processes of a process."""
    listed = subprocess.run(["ps", "-o", "args=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return listed.stdout.splitlines()


@contextmanager
def screen() -> Iterator[str]:
    """An X server without a monitor; gives the name of its display."""
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x800x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[write])
    os.close(write)
    try:
        with os.fdopen(read) as answer:
            yield f":{answer.readline().strip()}"
    finally:
        server.terminate()
        server.wait()


def expect(holds: bool, problem: str) -> None:
    """End with a message if the condition does not hold."""
    if not holds:
        raise SystemExit(f"the app folder is not complete: {problem}")


if __name__ == "__main__":
    main()
