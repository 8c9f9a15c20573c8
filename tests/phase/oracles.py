"""Independent, plain-Python versions of what the phase kernels compute."""

from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def heap_frame(
    old: Array, new: Array, time_step: Array, slope: Array, threshold: float
) -> tuple[Array, NDArray[np.bool_]]:
    """One frame of RTPGHI with a heap (Prusa & Sondergaard 2016).

    Args:
        old, new: magnitudes of the two frames.
        time_step: phase of each bin if it comes from its own past, turns.
        slope: turns per bin.
        threshold: bins at or below it only step in time.

    Returns:
        phases in turns, and where a tie between two arrivals left them undetermined.
    """
    bins = len(new)
    phase, done = time_step.copy(), new <= threshold
    heap: list[tuple[float, int, int]] = []
    for k in range(bins):
        if not done[k]:
            heappush(heap, (-old[k], 0, k))
    while heap:
        _, frame, k = heappop(heap)
        if frame == 0:
            if not done[k]:
                done[k] = True
                heappush(heap, (-new[k], 1, k))
            continue
        for j in (k - 1, k + 1):
            if 0 <= j < bins and not done[j]:
                phase[j] = phase[k] + (j - k) * (slope[j] + slope[k]) / 2
                done[j] = True
                heappush(heap, (-new[j], 1, j))
    values = np.concatenate([old, new])
    order = np.sort(values)
    tied = np.isin(values, order[1:][order[1:] == order[:-1]])
    return phase, tied[:bins] | tied[bins:]


def hann_delta(s: Array) -> Array:
    """Closed form for the Hann window: distance in bins from each bin to the steady sine."""
    t = (s[2:] - s[:-2]) / (s[2:] + s[:-2])
    inner = 4 * t / (3 + np.sqrt(9 - 8 * t**2))
    return np.concatenate([[0.0], inner, [0.0]])


def hann_causal_slope(old: Array, new: Array, hop_over_n: float) -> Array:
    """Closed form for the Hann window, with the rule for rising bins, in turns per bin."""
    u = (np.sqrt(new) - np.sqrt(old)) / (np.sqrt(new) + np.sqrt(old))
    b = -2 * np.arctan(u / np.tan(np.pi * hop_over_n / 2))
    b = np.where(b < 0, -(b**2) / (np.abs(b) + np.pi * hop_over_n), b)
    return b / (2 * np.pi)


def wrapped(turns: Array) -> Array:
    """Distance to the nearest whole turn."""
    return np.abs(turns - np.round(turns))


class PlainStudio:
    """The studio setting in plain NumPy, on whole time lines instead of rings: float64, one voice.

    A frame's sum over all frames before it is computed again each time, so that it shares no state with the kernel.
    """

    def __init__(self, analysis: Array, synthesis: Array, hop: int, momentum: float, edge: float) -> None:
        self.w, self.hop, self.momentum = analysis, hop, momentum
        self.n = len(analysis)
        margin = (self.n - len(synthesis)) // 2
        self.v = np.pad(synthesis, margin)
        self.undo = self.v / (self.v**2 + edge * self.v.max() ** 2)
        self.settled = margin
        self.waves: list[Array] = []
        self.goals: list[Array] = []
        self.sent: list[Array] = []
        self.sign = (-1.0) ** np.arange(self.n // 2 + 1)

    def _line(self, frames: list[Array]) -> Array:
        """Overlap-add of frames that begin at 0, hop, 2 hop, ..., up to the newest frame's end."""
        total = np.zeros((len(self.waves) - 1) * self.hop + self.n)
        for m, frame in enumerate(frames):
            total[m * self.hop : m * self.hop + self.n] += frame
        return total

    def _sound(self) -> Array:
        count = len(self.waves)
        weight = np.maximum(self._line([self.w**3] * count), 1e-3)
        sound = self._line([wave * self.w**2 for wave in self.waves]) / weight
        heard_weight = self._line([self.w * self.v] * (count - 1))
        heard = self._line([frame * self.v for frame in self.sent])
        then = np.arange(len(sound)) < (count - 1) * self.hop + self.settled
        return np.where(then & (heard_weight > 1e-3), heard / np.maximum(heard_weight, 1e-3), sound)

    def add(self, start: NDArray[np.complex128], iterations: int) -> tuple[NDArray[np.complex128], Array]:
        """Zero-phase spectrum from Sweep -> spectrum to send, and the turn of every bin, in turns."""
        self.waves.append(np.fft.irfft(start * self.sign))
        self.goals.append(np.abs(start))
        newest = len(self.waves) - 1
        last: dict[int, NDArray[np.complex128]] = {}
        spectrum = start * self.sign
        for _ in range(iterations):
            sound = self._sound()
            for m in range(max(newest - 1, 0), newest + 1):
                found = np.fft.rfft(sound[m * self.hop : m * self.hop + self.n] * self.w)
                ahead = found + self.momentum * (found - last.get(m, found))
                last[m] = found
                spectrum = self.goals[m] * ahead / np.sqrt(np.abs(ahead) ** 2 + 1e-20)
                self.waves[m] = np.fft.irfft(spectrum)
        sound = self._sound()[newest * self.hop :]
        missing = sound * self._line([self.w * self.v] * newest)[newest * self.hop :]
        missing -= self._line([frame * self.v for frame in self.sent])[newest * self.hop :]
        frame = sound * self.w + missing * self.undo
        self.sent.append(frame)
        return np.fft.rfft(frame) * self.sign, np.angle(spectrum * self.sign * np.conj(start)) / (2 * np.pi)
