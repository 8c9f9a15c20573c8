"""Fit of a note's share of noise: what lies between the partials of its recording."""

import numpy as np
from numpy.typing import NDArray
from scipy.fft import next_fast_len
from scipy.ndimage import binary_dilation
from scipy.signal.windows import blackman

from synth_app.modelfile.correction import knot_basis
from synth_app.modelfile.noise_share import BANDS, EDGES, KNOTS, LEAST_DB, pack_noise

Float64s = NDArray[np.float64]
_PERIODS = 15.0  # in a window: a partial's lobe, three bins to either side, spans a fifth of the distance of harmonics
_LEAST_WINDOW_S = 0.08
_NEAR = 0.2  # half width of a partial over the distance of harmonics
_PITCH_CENTS = np.arange(-50.0, 51.0, 5.0)  # where the recording's pitch may lie about the given one
_PEAK_DB = 12.0  # over the noise beside it: random levels of noise are this high in one bin of 10,000
_LOBE_BINS = 3
_SILENT_DB = -60.0  # of a window, re the loudest
_SMOOTHING = 0.05


def fit_noise(audio: NDArray[np.floating], rate: int, pitch: float, first_s: float, length_s: float) -> bytes:
    """Return the share of noise of a note, as ``pack_noise``.

    The share is the mean power between partials over the mean power of a band. Partials are harmonics and all clear
    peaks. Windows are several periods long, so they begin with the note: an attack is no noise.

    Args:
        audio: mono samples [n]. rate: in Hz.
        pitch: MIDI, fractions allowed.
        first_s: time of the note's first frame in seconds. length_s: time from there to its last frame.
    """
    f0_hz = 440.0 * 2.0 ** ((pitch - 69.0) / 12.0)
    n = next_fast_len(round(max(_PERIODS / f0_hz, _LEAST_WINDOW_S) * rate), real=True)
    begin = round(first_s * rate)
    samples = np.asarray(audio[begin : begin + round(length_s * rate)], np.float64)
    samples = np.pad(samples, (0, max(n - len(samples), 0)))
    cuts = np.lib.stride_tricks.sliding_window_view(samples, n)[:: max(n // 4, 1)]
    powers = np.abs(np.fft.rfft(cuts * blackman(n, sym=False), axis=1)) ** 2
    level = powers.sum(axis=1)
    heard = np.flatnonzero(level > level.max() * 10.0 ** (_SILENT_DB / 10.0))
    if not len(heard) or level.max() <= 0.0:
        return pack_noise(np.zeros((KNOTS, BANDS)))
    hz = np.fft.rfftfreq(n, 1.0 / rate).astype(np.float64)
    f0_hz = _tuned(powers[heard].sum(axis=0), hz, f0_hz)
    shares = np.stack([_shares_db(power, hz / f0_hz) for power in powers[heard]])
    middle_s = (heard * max(n // 4, 1) + n / 2) / rate
    return pack_noise(_at_knots(shares, middle_s / max(length_s, 1e-3)))


def _tuned(power: Float64s, hz: Float64s, f0_hz: float) -> float:
    """Return the pitch near ``f0_hz`` whose harmonics hold the most power."""

    def held(candidate: float) -> float:
        number = hz / candidate
        near = np.abs(number - np.round(number)) < 0.5 * _NEAR
        return float(power[near & (number > 0.5) & (number < 24.5)].sum())

    return max((f0_hz * 2.0 ** (cents / 1200.0) for cents in sorted(_PITCH_CENTS, key=abs)), key=held)


def _shares_db(power: Float64s, number: Float64s) -> Float64s:
    """Return the shares [BANDS] in dB in one window; ``number`` is the harmonic number of every bin."""
    between = np.abs(number - np.round(number)) > _NEAR
    shares = np.full(BANDS, LEAST_DB)
    for band, edge in enumerate(EDGES):
        stop = EDGES[band + 1] if band + 1 < BANDS else number[-1]
        inside = (number >= max(edge, 0.5)) & (number < stop)
        here = power[inside & between]
        if not len(here) or power[inside].sum() <= 0.0:
            shares[band] = shares[band - 1] if band else 0.0
            continue
        noise = _without_peaks(here)
        shares[band] = 10.0 * np.log10(max(noise / power[inside].mean(), 1e-9))
    return np.clip(shares, LEAST_DB, 0.0)


def _without_peaks(power: Float64s) -> float:
    """Return the mean power of bins that belong to no clear peak."""
    floor = float(np.median(power)) / np.log(2.0)  # the mean of noise with this median
    peak = power > floor * 10.0 ** (_PEAK_DB / 10.0)
    lobes = binary_dilation(peak, np.ones(2 * _LOBE_BINS + 1))
    return float(power[~lobes].mean()) if not lobes.all() else floor


def _at_knots(shares: Float64s, position: Float64s) -> Float64s:
    """Fit values at the knots [KNOTS, BANDS] to values [windows, BANDS] at positions, 0-1, along the note."""
    basis = knot_basis(np.clip(position, 0.0, 1.0) * 1e6, 1_000_001, KNOTS)
    flat = np.diff(np.eye(KNOTS), axis=0) * np.sqrt(_SMOOTHING * len(shares))
    system = np.concatenate([basis, flat])
    found: Float64s = np.linalg.lstsq(system, np.concatenate([shares, np.zeros((KNOTS - 1, BANDS))]), rcond=None)[0]
    return found
