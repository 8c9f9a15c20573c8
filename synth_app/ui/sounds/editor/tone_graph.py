"""The spectrogram of a recording with the course of its pitch, and a handle at the pitch it is played as."""

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Signal

from synth_app.evaluation.metrics.frame_audibility import midi_hz
from synth_app.patch import ENGINE_RATE
from synth_app.session.sounds.find_notes import PitchTrack
from synth_app.ui.analyzers.frequency_axis import frequency_ticks
from synth_app.ui.analyzers.spectral import FLOOR_DB, HIGH_HZ, LOW_HZ, LogBands, SpectrumAnalyzer
from synth_app.ui.analyzers.spectrogram_view import color_table
from synth_app.ui.graphs.axis import GraphAxis, seconds_tick
from synth_app.ui.graphs.point_editor import Handle, PointEditor
from synth_app.ui.theme.theme import px, qcolor
from synth_app.ui.widgets.value_format import note_name

_N_FFT, _BANDS, _MOST_COLUMNS, _LEAST_HOP = 4096, 220, 1200, 480
_RANGE_DB = 80.0


class ToneGraph(PointEditor):
    """Reports where the user drags the pitch.

    Signals:
        pitch_moved: MIDI, fractions allowed.
    """

    pitch_moved = Signal(float)

    def __init__(self) -> None:
        ticks, low, high = frequency_ticks("log")
        texts = dict(ticks)
        left = GraphAxis("left", "Hz", lambda at: texts[at], lambda _low, _high: tuple(texts))
        super().__init__("Spectrogram", GraphAxis("bottom", "Time", seconds_tick), left, grows=False, token="slot_a")
        self._height = (low, high)
        self._spectrum = SpectrumAnalyzer(_N_FFT)
        self._bands = LogBands(self._spectrum.frequencies_hz, _BANDS)
        self._image = pg.ImageItem(axisOrder="row-major")
        self._image.setLookupTable(color_table(_RANGE_DB))
        self._image.setZValue(-10)
        self._track = pg.PlotCurveItem(pen=pg.mkPen(qcolor("modulated"), width=px(2)), connect="finite")
        self._played = pg.InfiniteLine(angle=0, pen=pg.mkPen(qcolor("slot_a"), width=px(1.5)), movable=False)
        for z, item in ((-10, self._image), (2, self._track), (3, self._played)):
            item.setZValue(z)
            self.addItem(item, ignoreBounds=True)
        self.moved.connect(self._moved)

    def show_samples(self, samples: NDArray[np.float32]) -> None:
        """Show another recording, float32 [n] at the engine's rate."""
        seconds = max(len(samples) / ENGINE_RATE, 0.1)
        hop = max(_LEAST_HOP, len(samples) // _MOST_COLUMNS)
        padded = np.pad(samples, (_N_FFT // 2, _N_FFT))
        blocks = np.lib.stride_tricks.sliding_window_view(padded, _N_FFT)[: len(samples) : hop]
        self._image.setImage(self._bands(self._spectrum(blocks)).T, autoLevels=False, levels=(FLOOR_DB, 0.0))
        low, high = self._height
        self._image.setRect(QRectF(0.0, low, seconds, high - low))
        self.shows_all = True
        self.set_extent((0.0, seconds), self._height)
        self._track.setData([], [])

    def show_track(self, track: PitchTrack) -> None:
        """Show the course of the pitch."""
        hz = 440.0 * 2.0 ** ((track.pitches - 69.0) / 12.0)
        self._track.setData(track.times_s, np.log10(np.clip(hz, LOW_HZ, HIGH_HZ)))

    def show_pitch(self, pitch: float, at_s: float, *, pitched: bool) -> None:
        """Show the pitch that the recording is played as; nothing for a sound without one."""
        y = float(np.log10(np.clip(midi_hz(pitch), LOW_HZ, HIGH_HZ)))
        handle = Handle(at_s, y, f"Pitch   {pitch_text(pitch)}", moves_x=False)
        self.show_curve(np.zeros(0), np.zeros(0), [handle] if pitched else [], base=None)
        self._played.setVisible(pitched)
        self._track.setVisible(pitched)
        self._played.setPos(y)

    def _moved(self, _which: int, _x: float, y: float) -> None:
        self.pitch_moved.emit(float(np.clip(69.0 + 12.0 * (np.log2(10.0**y / 440.0)), 0.0, 127.0)))


def pitch_text(pitch: float) -> str:
    """Return a pitch as note and cents: ``A4 −12 ct``."""
    cents = round(100.0 * (pitch - round(pitch)))
    return f"{note_name(round(pitch))} {cents:+d} ct".replace("-", "−") if cents else note_name(round(pitch))
