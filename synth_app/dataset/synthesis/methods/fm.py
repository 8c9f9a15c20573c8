"""Frequency-modulation voices: two to four sine operators with decaying indices."""

from dataclasses import dataclass

import numpy as np
import soxr

from synth_app.dataset.synthesis.envelope import Envelope, any_envelope, percussive, sustained
from synth_app.dataset.synthesis.key_press import RATE_HZ, Array, KeyPress
from synth_app.dataset.synthesis.pitch import PitchContour, steady_pitch
from synth_app.dataset.synthesis.random_choices import log_uniform, pick, random_bool

_OVERSAMPLING = 4
_ROOM_HZ = (_OVERSAMPLING - 1) * RATE_HZ  # sidebands up to here alias to above the band and are filtered out
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
    """A carrier and its modulators, in series or in parallel."""

    ratio: float
    level: float
    modulators: tuple[Modulator, ...]
    chained: bool


@dataclass(frozen=True, slots=True)
class Fm:
    """FM voice: sum of stacks; the first carrier is at the key's frequency."""

    family: str
    stacks: tuple[Stack, ...]
    key_octaves: float
    """Octaves by which indices fall per octave of the key."""
    envelope: Envelope
    pitch: PitchContour

    def render(self, key_press: KeyPress, rng: np.random.Generator) -> Array:
        """Render a note; see ``Voice.render``."""
        cycles = _finer(self.pitch.cycles(key_press, rng))
        scale = key_press.velocity_fraction * 2.0 ** (-self.key_octaves * key_press.octaves_above(60))
        sound = np.zeros(len(cycles))
        for stack in self.stacks:
            sound += stack.level * self._carrier(stack, key_press, cycles, scale)
        fine = np.asarray(soxr.resample(sound, _OVERSAMPLING * RATE_HZ, RATE_HZ, quality="VHQ"), np.float64)
        return fine[: key_press.samples] * self.envelope.gain(key_press)

    def _carrier(self, stack: Stack, key_press: KeyPress, cycles: Array, scale: float) -> Array:
        limits = _limits(stack, key_press.f0_hz)
        deviation = np.zeros(len(cycles))
        for modulator, limit in zip(stack.modulators, limits, strict=True):
            index = min(modulator.index * scale, limit) * _finer(modulator.envelope.gain(key_press))
            inner = deviation if stack.chained else 0.0
            wave = index * np.sin(2.0 * np.pi * modulator.ratio * cycles + inner)
            deviation = wave if stack.chained else deviation + wave
        return np.sin(2.0 * np.pi * stack.ratio * cycles + deviation)


def _limits(stack: Stack, f0_hz: float) -> tuple[float, ...]:
    """Return the largest index of each modulator that keeps the sidebands inside the band, by Carson's rule.

    A sine of index I at f widens the spectrum of its carrier by (I + 1) f, plus I times the width of its own modulator.
    """
    room_hz = max(_ROOM_HZ - stack.ratio * f0_hz, 0.0)
    per_modulator_hz = room_hz / len(stack.modulators) if stack.modulators else 0.0
    limits, width = [], 0.0
    for modulator in stack.modulators:
        hz = modulator.ratio * f0_hz + width
        limits.append(max(per_modulator_hz / hz - 1.5, 0.0))
        if stack.chained:
            width = (min(modulator.index, limits[-1]) + 1.0) * hz
    return tuple(limits)


def _finer(curve: Array) -> Array:
    """Interpolate a smooth curve at the oversampled rate."""
    at = np.arange(len(curve) * _OVERSAMPLING) / _OVERSAMPLING
    slope = curve[-1] - curve[-2]
    fine = np.interp(at, np.arange(len(curve)), curve)
    beyond = at > len(curve) - 1
    fine[beyond] = curve[-1] + (at[beyond] - (len(curve) - 1)) * slope
    return fine


def draw(rng: np.random.Generator) -> Fm:
    """Draw an electric piano, bell, bass, brass or metallic timbre."""
    envelope = any_envelope(rng)
    clangorous = random_bool(rng, 0.25)
    if envelope.sustain == 0.0:
        family = "mallet" if clangorous else pick(rng, ("keyboard", "bass", "guitar", "mallet"))
    else:
        family = "synth_lead" if clangorous else pick(rng, ("brass", "synth_lead", "organ", "reed"))
    stacks = [_stack(rng, 1.0, 1.0, clangorous)]
    if random_bool(rng, 0.5):
        ratio = pick(rng, (1.0, 2.0, 3.0, 4.0))
        stacks.append(_stack(rng, ratio, log_uniform(rng, 0.05, 0.7), clangorous))
    return Fm(family, tuple(stacks), float(rng.uniform(0.0, 0.8)), envelope, steady_pitch(rng))


def _stack(rng: np.random.Generator, ratio: float, level: float, clangorous: bool) -> Stack:
    modulators = []
    for _ in range(int(rng.integers(1, 4))):
        own = pick(rng, _CLANGOROUS) if clangorous and random_bool(rng, 0.6) else pick(rng, _HARMONIC)
        shape = percussive(rng) if random_bool(rng, 0.55) else sustained(rng)
        index = log_uniform(rng, 0.15, 6.0) / own ** float(rng.uniform(0.2, 0.7))
        modulators.append(Modulator(own, index, shape))
    return Stack(ratio, level, tuple(modulators), random_bool(rng, 0.4))
