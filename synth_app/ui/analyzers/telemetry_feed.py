"""Reads telemetry at a steady pace and emits changes to the views.

A device consumes sound in portions, usually of 20 ms. The views advance evenly with time, one portion late.
"""

import time

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from synth_app.audio.protocol.messages import Meters
from synth_app.patch import ENGINE_RATE
from synth_app.ui.analyzers.signal_measures import Loudness
from synth_app.ui.analyzers.spectral import FLOOR_DB, Array, LogBands, SpectrumAnalyzer
from synth_app.ui.ports.audio_port import TelemetryPort

INTERVAL_MS = 33  # between ticks while the output is not silent: 30 per second
MOVING_MS = 16  # between ticks while the user moves a control: 60 per second
_SAME_FRAME_MS = 11  # a move later than this after the last tick ticks at once, so that both are painted together
_NEXT_MOVE_MS = 26  # time to the next tick after such a move
QUIET_MS = 200  # between ticks in silence without moves
SHOWN_SAMPLES = 30 * ENGINE_RATE  # of silence, after which no view shows any sound
_QUIET_AFTER = 30  # silent ticks
_STILL_AFTER = 15  # ticks without a move
ROWS = 192  # log-frequency bands of a column
HOP = 800  # samples between columns of the spectrogram: 60 per second
_ABOUT_ONE = (0.25, 1.75)  # columns
_COLUMN_N_FFT, _SPECTRUM_N_FFT = 2048, 4096
SCOPE_SAMPLES = 4096
_MAX_BLOCKS = 4  # per tick, after a pause of the window
_MAX_LAG = 4096  # samples that are written but not shown yet
_MAX_COLUMNS = 48  # per tick, after a pause of the window


