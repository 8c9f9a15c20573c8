"""Sounds that several tests resynthesise."""

import numpy as np


def note() -> np.ndarray:
    """0.6 s at 16 kHz: eleven partials with vibrato and decay, and breath."""
    rng = np.random.default_rng(8)
    t = np.arange(9600) / 16000
    phase = 2 * np.pi * np.cumsum(310 * (1 + 0.004 * np.sin(2 * np.pi * 5 * t))) / 16000
    partials = sum(np.cos(h * phase + h) / h**1.2 for h in range(1, 12))
    breath = rng.normal(size=len(t)) * 0.01
    return ((partials + breath) * np.exp(-2 * t) * np.minimum(1, t / 0.02)).astype(np.float32)


NOTE = note()
