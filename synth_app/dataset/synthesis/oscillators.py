"""Band-limited sources: sums of partials, saws and pulses from impulse trains, coloured noise."""

import numpy as np
from scipy.signal import lfilter

from synth_app.dataset.synthesis.key_press import BAND_HZ, RATE_HZ, Array

BLOCK = 64
"""Samples between two values of a partial's level."""
_INAUDIBLE = 3e-6  # -110 dB re the loudest: below the frames' floor
_LEAK_HZ = 4.0  # leak of the saw's integrator


def control_times(samples: int) -> Array:
    """Return the times in seconds at which ``sum_partials`` needs levels: block boundaries, [blocks + 1]."""
    return np.arange(-(-samples // BLOCK) + 1) * BLOCK / RATE_HZ


def sum_partials(cycles: Array, ratios: Array, levels: Array, phases: Array) -> Array:
    """Sum sines at multiples of one fundamental.

    Args:
        cycles: the fundamental's phase in turns, [samples].
        ratios: frequency of each partial in fundamentals, [partials]; partials beyond the band are left out.
        levels: amplitudes at ``control_times``, [partials, blocks + 1]; straight lines in between.
        phases: of each partial at the beginning, turns, [partials].

    Returns:
        [samples].
    """
    samples = len(cycles)
    blocks = levels.shape[1] - 1
    turns = np.zeros(blocks * BLOCK)
    turns[:samples] = cycles
    turns = turns.reshape(blocks, BLOCK)
    out = np.zeros((blocks, BLOCK), np.float32)
    ramp = (np.arange(BLOCK) / BLOCK).astype(np.float32)
    highest = BAND_HZ / (float(np.diff(cycles).max()) * RATE_HZ)
    threshold = _INAUDIBLE * float(levels.max(initial=0.0))
    for ratio, level, phase in zip(ratios, levels, phases, strict=True):
        audible = np.flatnonzero(level > threshold)
        if ratio > highest or not len(audible):
            continue
        end = min(int(audible[-1]) + 1, blocks)
        turn = turns[:end] * ratio + phase
        turn -= np.rint(turn)
        wave = np.sin((2.0 * np.pi * turn).astype(np.float32))
        line = level[: end + 1].astype(np.float32)
        out[:end] += wave * (line[:-1, None] + np.diff(line)[:, None] * ramp)
    return out.reshape(-1)[:samples].astype(np.float64)


def impulse_train(cycles: Array, band_hz: float = BAND_HZ) -> Array:
    """Sum cos(2 pi k cycles) over the harmonics k >= 1 inside the band, in closed form (Dirichlet's kernel)."""
    step = float(np.diff(cycles).max())
    count = max(1, int(band_hz / (step * RATE_HZ)))
    x = np.pi * (cycles - np.rint(cycles))
    below = np.sin(x)
    safe = np.where(np.abs(below) < 1e-9, 1.0, below)
    kernel = np.where(np.abs(below) < 1e-9, 2.0 * count + 1.0, np.sin((2 * count + 1) * x) / safe)
    return 0.5 * (kernel - 1.0)


def saw(cycles: Array, band_hz: float = BAND_HZ) -> Array:
    """Sum sin(2 pi k cycles) / k: the integral of the impulse train, with a leak of a few Hz."""
    step = np.diff(cycles, append=2.0 * cycles[-1] - cycles[-2])
    leak = np.exp(-2.0 * np.pi * _LEAK_HZ / RATE_HZ)
    return np.asarray(lfilter([1.0], [1.0, -leak], 2.0 * np.pi * step * impulse_train(cycles, band_hz)))


def pulse(cycles: Array, width: Array | float, band_hz: float = BAND_HZ) -> Array:
    """Return a pulse wave without DC; ``width`` is the duty cycle, 0-1, constant or [samples]."""
    return saw(cycles, band_hz) - saw(cycles + width, band_hz)
