"""The real program on a private X server with a private sound card, and a hand on its mouse and keyboard."""

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

START_S = 300.0  # compiling the kernels, the first time, on a slow machine
PATIENCE_S = 30.0  # for what takes a moment: the machine may be busy

# The program as `synth-app` runs it. It prints what the audio process reports, and where on the screen things are when
# asked, and whether they are in sight: the hand has no eyes. Nothing else is asked of it.
RUNNER = """
import json, sys, threading
from PySide6.QtCore import QObject, QPoint, QPointF, Qt, Signal
from PySide6.QtWidgets import QApplication
from synth_app import app

class Answers(QObject):
    asked = Signal(str)

    def __init__(self, instrument):
        super().__init__()
        self.window = instrument.window
        instrument.bridge.report.connect(lambda report: self.tell("report", type(report).__name__))
        self.asked.connect(self.answer, Qt.ConnectionType.QueuedConnection)
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        for line in sys.stdin:
            self.asked.emit(line.strip())

    def answer(self, question):
        W, w = self.window, self.window.work
        def at(widget, x=None, y=None):
            place = widget.mapToGlobal(QPoint(round(widget.width() / 2 if x is None else x),
                                              round(widget.height() / 2 if y is None else y)))
            return [place.x(), place.y()]
        names = {"W": W, "w": w, "at": at, "popup": QApplication.activePopupWidget, "focus": QApplication.focusWidget}
        self.tell("answer", eval(question, names))

    def tell(self, kind, what):
        print(json.dumps([kind, what]), flush=True)

show = app.Application.show

def shown(instrument, **how):
    global answers
    instrument.window.move(0, 0)
    show(instrument, **how)
    answers = Answers(instrument)

app.Application.show = shown
sys.exit(app.run([]))
"""


@contextmanager
def x_server(width: int = 1280, height: int = 720) -> Iterator[str]:
    """A private X server; its display's name."""
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


class Desk:
    """The running program. Folders of its own, a null sink to hear it through.

    Attributes:
        music: where recordings go.
        presets: where presets of the user's go.
        config: where the session and the settings go.
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
            assert left > 0, f"no {kind} came within {seconds:g} s"
            assert self.process.poll() is None, "the program ended"
            try:
                found, what = self._lines.get(timeout=min(left, 0.5))
            except queue.Empty:
                continue
            if found == kind and fits(what):
                return what

    def wait_report(self, name: str, seconds: float = PATIENCE_S) -> None:
        """Wait until the audio process reports this."""
        self._next("report", lambda what: what == name, seconds)

    def place(self, expression: str) -> list[int]:
        """Where something is on the screen, e.g. ``at(w.record)``."""
        where: list[int] = self._ask(expression)
        return where

    def number(self, expression: str) -> float:
        """A number that is to be seen."""
        return float(self._ask(expression))

    def wait(self, expression: str) -> None:
        """Wait until something is to be seen, as a user would before going on."""
        end = time.monotonic() + PATIENCE_S
        while not self._ask(f"bool({expression})"):
            assert time.monotonic() < end, f"never: {expression}"
            time.sleep(0.03)

    def _ask(self, expression: str) -> Any:
        assert self.process.stdin is not None
        self.process.stdin.write(expression + "\n")
        self.process.stdin.flush()
        return self._next("answer", lambda _: True, PATIENCE_S)

    # ---- hands

    def xdotool(self, *words: str | int) -> None:
        """One xdotool command."""
        subprocess.run(["xdotool", *map(str, words)], env=self.env, check=True, timeout=20)

    def focus(self, title: str = "^synth_app$") -> None:
        """There is no window manager: give a window the keys."""
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
        for share in np.linspace(0, 1, 12):
            x, y = (round(a + (b - a) * share) for a, b in zip(start, end, strict=True))
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
        """Run the first command that the palette finds."""
        self.keys("ctrl+k")
        self.wait("popup()")
        self.type(text)
        self.wait(f"popup().field.text() == {text!r}")
        self.keys("Return")
        self.wait("popup() is None")

    def load_preset(self, text: str) -> None:
        """Open the preset browser, type, and take the first one that is found."""
        self.keys("ctrl+b")
        self.wait("W.browser.isVisible() and W.browser.search.hasFocus()")
        self.type(text)
        self.wait(f"W.browser.search.text() == {text!r}")
        self.keys("Return")
        self.wait("not W.browser.search.hasFocus()")
        self.keys("Return")

    # ---- what came of it, outside of the window

    def session(self, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The session's file, once it says so; it is written every few seconds."""
        path, end, found = self.config / "session.json", time.monotonic() + PATIENCE_S, dict[str, Any]()
        while time.monotonic() < end:
            if path.exists():
                found = json.loads(path.read_text(encoding="utf-8"))
                if fits(found):
                    return found
            time.sleep(0.1)
        raise AssertionError(f"the session does not say so: {found}")

    def wait_file(self, pattern: Path) -> Path:
        """The one file of that name pattern, once it is there."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            found = [path for path in pattern.parent.glob(pattern.name) if not path.name.startswith(".")]
            if len(found) == 1:
                return found[0]
            time.sleep(0.1)
        raise AssertionError(f"no file {pattern}")

    def quit(self) -> None:
        """Leave as a user does."""
        self.focus()
        self.keys("ctrl+q")
        assert self.process.wait(timeout=PATIENCE_S) == 0

    def launch_again(self) -> None:
        """Start the program once more, with the same folders."""
        self.process = self._launch()
        self.wait_report("ModelLoaded", START_S)
        self.focus()

    def close(self) -> None:
        """End it the hard way."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


