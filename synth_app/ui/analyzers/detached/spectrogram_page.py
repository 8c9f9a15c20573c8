"""The spectrogram of the last seconds, with the frequency and the level under the cursors."""

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF

from synth_app.patch import ENGINE_RATE
from synth_app.ui.analyzers.capture import CAPTURED_S, Capture
from synth_app.ui.analyzers.detached.analyzer_page import AnalyzerSources, Table
from synth_app.ui.analyzers.detached.time_page import TimePage
from synth_app.ui.analyzers.frequency_axis import frequency_ticks
from synth_app.ui.analyzers.signal_measures import pitch_text
from synth_app.ui.analyzers.spectral import FLOOR_DB, Array, LogBands, SpectrumAnalyzer
from synth_app.ui.analyzers.spectrogram_view import color_table
from synth_app.ui.graphs.axis import GraphAxis, seconds_tick

_N_FFT, _HOP, _BANDS = 2048, 960, 256
_COLUMNS = round(CAPTURED_S * ENGINE_RATE / _HOP)
_RANGE_DB = 80.0


class Columns:
    """Spectra of the captured sound at even steps of the output; only new ones are computed.

    Attributes:
        bands: of the columns.
        db: float32 [columns, bands], oldest first.
        end: index of the output at which the last column ends.
    """

    def __init__(self) -> None:
        self._spectrum = SpectrumAnalyzer(_N_FFT)
        self.bands = LogBands(self._spectrum.frequencies_hz, _BANDS)
        self.db: Array = np.full((_COLUMNS, _BANDS), FLOOR_DB, np.float32)
        self.end = 0

    def follow(self, capture: Capture) -> None:
        """Compute the columns that the captured sound has got, or all after it was held or released."""
        samples, end = capture.samples, capture.end
        last = end - end % _HOP
        new = min((last - self.end) // _HOP, _COLUMNS) if last >= self.end else _COLUMNS
        if new <= 0:
            return
        needed = samples[-((new - 1) * _HOP + _N_FFT + end - last) :]
        mono = (needed[:, 0] + needed[:, 1]) * np.float32(0.5)  # np.mean over such a short axis is 15 times slower
        ends = _N_FFT + len(mono) - (end - last) - _HOP * np.arange(new - 1, -1, -1)
        padded = np.concatenate([np.zeros(_N_FFT, np.float32), mono])
        blocks = np.lib.stride_tricks.sliding_window_view(padded, _N_FFT)[ends - _N_FFT]
        self.db = np.concatenate([self.db[new:], self.bands(self._spectrum(blocks))])
        self.end = last


class SpectrogramPage(TimePage):
    """Frequency is logarithmic; the colours are those of the main window's view."""

    def __init__(self, sources: AnalyzerSources) -> None:
        ticks, low, high = frequency_ticks("log")
        texts = dict(ticks)
        axis = GraphAxis("left", "Hz", lambda at: texts[at], lambda _low, _high: tuple(texts))
        super().__init__("Spectrogram", sources, axis, (low, high))
        self.columns = Columns()
        self.image = pg.ImageItem(axisOrder="row-major")
        self.image.setLookupTable(color_table(_RANGE_DB))
        self.image.setZValue(-10)
        self.editor.addItem(self.image, ignoreBounds=True)
        self._low, self._high = low, high
        self.show_state()

    def draw(self) -> None:
        """Draw the picture."""
        self.columns.follow(self.capture)
        self.image.setImage(self.columns.db.T, autoLevels=False, levels=(FLOOR_DB, 0.0))
        late_s = (self.capture.end - self.columns.end) / ENGINE_RATE
        self.image.setRect(QRectF(-CAPTURED_S - late_s, self._low, CAPTURED_S, self._high - self._low))

    def level_at(self, x: float) -> float:
        """Return the place of the strongest frequency at a time."""
        return float(np.log10(self._strongest(x)[0]))

    def mark_text(self, which: int, x: float) -> str:
        """Return the time, and the strongest frequency there."""
        hz, db = self._strongest(x)
        if db <= FLOOR_DB:
            return f"{seconds_tick(x)}   silence"
        return f"{seconds_tick(x)}   {hz:.0f} Hz  {pitch_text(hz)}   {db:.1f} dB".replace("-", "−")

    def table(self, low: float, high: float) -> Table:
        """Return the levels of all bands at each step of time."""
        ends = self.columns.end - self.capture.end - _HOP * np.arange(_COLUMNS - 1, -1, -1)
        times_s = ends / ENGINE_RATE
        inside = (times_s >= low) & (times_s <= high)
        head = ("time_s", *(f"{hz:.1f}_hz_db" for hz in self.columns.bands.centers_hz))
        return Table(head, np.column_stack([times_s[inside], self.columns.db[inside]]))

    def _strongest(self, x: float) -> tuple[float, float]:
        """Return the loudest band at a time: Hz, dB."""
        behind = round((self.columns.end - self.capture.end - x * ENGINE_RATE) / _HOP)
        column = self.columns.db[min(max(_COLUMNS - 1 - behind, 0), _COLUMNS - 1)]
        loudest = int(column.argmax())
        return float(self.columns.bands.centers_hz[loudest]), float(column[loudest])
