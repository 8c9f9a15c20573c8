"""Pitch over time: vibrato, drift and a scoop at the start, around the exact key."""

from dataclasses import dataclass

import numpy as np

from synth_app.dataset.synthesis.key_press import RATE_HZ, Array, KeyPress
from synth_app.dataset.synthesis.random_choices import log_uniform, random_bool, smooth_noise, uniform_or_zero


@dataclass(frozen=True, slots=True)
class PitchContour:
    """Depths in cents; the scoop is the pitch offset at the start, with the time constant of its decay."""

    vibrato_hz: float = 5.0
    vibrato_cents: float = 0.0
    vibrato_delay_s: float = 0.0
    drift_cents: float = 0.0
    scoop_cents: float = 0.0
    scoop_s: float = 0.03

    @property
    def steady(self) -> bool:
        """Whether the pitch stays at the key after the scoop."""
        return self.vibrato_cents == 0.0 and self.drift_cents == 0.0

    def cycles(self, key_press: KeyPress, rng: np.random.Generator, detune_cents: float = 0.0) -> Array:
        """Return the phase of the fundamental in turns, [samples], from a random start."""
        t = key_press.seconds()
        start, phase = rng.random(2)
        cents = np.full(len(t), detune_cents)
        if self.scoop_cents:
            cents += self.scoop_cents * np.exp(-t / self.scoop_s)
        if self.vibrato_cents:
            depth = self.vibrato_cents * np.clip((t - self.vibrato_delay_s) / 0.3, 0.0, 1.0)
            cents += depth * np.sin(2.0 * np.pi * (self.vibrato_hz * t + phase))
        if self.drift_cents:
            cents += self.drift_cents * smooth_noise(rng, len(t), 3.0)
        hz = key_press.f0_hz * 2.0 ** (cents / 1200.0)
        return start + np.concatenate([[0.0], np.cumsum(hz[:-1])]) / RATE_HZ


def steady_pitch(rng: np.random.Generator) -> PitchContour:
    """Draw a pitch without vibrato, sometimes with a scoop."""
    return PitchContour(scoop_cents=uniform_or_zero(rng, 0.2, -80.0, 120.0), scoop_s=log_uniform(rng, 0.005, 0.05))


def played_pitch(rng: np.random.Generator) -> PitchContour:
    """Draw a player's pitch: mostly with vibrato, a little drift, sometimes a scoop."""
    return PitchContour(
        vibrato_hz=float(rng.uniform(4.0, 7.0)),
        vibrato_cents=uniform_or_zero(rng, 0.65, 4.0, 35.0),
        vibrato_delay_s=float(rng.uniform(0.0, 0.8)),
        drift_cents=uniform_or_zero(rng, 0.7, 0.5, 4.0),
        scoop_cents=float(rng.uniform(-60.0, 20.0)) if random_bool(rng, 0.4) else 0.0,
        scoop_s=log_uniform(rng, 0.01, 0.08),
    )
