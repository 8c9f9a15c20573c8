"""Ring-modulated voices: a harmonic source whose partials get sidebands."""

from dataclasses import dataclass

import numpy as np

from synth_app.dataset.synthesis.curve import Curve, body, shaped
from synth_app.dataset.synthesis.envelope import Envelope, any_envelope, percussive
from synth_app.dataset.synthesis.key_press import BAND_HZ, Array, KeyPress
from synth_app.dataset.synthesis.oscillators import pulse, saw
from synth_app.dataset.synthesis.pitch import PitchContour, steady_pitch
from synth_app.dataset.synthesis.random_choices import log_uniform, pick, random_bool


@dataclass(frozen=True, slots=True)
class Ring:
    """Source times (1 + depth sin), so that the partials of the key remain."""

    family: str
    width: float
    ratio: float
    """Of the modulator to the key; with ``fixed_hz`` it is ignored."""
    fixed_hz: float
    depth: float
    depth_envelope: Envelope
    source_hz: float
    """Upper limit of the source's band."""
    resonances: Curve
    envelope: Envelope
    pitch: PitchContour

    def render(self, key_press: KeyPress, rng: np.random.Generator) -> Array:
        """Render a note; see ``Voice.render``."""
        cycles = self.pitch.cycles(key_press, rng)
        shift_hz = min(self.fixed_hz or self.ratio * key_press.f0_hz, 0.4 * BAND_HZ)
        band_hz = max(min(self.source_hz, BAND_HZ - shift_hz), 1.1 * key_press.f0_hz)
        source = saw(cycles, band_hz) if self.width == 0.0 else pulse(cycles, self.width, band_hz)
        turns = cycles * (shift_hz / key_press.f0_hz)
        depth = self.depth * self.depth_envelope.gain(key_press)
        sound = source * (1.0 + depth * np.sin(2.0 * np.pi * turns))
        return shaped(sound, self.resonances.gain_db) * self.envelope.gain(key_press)


def draw(rng: np.random.Generator) -> Ring:
    """Draw a metallic lead or mallet."""
    envelope = any_envelope(rng)
    return Ring(
        family="mallet" if envelope.sustain == 0.0 else "synth_lead",
        width=float(rng.uniform(0.1, 0.5)) if random_bool(rng, 0.5) else 0.0,
        ratio=pick(rng, (0.5, 1.5, 2.5, 3.0)) if random_bool(rng, 0.4) else log_uniform(rng, 0.3, 6.0),
        fixed_hz=log_uniform(rng, 60.0, 3000.0) if random_bool(rng, 0.25) else 0.0,
        depth=log_uniform(rng, 0.3, 4.0),
        depth_envelope=percussive(rng) if random_bool(rng, 0.5) else any_envelope(rng),
        source_hz=log_uniform(rng, 1500.0, 12_000.0),
        resonances=body(rng),
        envelope=envelope,
        pitch=steady_pitch(rng),
    )
