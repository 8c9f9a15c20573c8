"""Spectral curves in dB over frequency, and minimum-phase filtering by any of them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import fft

from synth_app.dataset.synthesis.key_press import RATE_HZ, Array
from synth_app.dataset.synthesis.random_choices import log_uniform, random_bool, uniform_or_zero

_FFT_SIZE = 2**18  # long enough for a note of 4 s and 1.4 s of ringing
_LOWEST_HZ = 20.0


@dataclass(frozen=True, slots=True)
class Curve:
    """Gain over frequency: a tilt about 1 kHz, bumps, and roll-offs at both ends.

    ``bumps`` are (centre in Hz, width in octaves, dB), Gaussian over log frequency. Below ``low_hz`` the gain falls
    by ``low_slope`` dB per octave, above ``high_hz`` by ``high_slope``.
    """

    tilt_db: float = 0.0
    bumps: tuple[tuple[float, float, float], ...] = ()
    low_hz: float = _LOWEST_HZ
    low_slope: float = 12.0
    high_hz: float = RATE_HZ / 2
    high_slope: float = 0.0

    def gain_db(self, hz: Array, shift_octaves: float = 0.0) -> Array:
        """Return the gain in dB at frequencies of any shape; ``octaves`` moves the whole curve up."""
        octave = np.log2(np.maximum(hz, _LOWEST_HZ / 4) / 1000.0) - shift_octaves
        gain = self.tilt_db * octave
        for centre_hz, width, db in self.bumps:
            gain = gain + db * np.exp(-0.5 * ((octave - np.log2(centre_hz / 1000.0)) / width) ** 2)
        gain = gain - self.low_slope * np.maximum(np.log2(self.low_hz / 1000.0) - octave, 0.0)
        return gain - self.high_slope * np.maximum(octave - np.log2(self.high_hz / 1000.0), 0.0)


def shaped(sound: Array, gain_db: Callable[[Array], Array]) -> Array:
    """Filter ``sound`` [n] by the minimum-phase filter with this gain; the result has the same length.

    The phase is the Hilbert transform of the log magnitude, taken by folding the real cepstrum (Oppenheim and
    Schafer, Discrete-Time Signal Processing, section 13.5). Gains are kept above -120 dB of their maximum.
    """
    db = gain_db(_bins_hz())
    log_gain = np.maximum(db, db.max() - 120.0) * (np.log(10.0) / 20.0)
    cepstrum = fft.irfft(log_gain)
    cepstrum[1 : _FFT_SIZE // 2] *= 2.0
    cepstrum[_FFT_SIZE // 2 + 1 :] = 0.0
    response = np.exp(fft.rfft(cepstrum))
    return fft.irfft(fft.rfft(sound, _FFT_SIZE) * response)[: len(sound)]


def _bins_hz() -> Array:
    return np.asarray(fft.rfftfreq(_FFT_SIZE, 1.0 / RATE_HZ), np.float64)


def coloured_noise(rng: np.random.Generator, samples: int, gain_db: Callable[[Array], Array]) -> Array:
    """Return Gaussian noise [samples] with this spectrum and unit RMS."""
    spectrum = fft.rfft(rng.standard_normal(_FFT_SIZE))
    noise = fft.irfft(spectrum * 10.0 ** (gain_db(_bins_hz()) / 20.0))[:samples]
    return noise / np.sqrt(np.mean(noise**2))


def body(rng: np.random.Generator, strength_db: float = 14.0) -> Curve:
    """Draw the resonances of an instrument's body: up to seven bumps and dips, a tilt, and roll-offs."""
    bumps = tuple(
        (log_uniform(rng, 90.0, 9000.0), log_uniform(rng, 0.08, 0.7), float(rng.normal(0.25, 0.6)) * strength_db)
        for _ in range(int(rng.integers(2, 8)))
    )
    return Curve(
        tilt_db=float(rng.uniform(-4.0, 1.0)),
        bumps=bumps,
        low_hz=log_uniform(rng, 25.0, 400.0) if random_bool(rng, 0.5) else _LOWEST_HZ,
        low_slope=float(rng.uniform(3.0, 15.0)),
        high_hz=log_uniform(rng, 2000.0, 16_000.0),
        high_slope=uniform_or_zero(rng, 0.6, 4.0, 36.0),
    )
