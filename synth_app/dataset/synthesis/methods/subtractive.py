"""Subtractive voices: saws and pulses, unison, noise, and a resonant filter with an envelope."""

from dataclasses import dataclass

import numpy as np

from synth_app.dataset.synthesis.envelope import Envelope, any_envelope, percussive
from synth_app.dataset.synthesis.key_press import Array, KeyPress
from synth_app.dataset.synthesis.oscillators import pulse, saw
from synth_app.dataset.synthesis.pitch import PitchContour, steady_pitch
from synth_app.dataset.synthesis.random_choices import log_uniform, pick, random_bool, uniform_or_zero
from synth_app.dataset.synthesis.sweep import swept


@dataclass(frozen=True, slots=True)
class Oscillator:
    """A saw (``width`` 0) or a pulse of this duty cycle, modulated by ``sweep`` at ``sweep_hz``.

    ``interval`` in octaves.
    """

    width: float
    sweep: float
    sweep_hz: float
    interval: float
    level: float

    def wave(self, cycles: Array, seconds: Array) -> Array:
        """Render the samples [n] for the fundamental's ``cycles``."""
        own = cycles * 2.0**self.interval
        if self.width == 0.0:
            return self.level * saw(own)
        if self.sweep == 0.0:
            return self.level * pulse(own, self.width)
        return self.level * pulse(own, self.width + self.sweep * np.sin(2.0 * np.pi * self.sweep_hz * seconds))


@dataclass(frozen=True, slots=True)
class Subtractive:
    """Oscillators and noise through one filter, applied once or twice in series."""

    family: str
    oscillators: tuple[Oscillator, ...]
    unison_cents: tuple[float, ...]
    noise: float
    filter_kind: str
    stages: int
    cutoff_hz: float
    """At middle C and full velocity with the filter's envelope at 0."""
    q: float
    key_tracking: float
    filter_octaves: float
    filter_envelope: Envelope
    wobble_octaves: float
    wobble_hz: float
    envelope: Envelope
    pitch: PitchContour

    def render(self, key_press: KeyPress, rng: np.random.Generator) -> Array:
        """Render a note; see ``Voice.render``."""
        seconds = key_press.seconds()
        sound = np.zeros(key_press.samples)
        for cents in self.unison_cents:
            cycles = self.pitch.cycles(key_press, rng, cents)
            for oscillator in self.oscillators:
                sound += oscillator.wave(cycles, seconds)
        if self.noise:
            sound += self.noise * rng.standard_normal(key_press.samples)
        octaves = self.filter_octaves * self.filter_envelope.gain(key_press)
        octaves += self.key_tracking * key_press.octaves_above(60) + 1.5 * (key_press.velocity_fraction - 1.0)
        octaves += self.wobble_octaves * np.sin(2.0 * np.pi * self.wobble_hz * seconds)
        for _ in range(self.stages):
            sound = swept(sound, self.filter_kind, self.cutoff_hz * 2.0**octaves, self.q)
        return sound * self.envelope.gain(key_press)


def draw(rng: np.random.Generator) -> Subtractive:
    """Draw a lead, bass, pad, synthetic string or brass."""
    envelope = any_envelope(rng)
    if envelope.sustain == 0.0:
        family = pick(rng, ("bass", "keyboard", "synth_lead"))
    else:
        family = pick(rng, ("synth_lead", "synth_lead", "string", "brass", "bass"))
    voices = int(rng.choice([1, 1, 2, 3, 5]))
    spread = log_uniform(rng, 1.0, 18.0)
    kind = pick(rng, ("lowpass", "lowpass", "lowpass", "lowpass", "bandpass", "highpass"))
    return Subtractive(
        family=family,
        oscillators=tuple(_oscillator(rng, first=i == 0) for i in range(int(rng.integers(1, 4)))),
        unison_cents=tuple(float(c) for c in np.linspace(-spread, spread, voices)) if voices > 1 else (0.0,),
        noise=log_uniform(rng, 0.003, 0.3) if random_bool(rng, 0.4) else 0.0,
        filter_kind=kind,
        stages=int(rng.integers(1, 3)),
        cutoff_hz=log_uniform(rng, 150.0, 9000.0) if kind == "lowpass" else log_uniform(rng, 150.0, 1800.0),
        q=log_uniform(rng, 0.6, 7.0),
        key_tracking=float(rng.uniform(0.0, 1.0)),
        filter_octaves=float(rng.uniform(-1.0, 4.0)),
        filter_envelope=percussive(rng) if random_bool(rng, 0.6) else any_envelope(rng),
        wobble_octaves=uniform_or_zero(rng, 0.25, 0.1, 1.0),
        wobble_hz=log_uniform(rng, 0.2, 7.0),
        envelope=envelope,
        pitch=steady_pitch(rng),
    )


def _oscillator(rng: np.random.Generator, *, first: bool) -> Oscillator:
    width = float(rng.uniform(0.08, 0.5)) if random_bool(rng, 0.5) else 0.0
    return Oscillator(
        width=0.5 if width and random_bool(rng, 0.3) else width,
        sweep=uniform_or_zero(rng, 0.4, 0.01, 0.07),
        sweep_hz=log_uniform(rng, 0.1, 4.0),
        interval=0.0 if first else float(pick(rng, (0, 0, 1, 1, 2))),
        level=1.0 if first else log_uniform(rng, 0.1, 1.0),
    )
