"""The course of a note's pitch: vibrato, drift and a scoop into it, around the exact key."""

from dataclasses import dataclass

import numpy as np

from synth_app.dataset.synthesis.draws import chance, log_uniform, sometimes, wander
from synth_app.dataset.synthesis.strike import RATE_HZ, Array, Strike


@dataclass(frozen=True, slots=True)
class PitchCourse:
    """Depths in cents, each way; the scoop is where the pitch starts and how long until an e-th of it is left."""

    vibrato_hz: float = 5.0
    vibrato_cents: float = 0.0
    vibrato_delay_s: float = 0.0
    drift_cents: float = 0.0
    scoop_cents: float = 0.0
    scoop_s: float = 0.03

    @property
    def steady(self) -> bool:
        """Whether the pitch rests on the key once a scoop is over."""
        return self.vibrato_cents == 0.0 and self.drift_cents == 0.0

    def cycles(self, strike: Strike, rng: np.random.Generator, detune_cents: float = 0.0) -> Array:
        """Periods since the note began, [samples]: the phase of the fundamental in turns, from a random start."""
        t = strike.seconds()
        start, phase = rng.random(2)
        cents = np.full(len(t), detune_cents)
        if self.scoop_cents:
            cents += self.scoop_cents * np.exp(-t / self.scoop_s)
        if self.vibrato_cents:
            depth = self.vibrato_cents * np.clip((t - self.vibrato_delay_s) / 0.3, 0.0, 1.0)
            cents += depth * np.sin(2.0 * np.pi * (self.vibrato_hz * t + phase))
        if self.drift_cents:
            cents += self.drift_cents * wander(rng, len(t), 3.0)
        hz = strike.f0_hz * 2.0 ** (cents / 1200.0)
        return start + np.concatenate([[0.0], np.cumsum(hz[:-1])]) / RATE_HZ


def steady_pitch(rng: np.random.Generator) -> PitchCourse:
    """No vibrato; now and then a scoop."""
    return PitchCourse(scoop_cents=sometimes(rng, 0.2, -80.0, 120.0), scoop_s=log_uniform(rng, 0.005, 0.05))


def played_pitch(rng: np.random.Generator) -> PitchCourse:
    """As of a player: vibrato in most cases, a little drift, a scoop in some."""
    return PitchCourse(
        vibrato_hz=float(rng.uniform(4.0, 7.0)),
        vibrato_cents=sometimes(rng, 0.65, 4.0, 35.0),
        vibrato_delay_s=float(rng.uniform(0.0, 0.8)),
        drift_cents=sometimes(rng, 0.7, 0.5, 4.0),
        scoop_cents=float(rng.uniform(-60.0, 20.0)) if chance(rng, 0.4) else 0.0,
        scoop_s=log_uniform(rng, 0.01, 0.08),
    )
