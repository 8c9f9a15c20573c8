"""Filters with moving cutoff: second-order sections whose coefficients change every block."""

import numpy as np
from scipy.signal import lfilter

from synth_app.dataset.synthesis.key_press import RATE_HZ, Array

KINDS = ("lowpass", "bandpass", "highpass")
BLOCK = 64
_MAX_HZ = 0.45 * RATE_HZ


def swept(sound: Array, kind: str, cutoff_hz: Array, q: float) -> Array:
    """Filter ``sound`` [n] by one resonant section; coefficients from R. Bristow-Johnson's audio EQ cookbook.

    Args:
        sound: [n].
        kind: lowpass, bandpass (0 dB at its centre) or highpass.
        cutoff_hz: cutoff at every sample, [n]; the first value of each block is used.
        q: 0.5 and above; above 0.71 there is a peak at the cutoff.
    """
    hz = np.clip(cutoff_hz[::BLOCK], 16.0, _MAX_HZ)
    angle = 2.0 * np.pi * hz / RATE_HZ
    cosine, alpha = np.cos(angle), np.sin(angle) / (2.0 * q)
    side = {"lowpass": (1.0 - cosine) / 2.0, "bandpass": alpha, "highpass": (1.0 + cosine) / 2.0}[kind]
    middle = {"lowpass": 2.0 * side, "bandpass": 0.0 * side, "highpass": -2.0 * side}[kind]
    last = -side if kind == "bandpass" else side
    numerators = np.stack([side, middle, last], axis=1) / (1.0 + alpha)[:, None]
    denominators = np.stack([1.0 + alpha, -2.0 * cosine, 1.0 - alpha], axis=1) / (1.0 + alpha)[:, None]
    out = np.empty_like(sound)
    state = np.zeros(2)
    for i, (b, a) in enumerate(zip(numerators, denominators, strict=True)):
        part = slice(i * BLOCK, (i + 1) * BLOCK)
        out[part], state = lfilter(b, a, sound[part], zi=state)
    return out
