"""Measure the real window on the current display: ``python -m tests.ui.measure_window``.

Prints the time from launch until the window is visible (three times, by xdotool) and until a key is heard. Prints the
CPU load of the app's process without a note, with four notes, and while the morph fader is dragged, with the rate of
painted frames. The figures are those of docs/benchmarks/window.md. The default output must be PulseAudio or PipeWire.
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

from synth_app.app import Application
from synth_app.audio.protocol.messages import ModelLoaded, Report
from synth_app.benchmarks.monitor import Monitor
from synth_app.support.blas_threads import BlasThreadLimit
from synth_app.ui.analyzers.spectrogram_view import SpectrogramView
from synth_app.ui.window.application import make_application
from synth_app.ui.window.demo.scripted_input import drag

_STARTS = 3
_MEASURED_S = 8.0
_CHORD = (48, 60, 64, 67)
_SETTLE_S = 3.0
_AUDIBLE = 1e-4
_REFRESH_HZ = 60


def launched() -> tuple[float, float]:
    """Launch the program and hold a key as soon as the window is visible.

    Returns:
        seconds until the X server shows its window, and until the default output's monitor hears the key.
    """
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    search = ["xdotool", "search", "--onlyvisible", "--name", "^synth_app"]
    with Monitor() as monitor:
        began = time.perf_counter()
        program = subprocess.Popen([sys.executable, "-m", "synth_app.cli"], env=environment)
        try:
            while not (found := subprocess.run(search, capture_output=True, check=False, text=True).stdout.split()):
                time.sleep(0.1)  # polling costs a tenth of a core
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
def cpu_load(what: str) -> Iterator[None]:
    """Print the CPU time of this process in the block, as a fraction of one core."""
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    print(f"{what}: {100 * (time.process_time() - cpu) / (time.perf_counter() - wall):.1f} % of a core", flush=True)


@contextmanager
def frames_of(widget: QWidget, what: str) -> Iterator[None]:
    """Print how often ``widget`` is painted in the block, and the time between two paint events."""
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
    """Move the mouse 60 times a second, as often as a usual screen refreshes."""
    due = time.perf_counter()
    for _ in steps:
        due = max(due + 1 / _REFRESH_HZ, time.perf_counter() - 1 / _REFRESH_HZ)
        live(max(due - time.perf_counter(), 0.0))


def measure() -> None:
    """Run the program in this process and measure it."""
    app = make_application([])  # kept: Qt ends with this object
    application = Application()
    window, reports = application.window, list[Report]()
    application.bridge.report.connect(reports.append)
    application.show()
    application.start()

    def live(seconds: float) -> None:
        loop = QEventLoop()
        timer = QTimer(loop, singleShot=True, timerType=Qt.TimerType.PreciseTimer, interval=round(1000 * seconds))
        timer.timeout.connect(loop.quit)
        timer.start()
        loop.exec()

    while not any(isinstance(report, ModelLoaded) for report in reports):
        live(0.1)
    live(_SETTLE_S)
    with cpu_load("no note"):
        live(_MEASURED_S)
    for key in _CHORD:
        window.notes.press(str(key), key, 100)
    with cpu_load("four notes"):
        live(_MEASURED_S)
    fader = window.work.morph.fader
    track = fader.track()
    points = [track.center(), QPointF(track.right(), track.center().y()), track.center()]
    for what, painted in (("fader", fader), ("spectrogram", window.work.view_of(SpectrogramView))):
        with frames_of(painted, what), cpu_load("four notes and the morph fader dragged"):
            dragged(drag(fader, points, _MEASURED_S), live)
    window.close()
    application.close()
    app.processEvents()


def main() -> None:
    """Run all measurements with settings of their own."""
    with TemporaryDirectory() as folder:
        os.environ["XDG_CONFIG_HOME"] = folder
        launched()  # writes compiled modules, which later launches use
        for _ in range(_STARTS):
            visible_s, sounding_s = launched()
            print(
                f"visible after {visible_s:.2f} s, the key held then heard {sounding_s:.2f} s after launch", flush=True
            )
        with BlasThreadLimit():
            measure()


if __name__ == "__main__":
    main()
