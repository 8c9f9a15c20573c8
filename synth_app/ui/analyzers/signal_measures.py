"""Measures of the output: spectral peaks, pitch names, loudness, the trigger of a scope. No Qt."""

import math
from collections import deque

import numpy as np
from numpy.typing import NDArray

from synth_app.engine.spectral.loudness import k_weights
from synth_app.patch import ENGINE_RATE
from synth_app.ui.widgets.value_format import note_name

Array = NDArray[np.float32]
SILENT_LUFS = -70.0
MOMENTARY_S, STEP_S, SHORT_TERM_S = 0.4, 0.1, 3.0
_OFFSET_LUFS = -0.691  # ITU-R BS.1770-4, eq. 2
_TRIGGER_HYSTERESIS = 0.05  # of the peak


def peak_of(frequencies_hz: NDArray[np.floating], db: Array) -> tuple[float, float]:
    """Return the strongest peak of a spectrum, (Hz, dB), by a parabola through three bins (Smith & Serra 1987)."""
    k = int(db.argmax())
    if not 0 < k < len(db) - 1:
        return float(frequencies_hz[k]), float(db[k])
    left, middle, right = (float(each) for each in db[k - 1 : k + 2])
    curvature = left - 2 * middle + right
    shift = 0.5 * (left - right) / curvature if curvature < 0 else 0.0
    step = float(frequencies_hz[k + 1] - frequencies_hz[k])
    return float(frequencies_hz[k]) + shift * step, middle - 0.25 * (left - right) * shift


def pitch_text(hz: float) -> str:
    """Return a frequency as a note and cents, e.g. ``A4 +12 ct``; "" below 16 Hz."""
    if hz < 16.0:
        return ""
    midi = 69 + 12 * math.log2(hz / 440.0)
    cents = round(100 * (midi - round(midi)))
    return f"{note_name(round(midi))} {cents:+d} ct".replace("-", "−")


def peak_text(frequencies_hz: NDArray[np.floating], db: Array, min_db: float = -90.0) -> str:
    """Return the strongest peak in words; "" if there is none above ``min_db``."""
    hz, level = peak_of(frequencies_hz, db)
    if level < min_db:
        return ""
    return f"{hz:.1f} Hz  {pitch_text(hz)}  {level:.1f} dB".replace("-", "−")


def trigger_index(mono: Array, length: int) -> int:
    """Return the index at which a scope of ``length`` samples begins, so that a steady tone stands still.

    It is the last rising zero crossing that follows a dip below a small negative level
    and has ``length`` samples after it.
    Without one, the scope shows the last ``length`` samples.
    """
    latest = len(mono) - length
    if latest <= 0:
        return 0
    peak = float(np.abs(mono).max())
    if peak <= 0.0:
        return latest
    rising = np.flatnonzero((mono[:latest] < 0) & (mono[1 : latest + 1] >= 0)) + 1
    low = np.flatnonzero(mono[:latest] < -_TRIGGER_HYSTERESIS * peak)
    if not len(rising) or not len(low):
        return latest
    # only the first crossing between two dips counts, so that ripples around zero do not move the picture
    dips = np.searchsorted(low, rising)
    first = np.unique(dips[dips > 0], return_index=True)[1]
    armed = rising[dips > 0][first]
    return int(armed[-1]) if len(armed) else latest


class Loudness:
    """Momentary and short-term loudness in LUFS (ITU-R BS.1770-4, EBU Tech 3341), from blocks every 100 ms.

    The K-weighting is applied to each block's spectrum, so a block is treated as periodic. This is exact for steady
    sounds, and within a few tenths of a dB where a block begins or ends loudly.

    Attributes:
        momentary, short_term: LUFS, not below ``SILENT_LUFS``.
    """

    BLOCK = round(MOMENTARY_S * ENGINE_RATE)
    STEP = round(STEP_S * ENGINE_RATE)

    def __init__(self) -> None:
        bins = self.BLOCK // 2 + 1
        self._weights = k_weights(bins, ENGINE_RATE / self.BLOCK)
        self._powers: deque[float] = deque(maxlen=round((SHORT_TERM_S - MOMENTARY_S) / STEP_S) + 1)
        self.momentary = self.short_term = SILENT_LUFS

    def add(self, block: Array) -> None:
        """Add the newest ``BLOCK`` samples, float32 [n, 2]."""
        power = 0.0
        if block.any():
            spectrum = np.abs(np.fft.rfft(block, axis=0)) ** 2  # [bins, 2]
            spectrum[1:-1] *= 2.0
            power = float((self._weights @ spectrum).sum()) / len(block) ** 2
        self._powers.append(power)
        self.momentary = _lufs(power)
        self.short_term = _lufs(sum(self._powers) / len(self._powers))

    @property
    def silent(self) -> bool:
        """Whether both values are at ``SILENT_LUFS``."""
        return max(self.momentary, self.short_term) <= SILENT_LUFS


def _lufs(power: float) -> float:
    return max(_OFFSET_LUFS + 10 * math.log10(power), SILENT_LUFS) if power > 0 else SILENT_LUFS
