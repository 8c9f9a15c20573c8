"""Loudness over time: attack, decay to a sustained level, release."""

from dataclasses import dataclass

import numpy as np

from synth_app.dataset.synthesis.draws import chance, log_uniform
from synth_app.dataset.synthesis.strike import Array, Strike


@dataclass(frozen=True, slots=True)
class Envelope:
    """Times in seconds; decay and release are those of a fall by 60 dB, straight in dB.

    ``sustain`` is the level, 0-1, that the decay tends to; ``key_decay`` the octaves by which the decay shortens
    per octave above middle C.
    """

    attack_s: float
    decay_s: float
    sustain: float
    release_s: float
    key_decay: float = 0.0

    def gain(self, strike: Strike) -> Array:
        """Amplitude [samples], at most 1."""
        t = strike.seconds()
        rise = np.clip(t / self.attack_s, 0.0, 1.0)
        decay_s = self.decay_s * 2.0 ** (-self.key_decay * strike.octaves_above(60))
        fall = 10.0 ** (-3.0 * np.maximum(t - self.attack_s, 0.0) / decay_s)
        body = self.sustain + (1.0 - self.sustain) * fall
        return rise * rise * (3.0 - 2.0 * rise) * body * released(strike, self.release_s)


def released(strike: Strike, release_s: float) -> Array:
    """1 while the key is held, then a fall by 60 dB in ``release_s`` seconds; the last 5 ms fade to nothing."""
    t = strike.seconds()
    fade = np.clip((t[-1] - t) / 0.005, 0.0, 1.0)
    return 10.0 ** (-3.0 * np.maximum(t - strike.hold_s, 0.0) / release_s) * fade


def percussive(rng: np.random.Generator) -> Envelope:
    """Struck or plucked: at once, then dying away."""
    return Envelope(
        log_uniform(rng, 0.0007, 0.008),
        log_uniform(rng, 0.5, 12.0),
        0.0,
        log_uniform(rng, 0.1, 1.5),
        float(rng.uniform(0.0, 0.9)),
    )


def sustained(rng: np.random.Generator) -> Envelope:
    """Held as long as the key."""
    sustain = float(rng.uniform(0.3, 1.0))
    return Envelope(log_uniform(rng, 0.004, 0.15), log_uniform(rng, 0.2, 3.0), sustain, log_uniform(rng, 0.08, 1.2))


def pad(rng: np.random.Generator) -> Envelope:
    """Slowly in, slowly out."""
    return Envelope(log_uniform(rng, 0.15, 1.2), 4.0, float(rng.uniform(0.6, 1.0)), log_uniform(rng, 0.8, 4.0))


def any_envelope(rng: np.random.Generator) -> Envelope:
    """Percussive, sustained, or now and then a pad."""
    if chance(rng, 0.4):
        return percussive(rng)
    return sustained(rng) if chance(rng, 0.7) else pad(rng)
