"""Frequency-modulation voices: two to four sine operators, indices that decay."""

from dataclasses import dataclass

import numpy as np
import soxr

from synth_app.dataset.synthesis.draws import chance, log_uniform, pick
from synth_app.dataset.synthesis.envelope import Envelope, any_envelope, percussive, sustained
from synth_app.dataset.synthesis.pitch import PitchCourse, steady_pitch
from synth_app.dataset.synthesis.strike import RATE_HZ, Array, Strike

_OVERSAMPLING = 4
_ROOM_HZ = (_OVERSAMPLING - 1) * RATE_HZ  # sidebands up to here fold to above the band, and are filtered away
_HARMONIC = (1.0, 1.0, 2.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 11.0, 14.0)
_CLANGOROUS = (1.41, 2.76, 3.5, 3.73, 4.24, 5.19, 6.27, 7.07)


@dataclass(frozen=True, slots=True)
class Modulator:
    """A sine at ``ratio`` times the key, of peak phase deviation ``index`` (radians) under its own envelope."""

    ratio: float
    index: float
    envelope: Envelope


@dataclass(frozen=True, slots=True)
class Stack:
    """A carrier and what modulates it: in a chain (each modulates the next) or side by side."""

    ratio: float
    level: float
    modulators: tuple[Modulator, ...]
    chained: bool


@dataclass(frozen=True, slots=True)
class Fm:
    """Sums of stacks; the first carrier lies on the key."""

    family: str
    stacks: tuple[Stack, ...]
    key_octaves: float
    """Octaves by which indices fall per octave of the key."""
    envelope: Envelope
    pitch: PitchCourse

    def render(self, strike: Strike, rng: np.random.Generator) -> Array:
        """See ``Voice``."""
        cycles = _finer(self.pitch.cycles(strike, rng))
        scale = strike.force * 2.0 ** (-self.key_octaves * strike.octaves_above(60))
        sound = np.zeros(len(cycles))
        for stack in self.stacks:
            sound += stack.level * self._carrier(stack, strike, cycles, scale)
        fine = np.asarray(soxr.resample(sound, _OVERSAMPLING * RATE_HZ, RATE_HZ, quality="VHQ"), np.float64)
        return fine[: strike.samples] * self.envelope.gain(strike)

    def _carrier(self, stack: Stack, strike: Strike, cycles: Array, scale: float) -> Array:
        limits = _limits(stack, strike.f0_hz)
        deviation = np.zeros(len(cycles))
        for modulator, limit in zip(stack.modulators, limits, strict=True):
            index = min(modulator.index * scale, limit) * _finer(modulator.envelope.gain(strike))
            inner = deviation if stack.chained else 0.0
            wave = index * np.sin(2.0 * np.pi * modulator.ratio * cycles + inner)
            deviation = wave if stack.chained else deviation + wave
        return np.sin(2.0 * np.pi * stack.ratio * cycles + deviation)


def _limits(stack: Stack, f0_hz: float) -> tuple[float, ...]:
    """The largest index of each modulator that keeps the carrier inside the room, by Carson's rule.

    A sine of index I at f widens what it modulates by (I + 1) f, plus I times the width of what modulates itself.
    """
    room = max(_ROOM_HZ - stack.ratio * f0_hz, 0.0)
    share = room / len(stack.modulators) if stack.modulators else 0.0
    limits, width = [], 0.0
    for modulator in stack.modulators:
        hz = modulator.ratio * f0_hz + width
        limits.append(max(share / hz - 1.5, 0.0))
        if stack.chained:
            width = (min(modulator.index, limits[-1]) + 1.0) * hz
    return tuple(limits)


def _finer(curve: Array) -> Array:
    """A smooth curve at the oversampled rate."""
    at = np.arange(len(curve) * _OVERSAMPLING) / _OVERSAMPLING
    slope = curve[-1] - curve[-2]
    fine = np.interp(at, np.arange(len(curve)), curve)
    beyond = at > len(curve) - 1
    fine[beyond] = curve[-1] + (at[beyond] - (len(curve) - 1)) * slope
    return fine


def draw(rng: np.random.Generator) -> Fm:
    """Electric pianos, bells, basses, brass and metal."""
    envelope = any_envelope(rng)
    clangorous = chance(rng, 0.25)
    if envelope.sustain == 0.0:
        family = "mallet" if clangorous else pick(rng, ("keyboard", "bass", "guitar", "mallet"))
    else:
        family = "synth_lead" if clangorous else pick(rng, ("brass", "synth_lead", "organ", "reed"))
    stacks = [_stack(rng, 1.0, 1.0, clangorous)]
    if chance(rng, 0.5):
        ratio = pick(rng, (1.0, 2.0, 3.0, 4.0))
        stacks.append(_stack(rng, ratio, log_uniform(rng, 0.05, 0.7), clangorous))
    return Fm(family, tuple(stacks), float(rng.uniform(0.0, 0.8)), envelope, steady_pitch(rng))


def _stack(rng: np.random.Generator, ratio: float, level: float, clangorous: bool) -> Stack:
    modulators = []
    for _ in range(int(rng.integers(1, 4))):
        own = pick(rng, _CLANGOROUS) if clangorous and chance(rng, 0.6) else pick(rng, _HARMONIC)
        shape = percussive(rng) if chance(rng, 0.55) else sustained(rng)
        index = log_uniform(rng, 0.15, 6.0) / own ** float(rng.uniform(0.2, 0.7))
        modulators.append(Modulator(own, index, shape))
    return Stack(ratio, level, tuple(modulators), chance(rng, 0.4))
