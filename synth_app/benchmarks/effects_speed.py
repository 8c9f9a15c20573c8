"""What the effects cost on this machine."""

import time
from dataclasses import dataclass

import numpy as np

from synth_app.effects.chain import EFFECTS, EffectChain
from synth_app.params import PARAMS, defaults

_BLOCK = 128
_REPEATS = 1000
_TEMPO_BPM = 120.0


@dataclass(frozen=True)
class EffectsCost:
    """Microseconds per block of ``block`` frames, medians.

    Attributes:
        block: frames.
        each_us: one effect alone, under noise, in the order of ``EFFECTS``.
        all_us, all_p99_us: all of them.
        asleep_us: all of them switched on, in silence after their tails.
        deadline_us: what there is.
    """

    block: int
    each_us: dict[str, float]
    all_us: float
    all_p99_us: float
    asleep_us: float
    deadline_us: float

    def as_text(self) -> str:
        """One line for a terminal."""
        each = ", ".join(f"{name} {us:.0f}" for name, us in self.each_us.items())
        return (
            f"effects, us per block of {self.block}: {each}; all {self.all_us:.0f} (p99 {self.all_p99_us:.0f}), "
            f"{100 * self.all_us / self.deadline_us:.1f} % of the deadline; asleep {self.asleep_us:.1f}"
        )


def effects_cost(rate: float) -> EffectsCost:
    """Measure; takes about two seconds.

    Args:
        rate: Hz.
    """
    noise = (0.1 * np.random.default_rng(0).standard_normal((_BLOCK, 2))).astype(np.float32)
    everything = _times_us(_switched_on(rate, *EFFECTS), noise)
    tired, silence = _switched_on(rate, *EFFECTS), np.zeros((_BLOCK, 2), np.float32)
    _times_us(tired, silence)  # more than two seconds: all of them sleep then
    return EffectsCost(
        block=_BLOCK,
        each_us={name: float(np.median(_times_us(_switched_on(rate, name), noise))) for name in EFFECTS},
        all_us=float(np.median(everything)),
        all_p99_us=float(np.percentile(everything, 99)),
        asleep_us=float(np.median(_times_us(tired, silence))),
        deadline_us=1e6 * _BLOCK / rate,
    )


def _switched_on(rate: float, *effects: str) -> EffectChain:
    on = {f"{name}_on": 1.0 for name in effects} | {"eq_tilt_db": 3.0}
    chain = EffectChain(rate)
    chain.aim([on.get(spec.name, usual) for spec, usual in zip(PARAMS, defaults(), strict=True)], _TEMPO_BPM)
    return chain


def _times_us(chain: EffectChain, audio: np.ndarray[tuple[int, int], np.dtype[np.float32]]) -> list[float]:
    out, times = audio.copy(), []
    for _ in range(_REPEATS):
        out[:] = audio
        start = time.perf_counter()
        chain.process(out)
        times.append(1e6 * (time.perf_counter() - start))
    return times
