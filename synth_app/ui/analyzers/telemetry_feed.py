"""Reads telemetry at a steady pace and hands every view what changed; silent when nothing did.

A device takes sound in portions, of 20 ms as a rule; what is shown goes on evenly, as time does, a portion behind.
"""

import time

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from synth_app.audio.protocol.messages import Meters
from synth_app.patch import ENGINE_RATE
from synth_app.ui.analyzers.signal_measures import Loudness
from synth_app.ui.analyzers.spectral import FLOOR_DB, Analyser, Array, LogRows
from synth_app.ui.ports.audio_port import TelemetryPort

INTERVAL_MS = 33  # 30 frames per second while something sounds
MOVING_MS = 16  # 60 while something is moved
_SAME_FRAME_MS = 11  # a move this long after the last look makes it look again, so that both are painted at once
_NEXT_MOVE_MS = 26  # how long it then waits for the next move
QUIET_MS = 200  # while nothing sounds and nothing is moved: costs less than the clock in the corner
SHOWN_SAMPLES = 30 * ENGINE_RATE  # of silence, after which no view shows any sound any more
_QUIET_AFTER = 30  # ticks
_STILL_AFTER = 15  # ticks without a move
ROWS = 192
HOP = 800  # samples between columns of the spectrogram: 60 per second
_NEARLY_ONE = (0.25, 1.75)  # columns
_COLUMN_N_FFT, _SPECTRUM_N_FFT = 2048, 4096
SCOPE_SAMPLES = 4096
_MOST_BLOCKS = 4  # after a pause of the window
_MOST_BEHIND = 4096  # samples that are there and not shown yet
_MOST_COLUMNS = 48  # after a pause of the window


