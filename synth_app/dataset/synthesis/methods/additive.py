"""Additive voices: partial levels by harmonic number, a body over frequency, and decays per partial."""

from dataclasses import dataclass

import numpy as np

from synth_app.dataset.synthesis.curve import Curve, body, shaped
from synth_app.dataset.synthesis.envelope import Envelope, any_envelope
from synth_app.dataset.synthesis.key_press import BAND_HZ, Array, KeyPress
from synth_app.dataset.synthesis.oscillators import BLOCK, control_times, sum_partials
from synth_app.dataset.synthesis.pitch import PitchContour, played_pitch, steady_pitch
from synth_app.dataset.synthesis.random_choices import log_uniform, pick, random_bool, uniform_or_zero

_MOST = 720  # partials of MIDI key 24 below 22 kHz


@dataclass(frozen=True, slots=True)
class Additive:
    """Additive voice.

    Levels add in dB: ``law_db`` by harmonic number, ``resonances`` by frequency, velocity by both.
    """

    family: str
    law_db: Array
    """Per harmonic, [720]; -inf leaves one out."""
    inharmonicity: float
    """B of a stiff string: partial k lies at k sqrt((1 + B k^2) / (1 + B)), so the first is exact."""
    resonances: Curve
    key_tracking: float
    """Octaves that the resonances move per octave of the key."""
    envelope: Envelope
    damping: float
    """How much faster high partials decay: the rate grows with (1 + damping f / kHz)."""
    decay_jitter: Array
    """Factors on each partial's rate of decay, [720]."""
    beat_cents: float
    """Distance of two copies that beat; 0 for one."""
    force_db: float
    """Gain per octave above the fundamental that full velocity adds, relative to velocity 0."""
    onset_db: float
    """Level of a burst of noise at the start, re the partials' peak; -inf without."""
    onset_s: float
    pitch: PitchContour

    def render(self, key_press: KeyPress, rng: np.random.Generator) -> Array:
        """Render a note; see ``Voice.render``."""
        count = min(_MOST, int(BAND_HZ / key_press.f0_hz))
        k = np.arange(1, count + 1)
        ratios = k * np.sqrt((1.0 + self.inharmonicity * k**2) / (1.0 + self.inharmonicity))
        levels = self._levels(key_press, ratios)
        phases = rng.random(count)
        copies = (-0.5 * self.beat_cents, 0.5 * self.beat_cents) if self.beat_cents else (0.0,)
        sound = np.zeros(key_press.samples)
        for cents in copies:
            sound += sum_partials(
                self.pitch.cycles(key_press, rng, cents), ratios, levels, phases * rng.uniform(0.8, 1.0)
            )
        return sound + self._onset(key_press, rng, float(np.abs(sound).max()))

    def _levels(self, key_press: KeyPress, ratios: Array) -> Array:
        """Return amplitudes at control times, [partials, blocks + 1]."""
        hz = ratios * key_press.f0_hz
        shift = self.key_tracking * key_press.octaves_above(60)
        db = self.law_db[: len(ratios)] + self.resonances.gain_db(hz, shift)
        db = db + self.force_db * (key_press.velocity_fraction - 1.0) * np.log2(ratios)
        gain = self.envelope.gain(key_press)
        at_blocks = gain[::BLOCK]
        coarse = np.append(at_blocks, np.zeros(len(control_times(key_press.samples)) - len(at_blocks)))
        t = np.minimum(control_times(key_press.samples), key_press.hold_s)
        rate = 3.0 / self.envelope.decay_s * 2.0 ** (self.envelope.key_decay * key_press.octaves_above(60))
        extra = rate * ((1.0 + self.damping * hz / 1000.0) * self.decay_jitter[: len(ratios)] - 1.0)
        dying = np.maximum(10.0 ** (-np.maximum(extra, -0.9 * rate)[:, None] * t), self.envelope.sustain)
        return 10.0 ** (db[:, None] / 20.0) * dying * coarse

    def _onset(self, key_press: KeyPress, rng: np.random.Generator, peak: float) -> Array:
        if not np.isfinite(self.onset_db):
            return np.zeros(key_press.samples)
        burst = rng.standard_normal(key_press.samples) * np.exp(-key_press.seconds() / self.onset_s)
        burst = shaped(burst, lambda hz: self.resonances.gain_db(hz))
        return burst * (peak * key_press.velocity_fraction * 10.0 ** (self.onset_db / 20.0) / np.abs(burst).max())


def draw(rng: np.random.Generator) -> Additive:
    """Draw an organ, keyboard, horn or unnamed timbre."""
    envelope = any_envelope(rng)
    struck = envelope.sustain == 0.0
    family = pick(rng, ("keyboard", "guitar", "mallet") if struck else ("organ", "brass", "reed", "synth_lead"))
    return Additive(
        family=family,
        law_db=_drawbars(rng) if family == "organ" and random_bool(rng, 0.6) else _law(rng),
        inharmonicity=log_uniform(rng, 1e-5, 1.5e-3) if struck and random_bool(rng, 0.7) else 0.0,
        resonances=body(rng),
        key_tracking=uniform_or_zero(rng, 0.6, 0.0, 1.0),
        envelope=envelope,
        damping=log_uniform(rng, 0.05, 3.0) if struck else 0.0,
        decay_jitter=np.exp(rng.normal(0.0, 0.35, _MOST)) if struck else np.ones(_MOST),
        beat_cents=uniform_or_zero(rng, 0.35, 0.3, 8.0),
        force_db=float(rng.uniform(1.0, 6.0)),
        onset_db=float(rng.uniform(-45.0, -8.0)) if random_bool(rng, 0.6) else -np.inf,
        onset_s=log_uniform(rng, 0.002, 0.06),
        pitch=steady_pitch(rng) if struck or family == "organ" else played_pitch(rng),
    )


def _law(rng: np.random.Generator) -> Array:
    """Draw levels by a power law with jitter.

    Some patches add an odd-even balance or the notches of a plucking point.
    """
    k = np.arange(1, _MOST + 1)
    db = -float(rng.uniform(2.0, 12.0)) * np.log2(k) + float(rng.uniform(0.0, 7.0)) * rng.standard_normal(_MOST)
    db = db + np.where(k % 2 == 0, uniform_or_zero(rng, 0.4, -40.0, 6.0), 0.0)
    point = log_uniform(rng, 0.03, 0.5)
    if random_bool(rng, 0.4):
        db = db + 20.0 * np.log10(np.abs(np.sin(np.pi * k * point)) + 0.01)
    if random_bool(rng, 0.2):
        db = np.where(k > int(rng.integers(3, 40)), -np.inf, db)
    db[0] = max(db[0], -12.0)  # keeps the pitch audible
    return db


def _drawbars(rng: np.random.Generator) -> Array:
    """Draw a few harmonics of organ stops, the first among them."""
    db = np.full(_MOST, -np.inf)
    for k in (2, 3, 4, 5, 6, 8, 10, 12, 16):
        if random_bool(rng, 0.55):
            db[k - 1] = float(rng.uniform(-30.0, 3.0))
    db[0] = float(rng.uniform(-8.0, 0.0))
    return db