class TelemetryFeed(QObject):
    """Emits what the views show: ``meters`` while the engine runs, the others until silence fills every view.

    Signals:
        meters: Meters, at every tick with new ones.
        spectrum: float32 [bins], dB.
        columns: float32 [n, ROWS], dB, oldest first, lowest frequency first.
        samples: float32 [SCOPE_SAMPLES], mono, newest last.
        blocks: float32 [Loudness.BLOCK, 2], one for each 100 ms of output.
        ticked: at every tick, before the others.
    """

    meters = Signal(object)
    spectrum = Signal(object)
    columns = Signal(object)
    samples = Signal(object)
    blocks = Signal(object)
    ticked = Signal()

    def __init__(self, telemetry: TelemetryPort, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._telemetry = telemetry
        self._column, self._spectrum = SpectrumAnalyzer(_COLUMN_N_FFT), SpectrumAnalyzer(_SPECTRUM_N_FFT)
        self.rows = LogBands(self._column.frequencies_hz, ROWS)
        self._clock = 0  # of the engine, at the last tick
        self._shown = 0  # index after the newest sample shown
        self._audible_until = 0  # index after the newest sample that is not silent
        self._last_tick_s = 0.0
        self._pending = 0  # samples not yet shown as columns; negative if the last column is ahead
        self._unblocked = 0  # samples not yet emitted as blocks
        self._silent, self._silent_samples = True, SHOWN_SAMPLES
        self._quiet_ticks, self._still_ticks = 0, _STILL_AFTER
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.tick)

    @property
    def frequencies_hz(self) -> NDArray[np.floating]:
        """Bin frequencies of ``spectrum``, float64 [bins]."""
        return self._spectrum.frequencies_hz

    def start(self) -> None:
        """Start to tick."""
        self._last_tick_s = time.monotonic()
        self._timer.start(INTERVAL_MS)

    def wake(self) -> None:
        """Return to the usual pace, because the output is not silent."""
        self._quiet_ticks = 0
        self._set_interval(MOVING_MS if self._still_ticks < _STILL_AFTER else INTERVAL_MS)

    def follow_moves(self) -> None:
        """Tick at full pace for a while, because the user moves a control.

        The moved control and the views are then painted in one screen refresh, which costs little more than either
        alone.
        """
        self._still_ticks = 0
        self.wake()
        if self._timer.isActive() and time.monotonic() - self._last_tick_s > 1e-3 * _SAME_FRAME_MS:
            self.tick()
            self._set_interval(_NEXT_MOVE_MS)

    def stop(self) -> None:
        """Stop; emit no more signals."""
        self._timer.stop()

    def tick(self) -> None:
        """Read the telemetry once and emit what changed."""
        self.ticked.emit()
        self._quiet_ticks += 1
        self._still_ticks += 1
        if self._still_ticks == _STILL_AFTER:
            self._set_interval(INTERVAL_MS)
        if self._quiet_ticks == _QUIET_AFTER:
            self._set_interval(QUIET_MS)
        written = self._telemetry.written
        meters: Meters = self._telemetry.meters()
        if meters.clock != self._clock:
            self._clock = meters.clock
            self.meters.emit(meters)
        if meters.peak_left > 0 or meters.peak_right > 0:
            self._audible_until = self._telemetry.written
        before, self._shown = self._shown, self._shown + self._due_samples(written - self._shown)
        if self._shown != before:
            self._show(self._shown - before, audible=before < self._audible_until)

    def _due_samples(self, available: int) -> int:
        """Return how many of the available samples to show now: as many as the time since the last tick."""
        now_s = time.monotonic()
        elapsed_s, self._last_tick_s = now_s - self._last_tick_s, now_s
        if not self._timer.isActive():  # tick() was called directly
            return available
        return max(min(available, round(elapsed_s * ENGINE_RATE)), available - _MAX_LAG)

    def _latest(self, count: int) -> Array:
        """Return the last samples shown, float32 [count, 2], with zeros in front if there are fewer."""
        first = max(self._shown - count, 0)
        samples, _, lost = self._telemetry.read_since(first)
        samples = samples[: max(self._shown - first - lost, 0)]
        if len(samples) == count:
            return samples
        return np.concatenate([np.zeros((count - len(samples), 2), np.float32), samples])

    def _set_interval(self, interval_ms: int) -> None:
        if self._timer.isActive() and self._timer.interval() != interval_ms:
            self._timer.setInterval(interval_ms)

    def _show(self, new_samples: int, *, audible: bool) -> None:
        self._pending = min(self._pending + new_samples, _MAX_COLUMNS * HOP)
        n_columns = _column_count(self._pending)
        self._pending -= n_columns * HOP
        self._unblocked += new_samples
        self._silent_samples = 0 if audible or not self._silent else self._silent_samples + new_samples
        if self._silent_samples > SHOWN_SAMPLES:
            self._unblocked = 0
            return
        if self._silent and not audible:
            self._emit_silent_columns(n_columns)
            self._emit_blocks(silent=True)
            return
        wanted = max(_SPECTRUM_N_FFT, _COLUMN_N_FFT + (n_columns - 1) * HOP)
        left, right = self._latest(wanted).T
        mono = (left + right) * np.float32(0.5)  # np.mean over such a short axis is 15 times slower
        self._silent = not mono.any()
        self.wake()
        self.samples.emit(mono[-SCOPE_SAMPLES:])
        self._emit_blocks(silent=False)
        self.spectrum.emit(self._spectrum(mono[-_SPECTRUM_N_FFT:]))
        if n_columns:
            blocks = np.lib.stride_tricks.sliding_window_view(mono, _COLUMN_N_FFT)[::-1][::HOP][:n_columns][::-1]
            self.columns.emit(self.rows(self._column(blocks)))

    def _emit_blocks(self, *, silent: bool) -> None:
        """Emit overlapping blocks for the loudness, 100 ms apart."""
        count, self._unblocked = divmod(self._unblocked, Loudness.STEP)
        for back in range(min(count, _MAX_BLOCKS) - 1, -1, -1):
            if silent:
                self.blocks.emit(np.zeros((Loudness.BLOCK, 2), np.float32))
                continue
            end = self._unblocked + back * Loudness.STEP
            latest = self._latest(Loudness.BLOCK + end)
            self.blocks.emit(latest[: len(latest) - end][-Loudness.BLOCK :])

    def _emit_silent_columns(self, n: int) -> None:
        if n:
            self.columns.emit(np.full((n, ROWS), FLOOR_DB, np.float32))


def _column_count(pending: int) -> int:
    """Return the number of columns to show for a number of samples.

    It is 1 whenever that is close enough, so that the picture moves evenly although ticks are a little early or late.
    """
    columns = pending / HOP
    return 1 if _ABOUT_ONE[0] <= columns <= _ABOUT_ONE[1] else max(round(columns), 0)
