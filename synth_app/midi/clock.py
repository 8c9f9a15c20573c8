"""Tempo of a MIDI clock: a least-squares line through the last ticks, which averages out jitter."""

from collections import deque

import numpy as np

TICKS_PER_BEAT = 24  # MIDI 1.0
_WINDOW = 2 * TICKS_PER_BEAT  # ticks fitted: 1 ms of jitter becomes 0.05 % of 120 bpm
_MIN_TICKS = 7  # ticks before the first tempo
_MAX_GAP = 1.6  # in periods: a longer distance means lost ticks, so the fit starts again
_RECENT = _MIN_TICKS - 1  # latest distances, compared with the fitted period
_NEW_TEMPO = 0.08  # relative difference that means a new tempo; smaller changes are followed within two beats
_MIN_CHANGE = 5e-4  # relative change of the tempo before it is reported again
LOWEST_BPM, HIGHEST_BPM = 20.0, 400.0


class ClockFollower:
    """Follows the tempo of a MIDI clock from the times of its ticks."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=_WINDOW)
        self._reported_bpm = 0.0

    def restart(self) -> None:
        """Forget the ticks: the clock was started or stopped, so the next tick need not continue the line."""
        self._times.clear()

    def tick(self, time_s: float) -> float | None:
        """Add a tick; there are 24 per quarter note.

        Args:
            time_s: arrival time.

        Returns:
            The tempo in quarter notes per minute if it is new, else None.
        """
        times = self._times
        if times and self._breaks_line(time_s):
            times.clear()
        times.append(time_s)
        if len(times) < _MIN_TICKS:
            return None
        bpm = 60.0 / (TICKS_PER_BEAT * self._period())
        if not LOWEST_BPM <= bpm <= HIGHEST_BPM or abs(bpm - self._reported_bpm) <= _MIN_CHANGE * self._reported_bpm:
            return None
        self._reported_bpm = bpm
        return bpm

    def _breaks_line(self, time_s: float) -> bool:
        """Return whether a tick does not continue the line. At a new tempo, drop all ticks but the latest."""
        times = self._times
        longest = 60.0 / (TICKS_PER_BEAT * LOWEST_BPM)
        if not 0.0 < time_s - times[-1] < longest:
            return True
        if len(times) < _MIN_TICKS:
            return False
        usual = self._period()
        if time_s - times[-1] > _MAX_GAP * usual:
            return True
        recent = (time_s - times[-_RECENT]) / _RECENT
        if abs(recent / usual - 1.0) > _NEW_TEMPO:
            kept = list(times)[-_RECENT:]
            times.clear()
            times.extend(kept)
        return False

    def _period(self) -> float:
        """Return the slope of the least-squares line through the ticks, in s per tick."""
        times = np.fromiter(self._times, np.float64)
        index = np.arange(len(times)) - (len(times) - 1) / 2
        return float(index @ (times - times[0]) / (index @ index))
