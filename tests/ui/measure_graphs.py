"""Compare the main window's views with pyqtgraph: ``python -m tests.ui.measure_graphs``. Needs no display.

Prints the CPU time of one refresh of the spectrum (output as an area, decoded frame as a line) and of the spectrogram
(one new column), each drawn by the program's own canvas and by pyqtgraph at the same size with the same data, and the
time that importing pyqtgraph and opening the first graph take. The figures are those of docs/benchmarks/window.md.
"""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
import pyqtgraph as pg
from PySide6.QtWidgets import QApplication, QWidget

from synth_app.ui.analyzers.spectral import LogBands, SpectrumAnalyzer
from synth_app.ui.analyzers.spectrogram_view import COLUMNS, SpectrogramView, color_table
from synth_app.ui.analyzers.spectrum_canvas import SpectrumCanvas
from synth_app.ui.analyzers.telemetry_feed import ROWS, TelemetryFeed
from synth_app.ui.theme.theme import qcolor
from synth_app.ui.window.application import make_application
from tests.ui.fakes import FakeTelemetry

_SIZE, _FRAMES, _ROUNDS, _POINTS = (424, 140), 120, 5, 320
_IMPORT = (
    "import time, PySide6.QtWidgets, numpy; t = time.process_time(); import pyqtgraph; print(time.process_time() - t)"
)


def refresh_ms(widget: QWidget, advance: Callable[[int], None]) -> float:
    """Return the CPU time of one refresh in ms, the least of some rounds."""
    widget.resize(*_SIZE)
    widget.show()
    QApplication.processEvents()
    rounds = []
    for _ in range(_ROUNDS):
        began = time.process_time()
        for i in range(_FRAMES):
            advance(i)
            widget.repaint()
            QApplication.processEvents()
        rounds.append(1e3 * (time.process_time() - began) / _FRAMES)
    widget.close()
    return min(rounds)


def spectra() -> tuple[np.ndarray, np.ndarray]:
    """Return band frequencies and the spectra of a decaying chord, float32 [frames, bands]."""
    analyzer = SpectrumAnalyzer(4096)
    bands = LogBands(analyzer.frequencies_hz, _POINTS)
    t = np.arange(4096 + 800 * _FRAMES) / 48_000
    sound = sum(np.sin(2 * np.pi * hz * t) * np.exp(-t / hz * 100) for hz in 131 * np.arange(1, 60)) / 60
    blocks = np.lib.stride_tricks.sliding_window_view(np.asarray(sound, np.float32), 4096)[::800][:_FRAMES]
    return bands.centers_hz, bands(analyzer(blocks))


def own_spectrum(hz: np.ndarray, frames: np.ndarray) -> float:
    """Measure the program's spectrum."""
    canvas = SpectrumCanvas()

    def advance(i: int) -> None:
        canvas.show_output(hz, frames[i])
        canvas.show_decoded(hz, frames[-1 - i])

    return refresh_ms(canvas, advance)


def graph_spectrum(hz: np.ndarray, frames: np.ndarray, *, smooth: bool) -> float:
    """Measure the same spectrum in pyqtgraph, with a fixed range and without a menu.

    Args:
        hz, frames: as ``spectra``.
        smooth: whether lines are antialiased and as wide as the program's; else one pixel wide.
    """
    plot = pg.PlotWidget(background=qcolor("well"), enableMenu=False)
    plot.setRange(xRange=(1.5, 4.3), yRange=(-100, 8), padding=0.0)
    plot.showGrid(x=True, y=True)
    area = pg.PlotCurveItem(
        pen=pg.mkPen(qcolor("measured")), brush=pg.mkBrush(qcolor("measured", 60)), fillLevel=-100, antialias=smooth
    )
    line = pg.PlotCurveItem(pen=pg.mkPen(qcolor("accent"), width=1.5 if smooth else 1), antialias=smooth)
    plot.addItem(area)
    plot.addItem(line)
    x = np.log10(hz)

    def advance(i: int) -> None:
        area.setData(x, frames[i])
        line.setData(x, frames[-1 - i])

    return refresh_ms(plot, advance)


def own_spectrogram(columns: np.ndarray) -> float:
    """Measure the program's spectrogram."""
    view = SpectrogramView(TelemetryFeed(FakeTelemetry()))
    view.add(np.tile(columns, (COLUMNS // len(columns) + 1, 1)))
    return refresh_ms(view, lambda i: view.add(columns[i : i + 1]))


def graph_spectrogram(columns: np.ndarray) -> float:
    """Measure the same spectrogram in pyqtgraph."""
    plot = pg.PlotWidget(background=qcolor("well"), enableMenu=False)
    plot.setRange(xRange=(0, COLUMNS), yRange=(0, ROWS), padding=0.0)
    image = pg.ImageItem(axisOrder="row-major", lut=color_table())
    plot.addItem(image)
    levels = np.tile(columns, (COLUMNS // len(columns) + 1, 1))[:COLUMNS].T.copy()

    def advance(i: int) -> None:
        levels[:, :-1] = levels[:, 1:]
        levels[:, -1] = columns[i]
        image.setImage(levels, autoLevels=False, levels=(-100.0, 0.0))

    return refresh_ms(plot, advance)


def main() -> None:
    """Print all figures."""
    app = make_application([])
    hz, frames = spectra()
    columns = np.ascontiguousarray(frames[:, np.linspace(0, _POINTS - 1, ROWS).astype(int)])
    drawn = own_spectrum(hz, frames)
    for what, own, graph in (
        ("spectrum", drawn, graph_spectrum(hz, frames, smooth=True)),
        ("spectrum, pyqtgraph without antialiasing", drawn, graph_spectrum(hz, frames, smooth=False)),
        ("spectrogram", own_spectrogram(columns), graph_spectrogram(columns)),
    ):
        print(f"{what}: own {own:.2f} ms, pyqtgraph {graph:.2f} ms a refresh, {graph / own:.1f} times as much")
    imports = [
        float(subprocess.run([sys.executable, "-c", _IMPORT], capture_output=True, text=True, check=True).stdout)
        for _ in range(_ROUNDS)
    ]
    print(f"import of pyqtgraph: {min(imports):.2f} s of CPU")
    app.processEvents()


if __name__ == "__main__":
    main()
