"""Vocal voices: glottal pulses and aspiration through the formants of two vowels, alone or as a choir."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.signal import lfilter

from synth_app.dataset.synthesis.curve import shaped
from synth_app.dataset.synthesis.envelope import Envelope, pad, sustained
from synth_app.dataset.synthesis.key_press import RATE_HZ, Array, KeyPress
from synth_app.dataset.synthesis.oscillators import saw
from synth_app.dataset.synthesis.pitch import PitchContour, played_pitch
from synth_app.dataset.synthesis.random_choices import log_uniform, random_bool, uniform_or_zero

# first five formants in Hz, rounded means of adult speakers
_VOWELS = (
    (730, 1090, 2440, 3400, 4500),
    (660, 1720, 2410, 3500, 4600),
    (530, 1840, 2480, 3500, 4600),
    (270, 2290, 3010, 3700, 4700),
    (570, 840, 2410, 3300, 4300),
    (300, 870, 2240, 3200, 4300),
    (640, 1190, 2390, 3300, 4400),
    (490, 1350, 1690, 3300, 4400),
)


@dataclass(frozen=True, slots=True)
class Vocal:
    """A voice that moves between two vowels; ``open_hz`` is the corner frequency of the glottal spectrum."""

    formants_hz: tuple[Array, Array]
    widths_hz: Array
    singers: int
    open_hz: float
    aspiration: float
    glide_s: float
    envelope: Envelope
    pitch: PitchContour
    family: str = "vocal"

    def render(self, key_press: KeyPress, rng: np.random.Generator) -> Array:
        """Render a note; see ``Voice.render``."""
        source = np.zeros(key_press.samples)
        for _ in range(self.singers):
            cents = float(rng.normal(0.0, 7.0)) if self.singers > 1 else 0.0
            cycles = self.pitch.cycles(key_press, rng, cents)
            breath = (
                self.aspiration * rng.standard_normal(key_press.samples) * (0.6 + 0.4 * np.cos(2.0 * np.pi * cycles))
            )
            source += saw(cycles) + breath
        pole = np.exp(-2.0 * np.pi * self.open_hz * (0.3 + 0.7 * key_press.velocity_fraction) / RATE_HZ)
        source = lfilter([1.0 - pole], [1.0, -pole], source)
        begin, end = (shaped(source, self._tract(formants, key_press.f0_hz)) for formants in self.formants_hz)
        way = np.clip(key_press.seconds() / self.glide_s, 0.0, 1.0)
        return (begin * (1.0 - way) + end * way) * self.envelope.gain(key_press)

    def _tract(self, formants_hz: Array, f0_hz: float) -> Callable[[Array], Array]:
        """Return the gain in dB of resonances in cascade.

        The first formant follows a higher pitch, as singers tune it.
        """
        centres = formants_hz.copy()
        centres[0] = max(centres[0], f0_hz)

        def gain_db(hz: Array) -> Array:
            db = np.zeros_like(hz)
            for centre, width in zip(centres, self.widths_hz, strict=True):
                pole = np.hypot(centre, width / 2.0)
                db -= 20.0 * np.log10(np.hypot(1.0 - (hz / pole) ** 2, hz * width / pole**2) + 1e-9)
            return np.maximum(db, db.max() - 70.0) + 8.0 * np.log2(np.maximum(hz, 50.0) / 1000.0) * (hz > 1000.0)

        return gain_db


def draw(rng: np.random.Generator) -> Vocal:
    """Draw a singer or a choir."""
    first, second = rng.integers(len(_VOWELS), size=2)
    length = log_uniform(rng, 0.8, 1.3)  # length of the vocal tract: moves all formants
    vowels = (np.array(_VOWELS[first], float) * length, np.array(_VOWELS[second], float) * length)
    return Vocal(
        formants_hz=vowels if random_bool(rng, 0.5) else (vowels[0], vowels[0]),
        widths_hz=np.array([70.0, 90.0, 130.0, 200.0, 260.0]) * log_uniform(rng, 0.6, 1.8),
        singers=int(rng.integers(3, 7)) if random_bool(rng, 0.4) else 1,
        open_hz=log_uniform(rng, 250.0, 6000.0),
        aspiration=uniform_or_zero(rng, 0.8, 0.01, 0.4),
        glide_s=float(rng.uniform(0.5, 4.0)),
        envelope=pad(rng) if random_bool(rng, 0.4) else sustained(rng),
        pitch=played_pitch(rng),
    )
