"""The real program on a private X server with a null sink as sound card, driven by xdotool."""

import json
import os
import queue
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.audio.null_sink import NullSink
from tests.ui.model_fixture import make_model

START_S = 300.0  # compiling the kernels, the first time, on a slow machine
PATIENCE_S = 30.0  # for short waits on a busy machine

# The program as `synth-app` runs it. It prints the reports of the audio process. It also evaluates expressions from
# standard input, so that the tests can find positions on the screen and wait for a state of the window.
RUNNER = """
import json, sys, threading
from PySide6.QtCore import QObject, QPoint, QPointF, Qt, Signal
from PySide6.QtWidgets import QApplication
from synth_app import app

class Answers(QObject):
    received = Signal(str)

    def __init__(self, application):
        super().__init__()
        self.window = application.window
        application.bridge.report.connect(lambda report: self.send("report", type(report).__name__))
        self.received.connect(self.answer, Qt.ConnectionType.QueuedConnection)
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        for line in sys.stdin:
            self.received.emit(line.strip())

    def answer(self, expression):
        W, w = self.window, self.window.work
        def at(widget, x=None, y=None):
            point = widget.mapToGlobal(QPoint(round(widget.width() / 2 if x is None else x),
                                              round(widget.height() / 2 if y is None else y)))
            return [point.x(), point.y()]
        names = {"W": W, "w": w, "at": at, "popup": QApplication.activePopupWidget, "focus": QApplication.focusWidget}
        self.send("answer", eval(expression, names))

    def send(self, kind, value):
        print(json.dumps([kind, value]), flush=True)

show = app.Application.show

def show_and_answer(application, **options):
    global answers
    application.window.move(0, 0)
    show(application, **options)
    answers = Answers(application)

app.Application.show = show_and_answer
sys.exit(app.run([]))
"""


@contextmanager
def x_server(width: int = 1280, height: int = 720) -> Iterator[str]:
    """Run a private X server; yields the name of its display."""
    for program in ("Xvfb", "xdotool"):
        if shutil.which(program) is None:
            raise RuntimeError(f"{program} is not installed: apt-get install xvfb xdotool")
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as pipe:
        number = pipe.readline().strip()
    try:
        yield f":{number}"
    finally:
        server.terminate()
        server.wait()