RATE = 48_000


def band_db(stereo: NDArray[np.floating], start_s: float, seconds: float = 0.3) -> NDArray[np.float64]:
    """Mean spectrum in bands of 100 Hz up to 10 kHz, dB re a full-scale sine."""
    cut = np.asarray(stereo, np.float64).mean(axis=1)[round(start_s * RATE) :][: round(seconds * RATE)]
    window = np.hanning(len(cut))
    power = (2 * np.abs(np.fft.rfft(cut * window)) / window.sum()) ** 2
    hz = np.arange(len(power)) * RATE / len(cut)
    total = np.bincount(np.minimum(hz // 100, 100).astype(int), power, 101)[:100]
    out: NDArray[np.float64] = 10 * np.log10(total + 1e-12)
    return out


def difference_db(x: NDArray[np.float64], y: NDArray[np.float64], within_db: float = 50.0) -> float:
    """Mean distance of two spectra where the first is that near to its maximum."""
    loud = x > x.max() - within_db
    return float(np.abs(x - y)[loud].mean())


def onsets_s(stereo: NDArray[np.floating], gap_s: float = 0.15) -> list[float]:
    """When sound begins after silence, seconds."""
    step = RATE // 100
    mono = np.abs(np.asarray(stereo)).max(axis=1)
    loud = mono[: len(mono) // step * step].reshape(-1, step).max(axis=1) > 1e-3
    quiet, found = round(gap_s * 100), list[float]()
    for i in np.flatnonzero(loud):
        if not loud[max(i - quiet, 0) : i].any():
            found.append(i / 100)
    return found


def pitch_hz(stereo: NDArray[np.floating], start_s: float, seconds: float = 0.25) -> float:
    """Fundamental frequency, 60-1200 Hz: the first strong peak of the autocorrelation."""
    cut = np.asarray(stereo, np.float64).mean(axis=1)[round(start_s * RATE) :][: round(seconds * RATE)]
    cut = cut * np.hanning(len(cut))
    correlation = np.fft.irfft(np.abs(np.fft.rfft(cut, 2 * len(cut))) ** 2)[: RATE // 60]
    lags = np.arange(RATE // 1200, len(correlation) - 1)
    peak = (correlation[lags] >= correlation[lags - 1]) & (correlation[lags] > correlation[lags + 1])
    strong = lags[peak & (correlation[lags] > 0.85 * correlation[lags][peak].max())]
    return float(RATE / strong[0])
