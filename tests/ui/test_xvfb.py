"""The real window on a real X server, moved by xdotool, heard through the real audio process."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from tests.ui.model_fixture import make_model

pytestmark = pytest.mark.xvfb
START_S = 150.0  # compiling the kernels, the first time, on a slow machine

# The program's own parts, joined as in run(); prints where things are and what the audio process reports.
RUNNER = """
import json, sys
from PySide6.QtCore import QPoint, QTimer
from synth_app.app import Instrument, one_blas_thread
from synth_app.audio.messages import DeviceSettings
from synth_app.ui.application import make_application

one_blas_thread()
app = make_application([])
instrument = Instrument()
instrument.store.set_device(DeviceSettings(device=""))
instrument.store.set_param("motion", 0.0)
window = instrument.window
instrument.bridge.report.connect(lambda report: print(type(report).__name__, flush=True))
window.move(0, 0)
instrument.show()
instrument.begin()

def middle(widget, x=None):
    at = widget.mapToGlobal(QPoint(widget.width() // 2 if x is None else round(x), widget.height() // 2))
    return [at.x(), at.y()]

def places(*_):
    QTimer.singleShot(300, tell)

def tell():
    slider = window.work.latent.sliders[0]
    track = slider.track()
    x = track.left() + slider.travel() * track.width()
    toward = track.left() + 8 if slider.travel() > 0.5 else track.right() - 8
    print(json.dumps({"record": middle(window.record), "slider": middle(slider, x), "end": middle(slider, toward),
                      "platform": app.platformName(), "size": [window.width(), window.height()]}), flush=True)

window.loader.loaded.connect(places)
status = app.exec()
instrument.close()
sys.exit(status)
"""


@pytest.fixture
def display() -> Iterator[str]:
    """A private X server of 1280 x 720."""
    for program in ("Xvfb", "xdotool"):
        if shutil.which(program) is None:
            pytest.fail(f"{program} is not installed: apt-get install xvfb xdotool")
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x720x24", "-nolisten", "tcp"],
        pass_fds=[write],
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    with os.fdopen(read) as pipe:
        number = pipe.readline().strip()
    yield f":{number}"
    server.terminate()
    server.wait()


class Desk:
    """The running program and a hand on its mouse and keyboard."""

    def __init__(self, display: str, folder: Path) -> None:
        models = folder / "models"
        models.mkdir()
        make_model(models / "residual-vae-48k.safetensors")  # under the default's name, so that it is loaded
        self.music = folder / "music"
        self.env = {
            **os.environ,
            "DISPLAY": display,
            "QT_QPA_PLATFORM": "xcb",
            "SYNTH_APP_MODELS": str(models),
            "XDG_CONFIG_HOME": str(folder / "config"),
            "XDG_MUSIC_DIR": str(self.music),
        }
        self.process = subprocess.Popen([sys.executable, "-c", RUNNER], env=self.env, stdout=subprocess.PIPE, text=True)

    def wait_ready(self) -> dict[str, Any]:
        """Places of the widgets, once the model sounds."""
        assert self.process.stdout is not None
        return _read_until_ready(self.process.stdout)

    def xdotool(self, *words: str | int) -> None:
        """One xdotool command."""
        subprocess.run(["xdotool", *map(str, words)], env=self.env, check=True, timeout=20)

    def drag(self, start: list[int], end: list[int]) -> None:
        """Press at ``start``, move to ``end`` in steps, release."""
        self.xdotool("mousemove", *start, "mousedown", 1)
        for share in np.linspace(0, 1, 12):
            x, y = (round(a + (b - a) * share) for a, b in zip(start, end, strict=True))
            self.xdotool("mousemove", x, y)
            time.sleep(0.02)
        self.xdotool("mouseup", 1)


def _read_until_ready(lines: IO[str]) -> dict[str, Any]:
    places: dict[str, Any] | None = None
    sounding, end = False, time.monotonic() + START_S
    while places is None or not sounding:
        assert time.monotonic() < end, "the program did not become ready"
        line = lines.readline()
        assert line, "the program ended"
        sounding = sounding or line.startswith("ModelLoaded")
        places = json.loads(line) if line.startswith("{") else places
    return places


@pytest.fixture
def desk(display: str, tmp_path: Path) -> Iterator[Desk]:
    """The program, closed politely afterwards."""
    made = Desk(display, tmp_path)
    yield made
    if made.process.poll() is None:
        made.process.send_signal(signal.SIGKILL)
    made.process.wait()


def spectrum_db(audio: NDArray[np.float64], at_s: float) -> NDArray[np.float64]:
    """Mean spectrum of 0.4 s from ``at_s`` on, in bands of 100 Hz."""
    cut = audio[round(at_s * 48_000) : round((at_s + 0.4) * 48_000)]
    power = np.abs(np.fft.rfft(cut * np.hanning(len(cut)))) ** 2
    bands = power[: 100 * 40 * 2].reshape(100, 80).mean(axis=1)  # 1 bin = 2.5 Hz
    out: NDArray[np.float64] = 10 * np.log10(bands + 1e-9)
    return out


@pytest.mark.timeout(240)
def test_dragging_a_slider_changes_what_is_recorded(desk: Desk) -> None:
    places = desk.wait_ready()
    assert places["platform"] == "xcb"
    assert places["size"] == [1280, 720]
    desk.xdotool("search", "--name", "^synth_app$", "windowfocus", "--sync")
    desk.xdotool("keydown", "a")
    time.sleep(0.5)
    desk.xdotool("mousemove", *places["record"], "click", 1)
    time.sleep(1.6)
    desk.drag(places["slider"], places["end"])
    time.sleep(1.2)
    desk.xdotool("mousemove", *places["record"], "click", 1)
    time.sleep(0.7)
    desk.xdotool("keyup", "a")
    desk.xdotool("key", "ctrl+q")
    assert desk.process.wait(timeout=20) == 0
    files = list((desk.music / "synth_app").glob("*.wav"))
    assert len(files) == 1
    stereo, rate = soundfile.read(files[0])
    assert rate == 48_000
    audio = stereo.mean(axis=1)
    assert len(audio) > 2.5 * rate
    first, second = spectrum_db(audio, 0.2), spectrum_db(audio, 0.8)
    last = spectrum_db(audio, len(audio) / rate - 0.7)
    loud = first > first.max() - 50
    drift = np.abs(first - second)[loud].mean()
    change = np.abs(first - last)[loud].mean()
    assert first.max() > 20 * np.log10(1e-3), "a held key sounds"
    assert change > 3.0, f"{change:.1f} dB"
    assert change > 3 * drift, f"moved by {change:.1f} dB, drifts by {drift:.1f} dB on its own"
