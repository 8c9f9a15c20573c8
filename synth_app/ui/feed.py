"""Reads telemetry at a steady pace and hands every view what changed; silent when nothing did."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from synth_app.audio.messages import Meters
from synth_app.ui.ports import TelemetryPort
from synth_app.ui.spectral import FLOOR_DB, Analyser, LogRows

INTERVAL_MS = 33  # 30 frames per second; controls follow the hand on their own, at full rate
QUIET_MS = 100  # while nothing sounds and nothing is moved: costs less than the clock in the corner
_QUIET_AFTER = 30  # ticks
ROWS = 192
HOP = 800  # samples between columns of the spectrogram: 60 per second
_COLUMN_N_FFT, _SPECTRUM_N_FFT = 2048, 4096
_MOST_COLUMNS = 48  # after a pause of the window


class Feed(QObject):
    """``meters`` at every tick while the engine runs; ``spectrum`` and ``columns`` while something sounds."""

    meters = Signal(object)  # Meters
    spectrum = Signal(object)  # float32 [bins], dB
    columns = Signal(object)  # float32 [n, ROWS], dB, oldest first
    ticked = Signal()

    def __init__(self, telemetry: TelemetryPort, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._telemetry = telemetry
        self._column, self._spectrum = Analyser(_COLUMN_N_FFT), Analyser(_SPECTRUM_N_FFT)
        self.rows = LogRows(self._column.frequencies_hz, ROWS)
        self._clock = 0
        self._pending = 0  # samples not yet shown as columns
        self._silent = True
        self._quiet_ticks = 0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.tick)

    @property
    def frequencies_hz(self) -> NDArray[np.floating]:
        """Bin frequencies of ``spectrum``."""
        return self._spectrum.frequencies_hz

    def start(self) -> None:
        """Begin."""
        self._timer.start(INTERVAL_MS)

    def wake(self) -> None:
        """Something is about to change: back to full pace."""
        self._quiet_ticks = 0
        if self._timer.isActive() and self._timer.interval() != INTERVAL_MS:
            self._timer.setInterval(INTERVAL_MS)

    def stop(self) -> None:
        """End; no more signals."""
        self._timer.stop()

    def tick(self) -> None:
        """One look at the telemetry."""
        self.ticked.emit()
        self._quiet_ticks += 1
        if self._quiet_ticks == _QUIET_AFTER:
            self._timer.setInterval(QUIET_MS)
        meters: Meters = self._telemetry.meters()
        news, self._clock = meters.clock - self._clock, meters.clock
        if news == 0:
            return
        self.meters.emit(meters)
        loud = meters.peak_left > 0 or meters.peak_right > 0
        self._show(news if news > 0 else 0, loud=loud)  # a restarted engine counts from 0 again

    def _show(self, news: int, *, loud: bool) -> None:
        self._pending = min(self._pending + news, _MOST_COLUMNS * HOP)
        n_columns, self._pending = divmod(self._pending, HOP)
        if self._silent and not loud:
            self._columns_of_silence(n_columns)
            return
        wanted = max(_SPECTRUM_N_FFT, _COLUMN_N_FFT + (n_columns - 1) * HOP)
        mono = self._telemetry.latest(wanted).mean(axis=1, dtype=np.float32)
        self._silent = not mono.any()
        self.wake()
        self.spectrum.emit(self._spectrum(mono[-_SPECTRUM_N_FFT:]))
        if n_columns:
            blocks = np.lib.stride_tricks.sliding_window_view(mono, _COLUMN_N_FFT)[::-1][::HOP][:n_columns][::-1]
            self.columns.emit(self.rows(self._column(blocks)))

    def _columns_of_silence(self, n: int) -> None:
        if n:
            self.columns.emit(np.full((n, ROWS), FLOOR_DB, np.float32))
