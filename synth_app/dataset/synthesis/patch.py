"""A random patch: one instrument of the synthesised data set, and the keys that it is rendered at."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from synth_app.dataset.synthesis import recording_chain
from synth_app.dataset.synthesis.key_press import Array, KeyPress, Voice
from synth_app.dataset.synthesis.methods import additive, breath, fm, modal, ring, strings, subtractive, vocal, wind
from synth_app.dataset.synthesis.random_choices import random_bool
from synth_app.dataset.synthesis.recording_chain import RecordingChain

# Instruments cycle through this order, so that every 16 of them have the same mixture of methods.
_METHOD_ORDER: tuple[tuple[str, Callable[[np.random.Generator], Voice]], ...] = (
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
METHODS = tuple(sorted({name for name, _ in _METHOD_ORDER}))
LOWEST_KEY, HIGHEST_KEY = 24, 100


@dataclass(frozen=True, slots=True)
class RandomPatch:
    """All parameters of an instrument; its notes are reproducible to the bit."""

    seed: int
    index: int
    method: str
    voice: Voice
    recording_chain: RecordingChain
    keys: tuple[int, ...]
    velocities: tuple[int, ...]
    key_tilt_db: float
    """Level per octave above middle C."""
    velocity_exponent: float
    """Exponent of velocity in the level."""

    def render(self, key: int, velocity: int) -> Array:
        """Render one note of 4 s at ``RATE_HZ`` through the recording chain; its peak is at most about 1."""
        rng = np.random.default_rng([self.seed, self.index, key, velocity])
        key_press = KeyPress(key, velocity)
        level_db = -abs(self.key_tilt_db * key_press.octaves_above(60)) + 20.0 * self.velocity_exponent * np.log10(
            key_press.velocity_fraction
        )
        return self.recording_chain.apply(
            self.voice.render(key_press, rng), key_press, float(10.0 ** (level_db / 20.0)), rng
        )


def random_patch(seed: int, index: int) -> RandomPatch:
    """Draw instrument number ``index`` of a seed; it does not depend on the number of instruments."""
    rng = np.random.default_rng([seed, index])
    method, draw = _METHOD_ORDER[index % len(_METHOD_ORDER)]
    voice = draw(rng)
    velocities = (int(rng.integers(35, 70)), int(rng.integers(95, 128)))
    return RandomPatch(
        seed=seed,
        index=index,
        method=method,
        voice=voice,
        recording_chain=recording_chain.draw(rng),
        keys=_keys(rng, voice.family),
        velocities=velocities if random_bool(rng, 0.15) else (int(rng.integers(50, 128)),),
        key_tilt_db=float(rng.normal(0.0, 2.0)),
        velocity_exponent=float(rng.uniform(0.2, 1.2)),
    )


def _keys(rng: np.random.Generator, family: str) -> tuple[int, ...]:
    """Draw 7 to 10 keys, 3 to 7 semitones apart, from a random lowest key."""
    lowest = {"bass": (24, 36), "mallet": (36, 64), "flute": (44, 64), "vocal": (36, 55)}.get(family, (24, 56))
    keys = [int(rng.integers(lowest[0], lowest[1] + 1))]
    for step in rng.integers(3, 8, size=int(rng.integers(8, 11)) - 1):
        keys.append(keys[-1] + int(step))
    return tuple(key for key in keys if key <= HIGHEST_KEY)
