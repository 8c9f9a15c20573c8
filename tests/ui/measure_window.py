"""Measures the real window on the present display: ``python -m tests.ui.measure_window``.

Prints how long it takes to be visible after launch (three times, seen by xdotool) and to be heard, and what a core has
to do in the app's process without a note, with four, and while the morph fader is dragged, how many frames are then
painted; for docs/benchmarks/window.md. The default output must be PulseAudio's or PipeWire's.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory

import numpy as np
from PySide6.QtCore import QEvent, QEventLoop, QObject, QPointF, Qt, QTimer
from PySide6.QtWidgets import QWidget

from synth_app.app import Application, one_blas_thread
from synth_app.audio.protocol.messages import ModelLoaded, Report
from synth_app.benchmarks.monitor import Monitor
from synth_app.ui.window.application import make_application
from synth_app.ui.window.scripted_input import drag

_STARTS = 3
_MEASURED_S = 8.0
_CHORD = (48, 60, 64, 67)
_SETTLE_S = 3.0
_AUDIBLE = 1e-4
_REFRESH_HZ = 60


def launched() -> tuple[float, float]:
    """Launch the program as a user does and hold a key as soon as there is a window.

    Returns:
        seconds until the X server shows its window, and until the default output's monitor hears the key.
    """
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}  # as users have it
    search = ["xdotool", "search", "--onlyvisible", "--name", "^synth_app"]
    with Monitor() as monitor:
        began = time.perf_counter()
        program = subprocess.Popen([sys.executable, "-m", "synth_app.cli"], env=kept)
        try:
            while not (found := subprocess.run(search, capture_output=True, check=False, text=True).stdout.split()):
                time.sleep(0.1)  # looking costs a tenth of a core
            visible_s = time.perf_counter() - began
            subprocess.run(["xdotool", "windowfocus", "--sync", found[0], "keydown", "a"], check=True)
            while not (heard := np.flatnonzero(np.abs(monitor.samples()).max(axis=1, initial=0.0) > _AUDIBLE)).size:
                time.sleep(0.1)
            return visible_s, monitor.arrived_s(int(heard[0])) - began
        finally:
            subprocess.run(["xdotool", "keyup", "a"], check=False)
            time.sleep(_SETTLE_S)
            program.terminate()
            program.wait()


@contextmanager
def told(what: str) -> Iterator[None]:
    """Print the share of a core that this process took meanwhile."""
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    print(f"{what}: {100 * (time.process_time() - cpu) / (time.perf_counter() - wall):.1f} % of a core", flush=True)


@contextmanager
def frames_of(widget: QWidget, what: str) -> Iterator[None]:
    """Print how often ``widget`` is painted meanwhile, and the time between two paintings."""
    watch = _Paints()
    widgets = (widget, *widget.findChildren(QWidget))
    for each in widgets:
        each.installEventFilter(watch)
    yield
    for each in widgets:
        each.removeEventFilter(watch)
    gaps_ms = 1e3 * np.diff(watch.times)
    gaps_ms = gaps_ms[gaps_ms > 2.0]  # children of one widget are painted together
    p50, p95, most = np.percentile(gaps_ms, [50, 95, 100])
    rate = 1e3 / gaps_ms.mean()
    print(f"  {what}: {rate:.0f} frames/s; ms from one to the next: p50 {p50:.1f}, p95 {p95:.1f}, most {most:.0f}")


class _Paints(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.times: list[float] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.times.append(time.perf_counter())
        return False


def dragged(steps: Iterator[float], live: Callable[[float], None]) -> None:
    """Move the mouse 60 times a second, as a screen's refresh would."""
    due = time.perf_counter()
    for _ in steps:
        due = max(due + 1 / _REFRESH_HZ, time.perf_counter() - 1 / _REFRESH_HZ)
        live(max(due - time.perf_counter(), 0.0))


def measure() -> None:
    """Run the program's own parts in this process, and watch it."""
    one_blas_thread()
    app = make_application([])  # keep it: Qt's end is its end
    instrument = Application()
    window, reports = instrument.window, list[Report]()
    instrument.bridge.report.connect(reports.append)
    instrument.show()
    instrument.begin()

    def live(seconds: float) -> None:
        loop = QEventLoop()
        timer = QTimer(loop, singleShot=True, timerType=Qt.TimerType.PreciseTimer, interval=round(1000 * seconds))
        timer.timeout.connect(loop.quit)
        timer.start()
        loop.exec()

    while not any(isinstance(report, ModelLoaded) for report in reports):
        live(0.1)
    live(_SETTLE_S)
    with told("no note"):
        live(_MEASURED_S)
    for key in _CHORD:
        window.notes.press(str(key), key, 100)
    with told("four notes"):
        live(_MEASURED_S)
    fader = window.work.morph.fader
    track = fader.track()
    places = [track.center(), QPointF(track.right(), track.center().y()), track.center()]
    for what, painted in (("fader", fader), ("spectrogram", window.work.spectrogram)):
        with frames_of(painted, what), told("four notes and the morph fader dragged"):
            dragged(drag(fader, places, _MEASURED_S), live)
    window.close()
    instrument.close()
    app.processEvents()


def main() -> None:
    """All of it, with settings of its own."""
    with TemporaryDirectory() as folder:
        os.environ["XDG_CONFIG_HOME"] = folder
        launched()  # leaves compiled modules for the others
        for _ in range(_STARTS):
            visible_s, sounding_s = launched()
            print(
                f"visible after {visible_s:.2f} s, the key held then heard {sounding_s:.2f} s after launch", flush=True
            )
        measure()


if __name__ == "__main__":
    main()
