"""Plucked and struck strings: a tuned delay loop with damping, an excitation, and a body."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.signal import lfilter

from synth_app.dataset.synthesis.curve import Curve, body, shaped
from synth_app.dataset.synthesis.envelope import released
from synth_app.dataset.synthesis.key_press import RATE_HZ, Array, KeyPress
from synth_app.dataset.synthesis.random_choices import log_uniform, pick, random_bool, uniform_or_zero


@dataclass(frozen=True, slots=True)
class PluckedString:
    """Plucked string after Karplus and Strong (1983) with the tuning of Jaffe and Smith (1983): one loop per string."""

    family: str
    decay_s: float
    """Time to -60 dB of the fundamental at middle C."""
    key_decay: float
    dullness: float
    """Weight of the loop's averaging filter, 0 (none) to 0.5; high partials decay faster with larger values."""
    place: float
    """Plucking point as a fraction of the length; it puts notches into the spectrum."""
    softness_hz: float
    """Above this the excitation falls by 12 dB an octave, at full velocity."""
    noisy: float
    """Fraction of noise in the excitation, 0-1; the rest is one impulse."""
    detune_cents: tuple[float, ...]
    resonances: Curve
    release_s: float

    def render(self, key_press: KeyPress, rng: np.random.Generator) -> Array:
        """Render a note; see ``Voice.render``."""
        sound = np.zeros(key_press.samples)
        for cents in self.detune_cents:
            f0_hz = key_press.f0_hz * 2.0 ** (cents / 1200.0)
            sound += lfilter([1.0], self._loop(f0_hz, key_press), self._excitation(f0_hz, key_press, rng))
        return shaped(sound, self.resonances.gain_db) * released(key_press, self.release_s)

    def _loop(self, f0_hz: float, key_press: KeyPress) -> Array:
        """Return the denominator of the loop: 1 minus damping, delay and interpolation.

        The first partial is exactly f0.
        """
        decay_s = self.decay_s * 2.0 ** (-self.key_decay * key_press.octaves_above(60))
        period = RATE_HZ / f0_hz
        omega = 2.0 * np.pi / period
        averaging = np.array([1.0 - self.dullness, self.dullness])
        whole = int(period - self.dullness) - 1

        def taps(fraction: float) -> Array:
            return np.convolve(_lagrange(1.0 + fraction), averaging)

        def excess(fraction: float) -> float:
            """Return the phase delay of the loop at f0 minus the period, in samples."""
            angle = np.angle(np.exp(1j * omega) * np.sum(taps(fraction) * np.exp(-1j * omega * np.arange(5))))
            return float(-angle / omega + 1.0 + whole - period)

        exact = taps(float(brentq(excess, -0.6, 1.6)))
        gain = np.abs(np.sum(exact * np.exp(-1j * omega * np.arange(5))))
        loss = min(10.0 ** (-3.0 * period / RATE_HZ / decay_s) / gain, 0.99999)
        return np.concatenate([[1.0], np.zeros(whole - 1), -loss * exact])

    def _excitation(self, f0_hz: float, key_press: KeyPress, rng: np.random.Generator) -> Array:
        period = RATE_HZ / f0_hz
        length = max(2, round(period))
        burst = np.zeros(key_press.samples)
        burst[:length] = self.noisy * rng.standard_normal(length) / np.sqrt(length)
        burst[0] += 1.0 - self.noisy
        pole = np.exp(-2.0 * np.pi * self.softness_hz * (0.3 + 0.7 * key_press.velocity_fraction) / RATE_HZ)
        for _ in range(2):
            burst = lfilter([1.0 - pole], [1.0, -pole], burst)
        comb = np.zeros(max(2, round(self.place * period)) + 1)
        comb[0], comb[-1] = 1.0, -0.95
        return np.asarray(lfilter(comb, [1.0], burst))


def _lagrange(delay: float) -> Array:
    """Return four taps of a Lagrange delay of ``delay`` samples, best from 1 to 2 (Laakso et al., 1996)."""
    n = np.arange(4)
    return np.array([np.prod([(delay - m) / (k - m) for m in n if m != k]) for k in n])


def draw(rng: np.random.Generator) -> PluckedString:
    """Draw a guitar, harp, harpsichord, plucked bass or string keyboard."""
    spread = log_uniform(rng, 0.1, 3.0)
    count = int(rng.choice([1, 2, 2, 3]))
    return PluckedString(
        family=pick(rng, ("guitar", "guitar", "bass", "keyboard", "string")),
        decay_s=log_uniform(rng, 0.6, 14.0),
        key_decay=float(rng.uniform(0.2, 1.0)),
        dullness=log_uniform(rng, 0.003, 0.5),
        place=float(rng.uniform(0.04, 0.5)),
        softness_hz=log_uniform(rng, 700.0, 15_000.0),
        noisy=uniform_or_zero(rng, 0.7, 0.2, 1.0),
        detune_cents=tuple(float(c) for c in np.linspace(-spread, spread, count)) if count > 1 else (0.0,),
        resonances=body(rng, 9.0),
        release_s=log_uniform(rng, 0.06, 1.0) if random_bool(rng, 0.8) else 4.0,
    )
