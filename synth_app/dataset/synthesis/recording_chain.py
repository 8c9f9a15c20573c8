"""The recording chain after an instrument: drive, equaliser, room, band limit, hiss."""

from dataclasses import dataclass

import numpy as np
import soxr
from scipy.signal import butter, fftconvolve, sosfilt

from synth_app.dataset.synthesis.curve import Curve, coloured_noise, shaped
from synth_app.dataset.synthesis.envelope import released
from synth_app.dataset.synthesis.key_press import RATE_HZ, Array, KeyPress
from synth_app.dataset.synthesis.random_choices import log_uniform, random_bool, uniform_or_zero

_OVERSAMPLING = 4
_HIGH_PASS = butter(2, 18.0, "highpass", fs=RATE_HZ, output="sos")


@dataclass(frozen=True, slots=True)
class RecordingChain:
    """Settings of the chain, the same for all notes of an instrument."""

    drive_db: float
    """Gain into a tanh, for a peak of full scale; 0 leaves it out."""
    equaliser: Curve
    echoes: tuple[tuple[float, float], ...]
    """Early reflections: (seconds, gain)."""
    tail_s: float
    """Reverberation to -60 dB; 0 for none."""
    tail_db: float
    tail_seed: int
    band_hz: float
    """Where a steep low-pass ends the band, as of an old recording; 0 leaves it open."""
    hiss_db: float
    """RMS of the hiss re full scale; -inf for none."""
    hiss: Curve
    hiss_release_s: float

    def apply(self, sound: Array, key_press: KeyPress, level: float, rng: np.random.Generator) -> Array:
        """Process a note and scale it to the peak ``level`` (1 is full scale), without counting the hiss."""
        sound = sound / max(float(np.abs(sound).max()), 1e-12)
        if self.drive_db:
            sound = _driven(sound * max(level, 0.2), self.drive_db)
        sound = shaped(sound, self._gain_db)
        sound = sosfilt(_HIGH_PASS, self._in_room(sound))
        sound *= level / max(float(np.abs(sound).max()), 1e-12)
        if np.isfinite(self.hiss_db):
            noise = coloured_noise(rng, key_press.samples, self._hiss_gain_db) * released(
                key_press, self.hiss_release_s
            )
            sound = sound + noise * 10.0 ** (self.hiss_db / 20.0)
        return sound

    def _gain_db(self, hz: Array) -> Array:
        db = self.equaliser.gain_db(hz)
        return db - _steep_db(hz, self.band_hz) if self.band_hz else db

    def _hiss_gain_db(self, hz: Array) -> Array:
        db = self.hiss.gain_db(hz)
        return db - _steep_db(hz, self.band_hz) if self.band_hz else db

    def _in_room(self, sound: Array) -> Array:
        if not self.echoes and not self.tail_s:
            return sound
        length = round((max(self.tail_s, 0.05) + 0.05) * RATE_HZ)
        response = np.zeros(length)
        response[0] = 1.0
        for delay_s, gain in self.echoes:
            response[round(delay_s * RATE_HZ)] += gain
        if self.tail_s:
            t = np.arange(length) / RATE_HZ
            tail = np.random.default_rng(self.tail_seed).standard_normal(length) * 10.0 ** (-3.0 * t / self.tail_s)
            tail *= np.clip(t / 0.01, 0.0, 1.0)
            response += tail * (10.0 ** (self.tail_db / 20.0) / np.sqrt(np.sum(tail**2)))
        return np.asarray(fftconvolve(sound, response)[: len(sound)], np.float64)


def _driven(sound: Array, drive_db: float) -> Array:
    """Apply tanh at four times the rate, so that harmonics beyond the band are filtered out."""
    fine = soxr.resample(sound, RATE_HZ, _OVERSAMPLING * RATE_HZ, quality="HQ")
    bent = np.tanh(fine * 10.0 ** (drive_db / 20.0))
    back = soxr.resample(bent, _OVERSAMPLING * RATE_HZ, RATE_HZ, quality="HQ")
    return np.asarray(back, np.float64)[: len(sound)]


def _steep_db(hz: Array, edge_hz: float) -> Array:
    """Return the gain of a low-pass that falls by 100 dB within a sixth of an octave above the edge."""
    return np.clip(600.0 * np.log2(np.maximum(hz, 1.0) / edge_hz), 0.0, 110.0)


def draw(rng: np.random.Generator) -> RecordingChain:
    """Draw a chain; each stage is used in some patches only."""
    bumps = tuple(
        (log_uniform(rng, 60.0, 14_000.0), log_uniform(rng, 0.15, 1.2), float(rng.normal(0.0, 4.0)))
        for _ in range(int(rng.integers(0, 5)))
    )
    echoes = tuple(
        (log_uniform(rng, 0.0008, 0.04), float(rng.choice([-1.0, 1.0])) * log_uniform(rng, 0.03, 0.4))
        for _ in range(int(rng.integers(1, 7)))
    )
    return RecordingChain(
        drive_db=uniform_or_zero(rng, 0.25, 2.0, 22.0),
        equaliser=Curve(tilt_db=float(rng.normal(0.0, 1.0)), bumps=bumps),
        echoes=echoes if random_bool(rng, 0.5) else (),
        tail_s=uniform_or_zero(rng, 0.35, 0.1, 1.5),
        tail_db=float(rng.uniform(-35.0, -8.0)),
        tail_seed=int(rng.integers(2**31)),
        band_hz=log_uniform(rng, 5000.0, 19_000.0) if random_bool(rng, 0.35) else 0.0,
        hiss_db=float(rng.uniform(-90.0, -50.0)) if random_bool(rng, 0.7) else -np.inf,
        hiss=Curve(tilt_db=float(rng.uniform(-5.0, 1.5)), low_hz=40.0),
        hiss_release_s=log_uniform(rng, 0.2, 3.0),
    )