class TelemetryFeed(QObject):
    """``meters`` at every tick while the engine runs; the others while something sounds or is still to be seen."""

    meters = Signal(object)  # Meters
    spectrum = Signal(object)  # float32 [bins], dB
    columns = Signal(object)  # float32 [n, ROWS], dB, oldest first
    samples = Signal(object)  # float32 [SCOPE_SAMPLES], mono, newest last
    blocks = Signal(object)  # float32 [Loudness.BLOCK, 2], one each 100 ms of output
    ticked = Signal()

    def __init__(self, telemetry: TelemetryPort, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._telemetry = telemetry
        self._column, self._spectrum = Analyser(_COLUMN_N_FFT), Analyser(_SPECTRUM_N_FFT)
        self.rows = LogRows(self._column.frequencies_hz, ROWS)
        self._clock = 0  # of the engine, at the last look
        self._shown = 0  # index after the newest sample shown
        self._loud_until = 0  # index after the newest one that is to be heard
        self._looked_at_s = 0.0
        self._pending = 0  # samples not yet shown as columns; of which the last column may be ahead
        self._unmetered = 0  # samples not yet given as blocks
        self._silent, self._silence = True, SHOWN_SAMPLES  # and for how many samples
        self._quiet_ticks, self._still_ticks = 0, _STILL_AFTER
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.tick)

    @property
    def frequencies_hz(self) -> NDArray[np.floating]:
        """Bin frequencies of ``spectrum``."""
        return self._spectrum.frequencies_hz

    def start(self) -> None:
        """Begin."""
        self._looked_at_s = time.monotonic()
        self._timer.start(INTERVAL_MS)

    def wake(self) -> None:
        """Something sounds: back to the usual pace."""
        self._quiet_ticks = 0
        self._pace(MOVING_MS if self._still_ticks < _STILL_AFTER else INTERVAL_MS)

    def moved(self) -> None:
        """Something is being moved: full pace for a while.

        Views go with the hand then: what the hand moved and what is heard come to the screen in one go, which costs
        little more than either alone.
        """
        self._still_ticks = 0
        self.wake()
        if self._timer.isActive() and time.monotonic() - self._looked_at_s > 1e-3 * _SAME_FRAME_MS:
            self.tick()
            self._pace(_NEXT_MOVE_MS)

    def stop(self) -> None:
        """End; no more signals."""
        self._timer.stop()

    def tick(self) -> None:
        """One look at the telemetry."""
        self.ticked.emit()
        self._quiet_ticks += 1
        self._still_ticks += 1
        if self._still_ticks == _STILL_AFTER:
            self._pace(INTERVAL_MS)
        if self._quiet_ticks == _QUIET_AFTER:
            self._pace(QUIET_MS)
        there = self._telemetry.written
        meters: Meters = self._telemetry.meters()
        if meters.clock != self._clock:
            self._clock = meters.clock
            self.meters.emit(meters)
        if meters.peak_left > 0 or meters.peak_right > 0:
            self._loud_until = self._telemetry.written
        before, self._shown = self._shown, self._shown + self._due(there - self._shown)
        if self._shown != before:
            self._show(self._shown - before, loud=before < self._loud_until)

    def _due(self, there: int) -> int:
        """How many of the samples that are there to show now: as many as time went by."""
        now_s = time.monotonic()
        elapsed, self._looked_at_s = now_s - self._looked_at_s, now_s
        if not self._timer.isActive():  # looked at by hand
            return there
        return max(min(there, round(elapsed * ENGINE_RATE)), there - _MOST_BEHIND)

    def _latest(self, count: int) -> Array:
        """The last samples shown, float32 [count, 2]; zeros in front where there are fewer."""
        first = max(self._shown - count, 0)
        samples, _, lost = self._telemetry.read_since(first)
        samples = samples[: max(self._shown - first - lost, 0)]
        if len(samples) == count:
            return samples
        return np.concatenate([np.zeros((count - len(samples), 2), np.float32), samples])

    def _pace(self, interval_ms: int) -> None:
        if self._timer.isActive() and self._timer.interval() != interval_ms:
            self._timer.setInterval(interval_ms)

    def _show(self, news: int, *, loud: bool) -> None:
        self._pending = min(self._pending + news, _MOST_COLUMNS * HOP)
        n_columns = _columns_of(self._pending)
        self._pending -= n_columns * HOP
        self._unmetered += news
        self._silence = 0 if loud or not self._silent else self._silence + news
        if self._silence > SHOWN_SAMPLES:
            self._unmetered = 0
            return
        if self._silent and not loud:
            self._columns_of_silence(n_columns)
            self._give_blocks(silent=True)
            return
        wanted = max(_SPECTRUM_N_FFT, _COLUMN_N_FFT + (n_columns - 1) * HOP)
        left, right = self._latest(wanted).T
        mono = (left + right) * np.float32(0.5)  # a mean over so short an axis takes numpy fifteen times as long
        self._silent = not mono.any()
        self.wake()
        self.samples.emit(mono[-SCOPE_SAMPLES:])
        self._give_blocks(silent=False)
        self.spectrum.emit(self._spectrum(mono[-_SPECTRUM_N_FFT:]))
        if n_columns:
            blocks = np.lib.stride_tricks.sliding_window_view(mono, _COLUMN_N_FFT)[::-1][::HOP][:n_columns][::-1]
            self.columns.emit(self.rows(self._column(blocks)))

    def _give_blocks(self, *, silent: bool) -> None:
        """Overlapping blocks for the loudness, each 100 ms after the one before."""
        count, self._unmetered = divmod(self._unmetered, Loudness.STEP)
        for back in range(min(count, _MOST_BLOCKS) - 1, -1, -1):
            if silent:
                self.blocks.emit(np.zeros((Loudness.BLOCK, 2), np.float32))
                continue
            end = self._unmetered + back * Loudness.STEP
            latest = self._latest(Loudness.BLOCK + end)
            self.blocks.emit(latest[: len(latest) - end][-Loudness.BLOCK :])

    def _columns_of_silence(self, n: int) -> None:
        if n:
            self.columns.emit(np.full((n, ROWS), FLOOR_DB, np.float32))


def _columns_of(pending: int) -> int:
    """How many columns to show of so many samples: one wherever that is near enough, so that the picture moves evenly
    though ticks come a little early or late."""
    columns = pending / HOP
    return 1 if _NEARLY_ONE[0] <= columns <= _NEARLY_ONE[1] else max(round(columns), 0)
