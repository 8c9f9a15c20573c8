"""Wind and bowed voices: a periodic source with breath or bow noise, formants, a player's vibrato."""

from dataclasses import dataclass

import numpy as np

from synth_app.dataset.synthesis.curve import Curve, body, coloured_noise, shaped
from synth_app.dataset.synthesis.envelope import Envelope, pad, sustained
from synth_app.dataset.synthesis.key_press import Array, KeyPress
from synth_app.dataset.synthesis.oscillators import pulse, saw
from synth_app.dataset.synthesis.pitch import PitchContour, played_pitch
from synth_app.dataset.synthesis.random_choices import log_uniform, pick, random_bool, smooth_noise, uniform_or_zero
from synth_app.dataset.synthesis.sweep import swept


@dataclass(frozen=True, slots=True)
class Wind:
    """One player, or a section of several players with their own pitches."""

    family: str
    width: float
    """Duty of the source pulse; 0 is a saw."""
    dark_hz: float
    """Cutoff of the source's low-pass at full level, at middle C; it falls with the level."""
    players: int
    noise_db: float
    noise: Curve
    pulsed: float
    """How far the noise follows the source's periods, 0-1."""
    unsteady_db: float
    resonances: Curve
    key_tracking: float
    envelope: Envelope
    chiff_db: float
    chiff_s: float
    pitch: PitchContour

    def render(self, key_press: KeyPress, rng: np.random.Generator) -> Array:
        """Render a note; see ``Voice.render``."""
        level = self.envelope.gain(key_press)
        source = np.zeros(key_press.samples)
        for _ in range(self.players):
            cycles = self.pitch.cycles(key_press, rng, float(rng.normal(0.0, 6.0)) if self.players > 1 else 0.0)
            source += saw(cycles) if self.width == 0.0 else pulse(cycles, self.width)
        brightness = np.clip(level, 0.01, 1.0) * (0.3 + 0.7 * key_press.velocity_fraction)
        cutoff_hz = self.dark_hz * 2.0 ** (0.7 * key_press.octaves_above(60)) * np.sqrt(brightness)
        source = swept(source, "lowpass", np.maximum(cutoff_hz, 1.2 * key_press.f0_hz), 0.6)
        sound = source + self._breath(key_press, rng, cycles, float(np.sqrt(np.mean(source**2))))
        shift = self.key_tracking * key_press.octaves_above(60)
        sound = shaped(sound, lambda hz: self.resonances.gain_db(hz, shift))
        return sound * level * 10.0 ** (self.unsteady_db * smooth_noise(rng, key_press.samples, 6.0) / 20.0)

    def _breath(self, key_press: KeyPress, rng: np.random.Generator, cycles: Array, rms: float) -> Array:
        """Return noise modulated by the period, louder in the attack."""
        noise = coloured_noise(rng, key_press.samples, self.noise.gain_db)
        noise *= 1.0 + self.pulsed * np.cos(2.0 * np.pi * cycles)
        more = 1.0 + 10.0 ** (self.chiff_db / 20.0) * np.exp(-key_press.seconds() / self.chiff_s)
        return noise * more * (rms * 10.0 ** (self.noise_db / 20.0))


def draw(rng: np.random.Generator) -> Wind:
    """Draw a flute, reed, brass, bowed string, or a section of them."""
    family = pick(rng, ("flute", "reed", "brass", "string", "string"))
    odd = {"reed": 0.6, "flute": 0.3}.get(family, 0.0)
    narrow = float(rng.uniform(0.06, 0.4))
    dark_hz = log_uniform(rng, 400.0, 2500.0) if family == "flute" else log_uniform(rng, 900.0, 14_000.0)
    noise_db = float(rng.uniform(-40.0, -12.0)) if family == "flute" else float(rng.uniform(-60.0, -26.0))
    section = family in ("string", "brass") and random_bool(rng, 0.4)
    return Wind(
        family=family,
        width=0.5 if random_bool(rng, odd) else (narrow if random_bool(rng, 0.4) else 0.0),
        dark_hz=dark_hz,
        players=int(rng.integers(3, 7)) if section else 1,
        noise_db=noise_db,
        noise=body(rng, 8.0),
        pulsed=uniform_or_zero(rng, 0.6, 0.2, 1.0),
        unsteady_db=float(rng.uniform(0.0, 1.2)),
        resonances=body(rng),
        key_tracking=uniform_or_zero(rng, 0.5, 0.0, 0.8),
        envelope=pad(rng) if random_bool(rng, 0.2) else sustained(rng),
        chiff_db=float(rng.uniform(-10.0, 20.0)),
        chiff_s=log_uniform(rng, 0.01, 0.1),
        pitch=played_pitch(rng),
    )
