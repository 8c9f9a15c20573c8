"""Recordings for tests: harmonic tones and noise as WAV files."""

from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

RATE = 48_000


def tone(key: float, seconds: float = 0.8, slope: float = 1.0, level: float = 0.2) -> NDArray[np.float32]:
    """A steady harmonic tone with a short attack and release."""
    f0 = 440.0 * 2.0 ** ((key - 69.0) / 12.0)
    t = np.arange(round(seconds * RATE)) / RATE
    partials = range(1, int(7000 / f0) + 1)
    wave = sum(np.sin(2 * np.pi * f0 * h * t + h * h) * h**-slope for h in partials)
    ramp = np.minimum(np.minimum(t / 0.01, (seconds - t) / 0.03), 1.0)
    return np.asarray(level * wave / np.abs(wave).max() * ramp, np.float32)


def noise(seconds: float = 0.5) -> NDArray[np.float32]:
    """Decaying white noise."""
    t = np.arange(round(seconds * RATE)) / RATE
    return np.asarray(0.2 * np.random.default_rng(0).standard_normal(len(t)) * np.exp(-4.0 * t), np.float32)


def write(path: Path, samples: NDArray[np.float32]) -> Path:
    """Write a 16-bit WAV file and return its path."""
    soundfile.write(path, samples, RATE, "PCM_16")
    return path