class RunningProgram:
    """The running program with folders of its own, playing into a null sink.

    Attributes:
        music: folder of recordings.
        presets: folder of user presets.
        config: folder of the session and the settings.
    """

    def __init__(self, display: str, sink: NullSink, folder: Path, models: Path) -> None:
        self.sink = sink
        self.music, self.presets = folder / "music", folder / "presets"
        self.config = folder / "config" / "synth_app"
        self.env = {
            **os.environ,
            **sink.environment,
            "DISPLAY": display,
            "QT_QPA_PLATFORM": "xcb",
            "SYNTH_APP_MODELS": str(models),
            "SYNTH_APP_PRESETS": str(self.presets),
            "XDG_CONFIG_HOME": str(folder / "config"),
            "XDG_DATA_HOME": str(folder / "data"),
            "XDG_MUSIC_DIR": str(self.music),
        }
        self._lines: queue.SimpleQueue[list[Any]] = queue.SimpleQueue()
        self.process = self._launch()

    def _launch(self) -> subprocess.Popen[str]:
        pipe = subprocess.PIPE
        made = subprocess.Popen([sys.executable, "-c", RUNNER], env=self.env, stdin=pipe, stdout=pipe, text=True)
        threading.Thread(target=self._read, args=(made,), daemon=True).start()
        return made

    def _read(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("["):
                self._lines.put(json.loads(line))

    def _next(self, kind: str, fits: Callable[[Any], bool], seconds: float) -> Any:
        end = time.monotonic() + seconds
        while True:
            left = end - time.monotonic()
            assert left > 0, f"no {kind} arrived within {seconds:g} s"
            assert self.process.poll() is None, "the program ended"
            try:
                found, value = self._lines.get(timeout=min(left, 0.5))
            except queue.Empty:
                continue
            if found == kind and fits(value):
                return value

    def wait_report(self, name: str, seconds: float = PATIENCE_S) -> None:
        """Wait for a report of the audio process, by its class name."""
        self._next("report", lambda value: value == name, seconds)

    def position(self, expression: str) -> list[int]:
        """Return a position on the screen, for example ``at(w.record)``."""
        position: list[int] = self._evaluate(expression)
        return position

    def number(self, expression: str) -> float:
        """Return the number that an expression evaluates to."""
        return float(self._evaluate(expression))

    def wait(self, expression: str) -> None:
        """Wait until an expression is true."""
        end = time.monotonic() + PATIENCE_S
        while not self._evaluate(f"bool({expression})"):
            assert time.monotonic() < end, f"never true: {expression}"
            time.sleep(0.03)

    def _evaluate(self, expression: str) -> Any:
        assert self.process.stdin is not None
        self.process.stdin.write(expression + "\n")
        self.process.stdin.flush()
        return self._next("answer", lambda _: True, PATIENCE_S)

    # ---- mouse and keyboard

    def xdotool(self, *words: str | int) -> None:
        """Run one xdotool command."""
        subprocess.run(["xdotool", *map(str, words)], env=self.env, check=True, timeout=20)

    def focus(self, title: str = "^synth_app$") -> None:
        """Give the keyboard focus to a window; there is no window manager that does."""
        self.xdotool("search", "--sync", "--onlyvisible", "--name", title, "windowfocus", "--sync")

    def keys(self, *keys: str) -> None:
        """Press keys one after the other."""
        self.xdotool("key", "--delay", 30, *keys)

    def type(self, text: str) -> None:
        """Type text."""
        self.xdotool("type", "--delay", 15, text)

    def click(self, at: list[int], times: int = 1) -> None:
        """Click the left button."""
        self.xdotool("mousemove", *at, "click", "--repeat", times, "--delay", 60, 1)

    def drag(self, start: list[int], end: list[int], seconds: float = 0.4) -> None:
        """Press at ``start``, move to ``end`` in steps, release."""
        self.xdotool("mousemove", *start, "mousedown", 1)
        for fraction in np.linspace(0, 1, 12):
            x, y = (round(a + (b - a) * fraction) for a, b in zip(start, end, strict=True))
            self.xdotool("mousemove", x, y)
            time.sleep(seconds / 12)
        self.xdotool("mouseup", 1)

    @contextmanager
    def key_down(self, key: str) -> Iterator[None]:
        """Hold a key."""
        self.xdotool("keydown", key)
        try:
            yield
        finally:
            self.xdotool("keyup", key)

    def command(self, text: str) -> None:
        """Run the first command that the palette finds for a text."""
        self.keys("ctrl+k")
        self.wait("popup()")
        self.type(text)
        self.wait(f"popup().field.text() == {text!r}")
        self.keys("Return")
        self.wait("popup() is None")

    def load_preset(self, text: str) -> None:
        """Open the preset browser, search for a text and load the first result."""
        self.keys("ctrl+b")
        self.wait("W.pages.browser.isVisible() and W.pages.browser.search.hasFocus()")
        self.type(text)
        self.wait(f"W.pages.browser.search.text() == {text!r}")
        self.keys("Return")
        self.wait("not W.pages.browser.search.hasFocus()")
        self.keys("Return")

    # ---- results outside of the window

    def session(self, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Return the saved session as soon as it fits; it is saved every few seconds."""
        path, end, found = self.config / "session.json", time.monotonic() + PATIENCE_S, dict[str, Any]()
        while time.monotonic() < end:
            if path.exists():
                found = json.loads(path.read_text(encoding="utf-8"))
                if fits(found):
                    return found
            time.sleep(0.1)
        raise AssertionError(f"the saved session never fits: {found}")

    def wait_file(self, pattern: Path) -> Path:
        """Wait for the one file that matches a pattern."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            found = [path for path in pattern.parent.glob(pattern.name) if not path.name.startswith(".")]
            if len(found) == 1:
                return found[0]
            time.sleep(0.1)
        raise AssertionError(f"no file {pattern}")

    def quit(self) -> None:
        """Quit by the shortcut."""
        self.focus()
        self.keys("ctrl+q")
        assert self.process.wait(timeout=PATIENCE_S) == 0

    def launch_again(self) -> None:
        """Start the program once more, with the same folders."""
        self.process = self._launch()
        self.wait_report("ModelLoaded", START_S)
        self.focus()

    def close(self) -> None:
        """Kill the program."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


@contextmanager
def started_program(folder: Path) -> Iterator[RunningProgram]:
    """Start the program with a small model beside the shipped ones, a screen and a null sink; yields it with focus."""
    models, sink = folder / "models", NullSink()
    models.mkdir()
    make_model(models / "test.safetensors")  # beside the shipped models, whose default is loaded first
    make_model(models / "wide.safetensors", latent=24, name="wide", title="Wide")
    try:
        sink.start()
        with x_server() as display:
            made = RunningProgram(display, sink, folder, models)
            try:
                made.wait_report("ModelLoaded", START_S)
                made.focus()
                yield made
            finally:
                made.close()
    finally:
        sink.close()


RATE = 48_000


def band_db(stereo: NDArray[np.floating], start_s: float, seconds: float = 0.3) -> NDArray[np.float64]:
    """Return the mean spectrum in bands of 100 Hz up to 10 kHz, in dB relative to a full-scale sine."""
    cut = np.asarray(stereo, np.float64).mean(axis=1)[round(start_s * RATE) :][: round(seconds * RATE)]
    window = np.hanning(len(cut))
    power = (2 * np.abs(np.fft.rfft(cut * window)) / window.sum()) ** 2
    hz = np.arange(len(power)) * RATE / len(cut)
    total = np.bincount(np.minimum(hz // 100, 100).astype(int), power, 101)[:100]
    out: NDArray[np.float64] = 10 * np.log10(total + 1e-12)
    return out


def difference_db(x: NDArray[np.float64], y: NDArray[np.float64], within_db: float = 50.0) -> float:
    """Return the mean distance of two spectra in dB, where the first is within ``within_db`` of its maximum."""
    loud = x > x.max() - within_db
    return float(np.abs(x - y)[loud].mean())


def onsets_s(stereo: NDArray[np.floating], gap_s: float = 0.15) -> list[float]:
    """Return the times at which sound begins after silence, in seconds."""
    step = RATE // 100
    mono = np.abs(np.asarray(stereo)).max(axis=1)
    loud = mono[: len(mono) // step * step].reshape(-1, step).max(axis=1) > 1e-3
    quiet, found = round(gap_s * 100), list[float]()
    for i in np.flatnonzero(loud):
        if not loud[max(i - quiet, 0) : i].any():
            found.append(i / 100)
    return found


def pitch_hz(stereo: NDArray[np.floating], start_s: float, seconds: float = 0.25) -> float:
    """Return the fundamental frequency, 60-1200 Hz, by the first strong peak of the autocorrelation."""
    cut = np.asarray(stereo, np.float64).mean(axis=1)[round(start_s * RATE) :][: round(seconds * RATE)]
    cut = cut * np.hanning(len(cut))
    correlation = np.fft.irfft(np.abs(np.fft.rfft(cut, 2 * len(cut))) ** 2)[: RATE // 60]
    lags = np.arange(RATE // 1200, len(correlation) - 1)
    peak = (correlation[lags] >= correlation[lags - 1]) & (correlation[lags] > correlation[lags + 1])
    strong = lags[peak & (correlation[lags] > 0.85 * correlation[lags][peak].max())]
    return float(RATE / strong[0])
