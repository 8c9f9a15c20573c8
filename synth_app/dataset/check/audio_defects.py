"""Defects of a recording that its samples show: silence, clipping, a late start."""

import numpy as np

from synth_app.dataset.audio_io import FloatArray

SILENCE_DBFS = -60.0
CLIPPED_RUN = 3  # this many consecutive samples at full scale are clipping, not a peak that just fits
_FULL_SCALE = 32766.5 / 32768.0  # half a step below the largest 16-bit value, for both signs
_ONSET_BELOW_PEAK_DB = 40.0
_ONSET_PART_S = 0.005


def peak_dbfs(samples: FloatArray) -> float:
    """Return the peak level of samples of any shape in dB re full scale; minus infinity for digital silence."""
    peak = float(np.abs(samples).max(initial=0.0))
    return float(20.0 * np.log10(peak)) if peak > 0.0 else -np.inf


def longest_clipped_run(channels: FloatArray) -> int:
    """Return the length of the longest run of samples at or beyond full scale with one sign, over all channels.

    Args:
        channels: [n, channels].
    """
    longest = 0
    for channel in channels.T:
        for clipped in (channel >= _FULL_SCALE, channel <= -_FULL_SCALE):
            if not clipped.any():
                continue
            edges = np.flatnonzero(np.diff(clipped, prepend=False, append=False))
            longest = max(longest, int((edges[1::2] - edges[::2]).max()))
    return longest


def onset_seconds(samples: FloatArray, rate: int) -> float:
    """Return when a recording begins to sound: the first 5 ms whose peak is within 40 dB of the highest one.

    Args:
        samples: [n], not silent. rate: Hz.
    """
    part = max(1, round(_ONSET_PART_S * rate))
    peaks = np.maximum.reduceat(np.abs(samples), np.arange(0, len(samples), part))
    first = int(np.argmax(peaks >= peaks.max() * 10.0 ** (-_ONSET_BELOW_PEAK_DB / 20.0)))
    return first * part / rate
