"""The spectrum: the frame that the model decodes where the sliders stand, and the measured output behind it."""

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from synth_app.modelfile import note_center
from synth_app.session import ModelChanged, SessionStore, SoundChanged
from synth_app.ui.bonds import Bonds
from synth_app.ui.feed import Feed
from synth_app.ui.panel import Panel, tight
from synth_app.ui.plot_style import frequency_range, frequency_ticks, quiet_plot
from synth_app.ui.spectral import HIGH_HZ, LOW_HZ, LogRows
from synth_app.ui.theme import COLORS, px, qcolor

Array = NDArray[np.float32]
_LOW_DB, _HIGH_DB = -100.0, 8.0
_POINTS = 320


def decoded_frame(store: SessionStore) -> tuple[NDArray[np.floating], Array] | None:
    """What the model makes of the sliders' code, at the slots' mean level.

    Returns:
        (frequencies in Hz [bins], dB re full-scale sine [bins]), None without a model.
    """
    model, sound = store.model, store.sound
    if model is None:
        return None
    morph = sound.value("morph")
    gains = [note_center(model.bank[index])[1] for index in (sound.slot_a, sound.slot_b)]
    gain_db = (1 - morph) * gains[0] + morph * gains[1]
    z = store.latent_values().astype(np.float32)[np.newaxis]
    frame: Array = model.decode(z, np.array([gain_db], np.float32))[0]
    spec = model.spec
    return np.arange(spec.bins, dtype=np.float64) * (spec.sample_rate / spec.n_fft), frame


class SpectrumView(Panel):
    """Both curves over logarithmic frequency; decodes at most once per screen refresh."""

    def __init__(self, bonds: Bonds, feed: Feed, parent: QWidget | None = None) -> None:
        super().__init__("Spectrum", parent)
        self._store = bonds.store
        self._dirty = True
        self.header.addWidget(_key("decoded", "accent"))
        self.header.addWidget(_key("output", "measured"))
        self.plot = quiet_plot("Spectrum", "The decoded frame (line) and the measured output (area), dB over Hz")
        self.plot.setXRange(*frequency_range(), padding=0)
        self.plot.setYRange(_LOW_DB, _HIGH_DB, padding=0)
        self.plot.getAxis("bottom").setTicks(frequency_ticks())
        self.plot.getAxis("left").setTicks([[(db, str(db)) for db in (-80, -40, 0)]])
        self.plot.showGrid(x=True, y=True, alpha=0.12)
        fill = qcolor("measured", 60)
        self._output = pg.PlotCurveItem(pen=pg.mkPen(COLORS.measured, width=1), fillLevel=_LOW_DB, brush=fill)
        self._decoded = pg.PlotCurveItem(pen=pg.mkPen(COLORS.accent, width=1.6))
        for curve in (self._output, self._decoded):
            self.plot.addItem(curve)
        self._rows = LogRows(feed.frequencies_hz, _POINTS)
        self._output_x = np.log10(self._rows.centers_hz)
        self.box.addWidget(self.plot, 1)
        bonds.on(ModelChanged, lambda _: self._mark())
        bonds.on(SoundChanged, lambda _: self._mark())
        feed.ticked.connect(self.show_decoded)
        feed.spectrum.connect(self.show_output)

    def show_output(self, spectrum: Array) -> None:
        """Draw a measured spectrum, dB [bins]."""
        self._output.setData(self._output_x, self._rows(spectrum[np.newaxis])[0])

    def show_decoded(self) -> None:
        """Draw the decoded frame if the sound changed since."""
        if not self._dirty:
            return
        self._dirty = False
        found = decoded_frame(self._store)
        if found is None:
            self._decoded.setData([], [])
            return
        frequencies, frame = found
        seen = (frequencies >= LOW_HZ) & (frequencies <= HIGH_HZ)
        self._decoded.setData(np.log10(frequencies[seen]), np.maximum(frame[seen], _LOW_DB))

    def _mark(self) -> None:
        self._dirty = True


def _key(text: str, token: str) -> QWidget:
    holder = QWidget()
    row = QVBoxLayout(holder)
    tight(row, 0, 0)
    mark = QLabel(f'<span style="color:{qcolor(token).name()}">■</span> {text}')
    mark.setProperty("role", "caption")
    mark.setMinimumHeight(px(16))
    row.addWidget(mark)
    return holder
