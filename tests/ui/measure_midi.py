"""Measure MIDI latency: keys and learned controllers, from the port to the engine, through the real window and process.

    python -m tests.ui.measure_midi [trials]

The ports are the fakes of the tests, the device is the null clock, and the window is drawn offscreen.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from synth_app.audio import AudioClient, DeviceSettings, MidiState, ModelLoaded
from synth_app.export import RenderJob
from synth_app.modelfile import find_model
from synth_app.modelfile.catalog import DEFAULT_MODEL
from synth_app.patch import ENGINE_RATE
from synth_app.session import PresetLibrary, SavedSession, SessionStore
from synth_app.session.sounds.sound_library import SoundLibrary
from synth_app.support.blas_threads import BlasThreadLimit
from synth_app.ui.ports.audio_port import Services
from synth_app.ui.window.application import ReportBridge, make_application
from synth_app.ui.window.main_window import MainWindow
from tests.audio import fake_midi
from tests.audio.fake_midi import Plug
from tests.ui.fakes import FakeInput, FakeRecorder, InlineWorker

_BLOCK = 128
_PORT = "Keys"


class MeasuredWindow:
    """The program with fake MIDI ports."""

    def __init__(self, folder: Path) -> None:
        os.environ[fake_midi.FOLDER] = str(folder / "ports")
        self.plug = Plug(folder / "ports")
        self.plug.add(_PORT)
        self.app: QApplication = make_application([])
        self.store = SessionStore(SavedSession(device=DeviceSettings(device="", block=_BLOCK)))
        self.bridge = ReportBridge()
        self.client = AudioClient(self.bridge.report.emit, midi=fake_midi.__name__, spare_after=None)
        library = PresetLibrary(folder / "presets")
        sounds, taken = SoundLibrary(folder / "sounds"), FakeInput()
        worker = InlineWorker(sounds.folder)
        services = Services(
            self.client, FakeRecorder, RenderJob, folder, library, sounds, lambda: taken, lambda: worker
        )  # fmt: skip
        self.window = MainWindow(self.store, services)
        self.reports: list[object] = []
        self.sent = 0.0  # time of the last message, for the clock of the port
        self.bridge.report.connect(self.window.handle_report, Qt.ConnectionType.QueuedConnection)
        self.bridge.report.connect(lambda report: self.reports.append(report), Qt.ConnectionType.QueuedConnection)

    def start(self) -> None:
        """Start, and wait until the model is loaded and the port is open."""
        self.window.show()
        self.client.start(DeviceSettings(device="", block=_BLOCK))
        self.window.start(str(find_model(DEFAULT_MODEL)))
        self.wait(lambda: any(isinstance(r, ModelLoaded) for r in self.reports), 300.0)
        self.wait(lambda: any(isinstance(r, MidiState) and r.open for r in self.reports), 10.0)

    def wait(self, condition: Callable[[], bool], seconds: float) -> None:
        """Run the event loop until ``condition`` is true."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise SystemExit("measure_midi: the program did not get ready; is the machine overloaded?")
            self.app.processEvents()
            time.sleep(0.001)

    def run_for(self, seconds: float) -> None:
        """Run the event loop for some seconds."""
        end = time.monotonic() + seconds
        self.wait(lambda: time.monotonic() > end, seconds + 1.0)

    def latency_ms(self, message: Sequence[int]) -> tuple[float, float]:
        """Send one message.

        Returns:
            ms until the engine began to render its block, and until the sample at which it took effect (the start of
            the block plus the offset of the sample).
        """
        telemetry = self.client.telemetry
        index = telemetry.blocks_written - 1
        sent = time.perf_counter()
        self.plug.send(_PORT, message, since=sent - self.sent)
        self.sent = sent
        first = telemetry.blocks_since(index)[0]["applied"][0]
        found = None
        while found is None:
            self.app.processEvents()
            blocks, _, _ = telemetry.blocks_since(index)
            moved = np.flatnonzero(blocks["applied"] != first)
            found = blocks[moved[0]] if len(moved) else None
            time.sleep(0.0005)
        offset = int(found["applied"]) - (int(found["clock"]) - _BLOCK)
        began = 1e3 * (float(found["start"]) - sent)
        return began, began + 1e3 * offset / ENGINE_RATE


def _text(ms: NDArray[np.float64]) -> str:
    p50, p95 = np.percentile(ms, (50, 95))
    return f"median {p50:5.1f} ms, 95 % {p95:5.1f}, worst {ms.max():5.1f}, deviation {ms.std():4.2f}"


def main(trials: int) -> None:
    """Measure and print the latencies."""
    with BlasThreadLimit(), tempfile.TemporaryDirectory() as folder:
        measured = MeasuredWindow(Path(folder))
        measured.start()
        rng = np.random.default_rng(0)
        keys, knobs = [], []
        for i in range(trials):
            measured.run_for(float(rng.uniform(0.03, 0.06)))
            keys.append(measured.latency_ms([0x90, 60, 90] if i % 2 == 0 else [0x80, 60, 0]))
        measured.window.midi.learn.arm("width")
        measured.plug.send(_PORT, [0xB0, 20, 1])
        measured.run_for(0.5)
        for value in (*range(0, 128, 4), 127):
            measured.plug.send(_PORT, [0xB0, 20, value])
            measured.run_for(0.02)
        for i in range(trials):
            measured.run_for(float(rng.uniform(0.06, 0.09)))
            knobs.append(measured.latency_ms([0xB0, 20, 40 + 30 * (i % 2)]))
        load = os.getloadavg()[0]
        print(f"{trials} trials, blocks of {_BLOCK} ({1e3 * _BLOCK / ENGINE_RATE:.1f} ms), load average {load:.1f}")
        print("key, to its sample        ", _text(np.array(keys)[:, 1]))
        print("key, to its block         ", _text(np.array(keys)[:, 0]))
        print("learned controller        ", _text(np.array(knobs)[:, 1]))
        measured.window.close()
        measured.client.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
