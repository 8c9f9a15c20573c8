"""Time that the effects need on this machine."""

import time
from dataclasses import dataclass

import numpy as np

from synth_app.effects.chain import EffectChain
from synth_app.params import EFFECTS, PARAMS, defaults

_BLOCK = 128
_REPEATS = 1000
_TEMPO_BPM = 120.0


@dataclass(frozen=True)
class EffectsCost:
    """Microseconds per block of ``block`` frames, medians.

    Attributes:
        block: frames.
        each_us: each effect alone, processing noise, in the order of the chain.
        all_us, all_p99_us: all effects together.
        asleep_us: all effects switched on, in silence, after their tails.
        deadline_us: duration of the block.
    """

    block: int
    each_us: dict[str, float]
    all_us: float
    all_p99_us: float
    asleep_us: float
    deadline_us: float

    def as_text(self) -> str:
        """Return one line for a terminal."""
        each = ", ".join(f"{name} {us:.0f}" for name, us in self.each_us.items())
        return (
            f"effects, us per block of {self.block}: {each}; all {self.all_us:.0f} (p99 {self.all_p99_us:.0f}), "
            f"{100 * self.all_us / self.deadline_us:.1f} % of the deadline; asleep {self.asleep_us:.1f}"
        )


def effects_cost(rate: float) -> EffectsCost:
    """Measure the effects at a sample rate in Hz; takes about two seconds."""
    noise = (0.1 * np.random.default_rng(0).standard_normal((_BLOCK, 2))).astype(np.float32)
    names = [effect.name for effect in EFFECTS]
    together = _times_us(_switched_on(rate, *names), noise)
    asleep, silence = _switched_on(rate, *names), np.zeros((_BLOCK, 2), np.float32)
    _times_us(asleep, silence)  # more than two seconds, after which all of them sleep
    return EffectsCost(
        block=_BLOCK,
        each_us={name: float(np.median(_times_us(_switched_on(rate, name), noise))) for name in names},
        all_us=float(np.median(together)),
        all_p99_us=float(np.percentile(together, 99)),
        asleep_us=float(np.median(_times_us(asleep, silence))),
        deadline_us=1e6 * _BLOCK / rate,
    )


def _switched_on(rate: float, *names: str) -> EffectChain:
    values: dict[str, float] = {}
    for effect in EFFECTS:
        if effect.name in names:
            values |= effect.audible_values
    chain = EffectChain(rate)
    params = [values.get(spec.name, default) for spec, default in zip(PARAMS, defaults(), strict=True)]
    chain.set_targets(params, _TEMPO_BPM)
    return chain


def _times_us(chain: EffectChain, audio: np.ndarray[tuple[int, int], np.dtype[np.float32]]) -> list[float]:
    out, times = audio.copy(), []
    for _ in range(_REPEATS):
        out[:] = audio
        start = time.perf_counter()
        chain.process(out)
        times.append(1e6 * (time.perf_counter() - start))
    return times
