"""Tempo from a MIDI clock: a line fitted through the last ticks, so that jitter averages out."""

from collections import deque

import numpy as np

TICKS_PER_BEAT = 24  # MIDI 1.0
_WINDOW = 2 * TICKS_PER_BEAT  # ticks fitted: 1 ms of jitter becomes 0.05 % of 120 bpm
_FEWEST = 7  # ticks before a tempo is told
_GAP = 1.6  # of the usual distance: ticks were lost, begin again
_RECENT = _FEWEST - 1  # distances that show another tempo ...
_NEW_TEMPO = 0.08  # ... by this share; smaller changes are followed within two beats
_TOLD = 5e-4  # share by which the tempo must have changed to be told again
LOWEST_BPM, HIGHEST_BPM = 20.0, 400.0


class ClockFollower:
    """Fed with the times of clock ticks; tells the tempo when it is known and when it changed."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=_WINDOW)
        self._told = 0.0

    def restart(self) -> None:
        """The clock was started or stopped: what comes need not follow on what was."""
        self._times.clear()

    def tick(self, time_s: float) -> float | None:
        """Take one tick, 24 to a quarter note.

        Returns:
            The tempo in quarter notes per minute where it is news, else None.
        """
        times = self._times
        if times and self._broken(time_s):
            times.clear()
        times.append(time_s)
        if len(times) < _FEWEST:
            return None
        bpm = 60.0 / (TICKS_PER_BEAT * self._period())
        if not LOWEST_BPM <= bpm <= HIGHEST_BPM or abs(bpm - self._told) <= _TOLD * self._told:
            return None
        self._told = bpm
        return bpm

    def _broken(self, time_s: float) -> bool:
        """Whether a tick does not continue the line; of another tempo the last ticks are kept."""
        times = self._times
        longest = 60.0 / (TICKS_PER_BEAT * LOWEST_BPM)
        if not 0.0 < time_s - times[-1] < longest:
            return True
        if len(times) < _FEWEST:
            return False
        usual = self._period()
        if time_s - times[-1] > _GAP * usual:
            return True
        recent = (time_s - times[-_RECENT]) / _RECENT
        if abs(recent / usual - 1.0) > _NEW_TEMPO:
            kept = list(times)[-_RECENT:]
            times.clear()
            times.extend(kept)
        return False

    def _period(self) -> float:
        """Slope of the least-squares line through the ticks, in seconds per tick."""
        times = np.fromiter(self._times, np.float64)
        index = np.arange(len(times)) - (len(times) - 1) / 2
        return float(index @ (times - times[0]) / (index @ index))
