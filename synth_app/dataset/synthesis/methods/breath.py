"""Breath voices: noise bands at the harmonics of the key, over unpitched noise."""

from dataclasses import dataclass

import numpy as np

from synth_app.dataset.synthesis.curve import Curve, body, coloured_noise
from synth_app.dataset.synthesis.envelope import Envelope, any_envelope
from synth_app.dataset.synthesis.key_press import Array, KeyPress
from synth_app.dataset.synthesis.random_choices import log_uniform, pick


@dataclass(frozen=True, slots=True)
class Breath:
    """Noise bands at harmonics, ``width_hz`` wide, wider with the harmonic number."""

    family: str
    width_hz: float
    widening: float
    slope_db: float
    """Fall of the bands per octave above the first."""
    count: int
    odd_only: bool
    air_db: float
    """Level of the air between the bands, re the first band's peak density."""
    air: Curve
    envelope: Envelope

    def render(self, key_press: KeyPress, rng: np.random.Generator) -> Array:
        """Render a note; see ``Voice.render``."""
        k = np.arange(1, self.count + 1, 2 if self.odd_only else 1)
        widths = self.width_hz * key_press.f0_hz / 262.0 * k**self.widening
        peaks_db = -self.slope_db * np.log2(k) * (1.6 - 0.6 * key_press.velocity_fraction)

        def gain_db(hz: Array) -> Array:
            power = 10.0 ** ((self.air_db + self.air.gain_db(hz)) / 10.0)
            for number, width, peak in zip(k, widths, peaks_db, strict=True):
                power = power + 10.0 ** (peak / 10.0) / (1.0 + ((hz - number * key_press.f0_hz) / (width / 2.0)) ** 4)
            return 10.0 * np.log10(power)

        return coloured_noise(rng, key_press.samples, gain_db) * self.envelope.gain(key_press)


def draw(rng: np.random.Generator) -> Breath:
    """Draw pan pipes, bottles, wind or bowed glass."""
    return Breath(
        family=pick(rng, ("flute", "flute", "synth_lead")),
        width_hz=log_uniform(rng, 0.7, 40.0),
        widening=float(rng.uniform(0.2, 1.0)),
        slope_db=float(rng.uniform(4.0, 25.0)),
        count=int(rng.integers(2, 24)),
        odd_only=bool(rng.random() < 0.3),
        air_db=float(rng.uniform(-75.0, -32.0)),
        air=body(rng),
        envelope=any_envelope(rng),
    )
