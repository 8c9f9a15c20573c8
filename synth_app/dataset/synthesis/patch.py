"""A patch: one instrument of the synthesised set, drawn from a seed, and the keys it is played on."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from synth_app.dataset.synthesis import finish
from synth_app.dataset.synthesis.draws import chance
from synth_app.dataset.synthesis.finish import Finish
from synth_app.dataset.synthesis.methods import additive, breath, fm, modal, ring, strings, subtractive, vocal, wind
from synth_app.dataset.synthesis.strike import Array, Strike, Voice

# The order in which instruments take their methods, over and over: every stretch of 16 has the same mixture.
_ROTA: tuple[tuple[str, Callable[[np.random.Generator], Voice]], ...] = (
    ("additive", additive.draw),
    ("wind", wind.draw),
    ("strings", strings.draw),
    ("subtractive", subtractive.draw),
    ("modal", modal.draw),
    ("fm", fm.draw),
    ("additive", additive.draw),
    ("vocal", vocal.draw),
    ("strings", strings.draw),
    ("wind", wind.draw),
    ("ring", ring.draw),
    ("additive", additive.draw),
    ("subtractive", subtractive.draw),
    ("fm", fm.draw),
    ("breath", breath.draw),
    ("wind", wind.draw),
)
METHODS = tuple(sorted({name for name, _ in _ROTA}))
LOWEST_KEY, HIGHEST_KEY = 24, 100


@dataclass(frozen=True, slots=True)
class Patch:
    """All of an instrument; its notes follow from it and the seed to the last bit."""

    seed: int
    index: int
    method: str
    voice: Voice
    finish: Finish
    keys: tuple[int, ...]
    velocities: tuple[int, ...]
    key_tilt_db: float
    """Level per octave above middle C."""
    touch: float
    """Exponent of velocity in the level."""

    def render(self, key: int, velocity: int) -> Array:
        """One note, 4 s at ``RATE_HZ``, finished; its peak is at most about 1."""
        rng = np.random.default_rng([self.seed, self.index, key, velocity])
        strike = Strike(key, velocity)
        level_db = -abs(self.key_tilt_db * strike.octaves_above(60)) + 20.0 * self.touch * np.log10(strike.force)
        return self.finish.apply(self.voice.render(strike, rng), strike, float(10.0 ** (level_db / 20.0)), rng)


def draw_patch(seed: int, index: int) -> Patch:
    """Instrument number ``index`` of a seed; it does not depend on how many others there are."""
    rng = np.random.default_rng([seed, index])
    method, draw = _ROTA[index % len(_ROTA)]
    voice = draw(rng)
    velocities = (int(rng.integers(35, 70)), int(rng.integers(95, 128)))
    return Patch(
        seed=seed,
        index=index,
        method=method,
        voice=voice,
        finish=finish.draw(rng),
        keys=_keys(rng, voice.family),
        velocities=velocities if chance(rng, 0.15) else (int(rng.integers(50, 128)),),
        key_tilt_db=float(rng.normal(0.0, 2.0)),
        touch=float(rng.uniform(0.2, 1.2)),
    )


def _keys(rng: np.random.Generator, family: str) -> tuple[int, ...]:
    """7 to 10 keys, 3 to 7 semitones apart, from a random lowest one."""
    lowest = {"bass": (24, 36), "mallet": (36, 64), "flute": (44, 64), "vocal": (36, 55)}.get(family, (24, 56))
    keys = [int(rng.integers(lowest[0], lowest[1] + 1))]
    for step in rng.integers(3, 8, size=int(rng.integers(8, 11)) - 1):
        keys.append(keys[-1] + int(step))
    return tuple(key for key in keys if key <= HIGHEST_KEY)
