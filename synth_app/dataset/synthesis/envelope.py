"""Loudness over time: attack, decay to a sustained level, release."""

from dataclasses import dataclass

import numpy as np

from synth_app.dataset.synthesis.key_press import Array, KeyPress
from synth_app.dataset.synthesis.random_choices import log_uniform, random_bool


@dataclass(frozen=True, slots=True)
class Envelope:
    """Envelope with times in seconds; decay and release are times of a fall by 60 dB, linear in dB.

    ``sustain`` is the level, 0-1, that the decay tends to; ``key_decay`` the octaves by which the decay shortens
    per octave above middle C.
    """

    attack_s: float
    decay_s: float
    sustain: float
    release_s: float
    key_decay: float = 0.0

    def gain(self, key_press: KeyPress) -> Array:
        """Return the amplitude [samples], at most 1."""
        t = key_press.seconds()
        rise = np.clip(t / self.attack_s, 0.0, 1.0)
        decay_s = self.decay_s * 2.0 ** (-self.key_decay * key_press.octaves_above(60))
        fall = 10.0 ** (-3.0 * np.maximum(t - self.attack_s, 0.0) / decay_s)
        body = self.sustain + (1.0 - self.sustain) * fall
        return rise * rise * (3.0 - 2.0 * rise) * body * released(key_press, self.release_s)


def released(key_press: KeyPress, release_s: float) -> Array:
    """Return 1 while the key is held, then a fall by 60 dB in ``release_s`` seconds; the last 5 ms fade out."""
    t = key_press.seconds()
    fade = np.clip((t[-1] - t) / 0.005, 0.0, 1.0)
    return 10.0 ** (-3.0 * np.maximum(t - key_press.hold_s, 0.0) / release_s) * fade


def percussive(rng: np.random.Generator) -> Envelope:
    """Draw a struck or plucked envelope: immediate attack, then decay."""
    return Envelope(
        log_uniform(rng, 0.0007, 0.008),
        log_uniform(rng, 0.5, 12.0),
        0.0,
        log_uniform(rng, 0.1, 1.5),
        float(rng.uniform(0.0, 0.9)),
    )


def sustained(rng: np.random.Generator) -> Envelope:
    """Draw an envelope that sustains while the key is held."""
    sustain = float(rng.uniform(0.3, 1.0))
    return Envelope(log_uniform(rng, 0.004, 0.15), log_uniform(rng, 0.2, 3.0), sustain, log_uniform(rng, 0.08, 1.2))


def pad(rng: np.random.Generator) -> Envelope:
    """Draw an envelope with slow attack and release."""
    return Envelope(log_uniform(rng, 0.15, 1.2), 4.0, float(rng.uniform(0.6, 1.0)), log_uniform(rng, 0.8, 4.0))


def any_envelope(rng: np.random.Generator) -> Envelope:
    """Draw a percussive or sustained envelope, or sometimes a pad's."""
    if random_bool(rng, 0.4):
        return percussive(rng)
    return sustained(rng) if random_bool(rng, 0.7) else pad(rng)
