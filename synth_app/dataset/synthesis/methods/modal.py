"""Modal voices: bars, bells, membranes, plates and glasses as sums of decaying modes."""

from dataclasses import dataclass

import numpy as np

from synth_app.dataset.synthesis.curve import Curve, body, shaped
from synth_app.dataset.synthesis.envelope import released
from synth_app.dataset.synthesis.key_press import Array, KeyPress
from synth_app.dataset.synthesis.oscillators import BLOCK, control_times, sum_partials
from synth_app.dataset.synthesis.pitch import PitchContour
from synth_app.dataset.synthesis.random_choices import log_uniform, pick, random_bool

_FREE_BAR = tuple(((2 * n + 1) / 3.0112) ** 2 for n in range(1, 12))  # Euler-Bernoulli, free at both ends
_RATIOS = {
    "free bar": (1.0, *_FREE_BAR[1:]),
    "marimba": (1.0, 3.98, 9.6, 15.2, 23.5, 31.0),  # bars undercut to two octaves
    "xylophone": (1.0, 3.0, 6.2, 10.5, 15.1, 21.0),  # to a twelfth
    "bell": (1.0, 0.5, 1.2, 1.5, 2.0, 2.5, 2.67, 3.01, 4.0, 5.33, 6.67, 8.0, 9.4, 11.0),  # prime, hum, tierce, quint
    "membrane": (1.0, 1.593, 2.136, 2.296, 2.653, 2.918, 3.156, 3.501, 3.6, 4.06, 4.15),  # zeros of Bessel's J
    "timpano": (1.0, 1.5, 1.98, 2.44, 2.91, 3.37, 0.81, 1.68, 2.2),  # with its air
    "glass": (1.0, 2.32, 4.25, 6.63, 9.38, 12.2, 15.4),
    "tube": (1.0, 2.0, 3.0, 4.01, 5.02, 6.04, 7.07, 8.1, 9.2, 10.3),
}


@dataclass(frozen=True, slots=True)
class Modal:
    """Modes at fixed ratios to the key; each has a second mode a few cents away, as in real objects."""

    family: str
    ratios: Array
    levels_db: Array
    decays_s: Array
    """To -60 dB, at middle C."""
    key_decay: float
    twin_cents: Array
    hardness_hz: float
    """The mallet excites modes up to this frequency at full velocity; above it the level falls by 12 dB per octave."""
    click_db: float
    click: Curve
    release_s: float

    def render(self, key_press: KeyPress, rng: np.random.Generator) -> Array:
        """Render a note; see ``Voice.render``."""
        hz = self.ratios * key_press.f0_hz
        hardness = self.hardness_hz * (0.3 + 0.7 * key_press.velocity_fraction)
        db = self.levels_db - 12.0 * np.log2(1.0 + (hz / hardness) ** 2)
        decay_s = self.decays_s * 2.0 ** (-self.key_decay * key_press.octaves_above(60))
        t = control_times(key_press.samples)
        dying = 10.0 ** (db[:, None] / 20.0 - 3.0 * t / decay_s[:, None])
        cycles = PitchContour().cycles(key_press, rng)
        sound = np.zeros(key_press.samples)
        for sign in (-0.5, 0.5):
            ratios = self.ratios * 2.0 ** (sign * self.twin_cents / 1200.0)
            sound += sum_partials(cycles, ratios, dying * (1.0 + 0.4 * sign), rng.random(len(ratios)))
        sound += self._knock(key_press, rng, float(np.abs(sound).max()))
        sound[:BLOCK] *= np.arange(BLOCK) / BLOCK  # random phases: no click except the mallet's
        return sound * released(key_press, self.release_s)

    def _knock(self, key_press: KeyPress, rng: np.random.Generator, peak: float) -> Array:
        if not np.isfinite(self.click_db):
            return np.zeros(key_press.samples)
        burst = rng.standard_normal(key_press.samples) * np.exp(-key_press.seconds() / 0.004)
        knock = shaped(burst, self.click.gain_db)
        return knock * (peak * key_press.velocity_fraction * 10.0 ** (self.click_db / 20.0) / np.abs(knock).max())


def draw(rng: np.random.Generator) -> Modal:
    """Draw mostly mallets, some keyboards."""
    ratios = np.array(pick(rng, tuple(_RATIOS.values())))
    ratios = np.concatenate([ratios[:1], ratios[1:] * np.exp(rng.normal(0.0, 0.008, len(ratios) - 1))])
    if random_bool(rng, 0.3):  # dense modes of a plate
        ratios = np.concatenate([ratios, np.sort(rng.uniform(3.0, 40.0, int(rng.integers(5, 40))))])
    levels = -float(rng.uniform(1.0, 10.0)) * np.log2(np.maximum(ratios, 1.0)) + rng.normal(0.0, 6.0, len(ratios))
    levels[0] = 0.0
    decay_s = log_uniform(rng, 0.4, 12.0)
    decays = decay_s * ratios ** -float(rng.uniform(0.1, 1.3)) * np.exp(rng.normal(0.0, 0.3, len(ratios)))
    decays[0] = decay_s
    return Modal(
        family=pick(rng, ("mallet", "mallet", "mallet", "keyboard")),
        ratios=ratios,
        levels_db=levels,
        decays_s=decays,
        key_decay=float(rng.uniform(0.1, 0.9)),
        twin_cents=np.where(np.arange(len(ratios)) == 0, 0.2, 1.0)
        * log_uniform(rng, 0.05, 6.0)
        * rng.random(len(ratios)),
        hardness_hz=log_uniform(rng, 400.0, 12_000.0),
        click_db=float(rng.uniform(-40.0, -6.0)) if random_bool(rng, 0.7) else -np.inf,
        click=body(rng),
        release_s=log_uniform(rng, 0.15, 6.0),
    )
