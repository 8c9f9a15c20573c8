"""Helpers that send samples through the effects."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from synth_app.effects.chain import EffectChain
from synth_app.params import EFFECTS, PARAMS, defaults, param_index

RATE = 48_000
Samples = NDArray[np.float32]
ALL_ON = {name: value for effect in EFFECTS for name, value in effect.audible_values.items()}


def params(**changed: float) -> tuple[float, ...]:
    """Return the table's default values with some changed."""
    values = list(defaults())
    for name, value in changed.items():
        values[param_index(name)] = PARAMS[param_index(name)].clamp(value)
    return tuple(values)


def chain(tempo_bpm: float = 120.0, **changed: float) -> EffectChain:
    """Make a chain that begins with these parameters."""
    made = EffectChain(float(RATE))
    made.set_targets(params(**changed), tempo_bpm)
    return made


def send(effects: EffectChain, audio: Samples, block: int = 512) -> Samples:
    """Return the processed samples, block by block."""
    out = audio.copy()
    for start in range(0, len(out), block):
        effects.process(out[start : start + block])
    return out


def through(audio: Samples, **changed: float) -> Samples:
    """Return the samples processed by a new chain."""
    return send(chain(**changed), audio)


def impulse(seconds: float, channels: Sequence[float] = (1.0, 1.0)) -> Samples:
    """Return one sample, then silence: float32 [n, 2]."""
    out = np.zeros((round(seconds * RATE), 2), np.float32)
    out[0] = channels
    return out


def noise(seconds: float, level: float = 0.1, seed: int = 0) -> Samples:
    """Return white noise with an RMS of ``level`` and independent sides."""
    rng = np.random.default_rng(seed)
    return (level * rng.standard_normal((round(seconds * RATE), 2))).astype(np.float32)


def sine(seconds: float, hz: float, level: float = 0.5) -> Samples:
    """Return the same sine on both sides."""
    wave = level * np.sin(2 * np.pi * hz * np.arange(round(seconds * RATE)) / RATE)
    return np.repeat(wave[:, None], 2, axis=1).astype(np.float32)
