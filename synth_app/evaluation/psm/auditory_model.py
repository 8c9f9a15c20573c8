"""Auditory model: gammatone filters, hair cells, adaptation, modulation filters."""

from math import gcd, pi
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter, resample_poly

from synth_app.evaluation.psm.adaptation import Float64s, adapt
from synth_app.support.errors import UserError
from synth_app.support.kernels import public

LOWEST_HZ, HIGHEST_HZ, BASE_HZ = 235.0, 14_500.0, 1_000.0  # centres; one of them is BASE_HZ
FULL_SCALE_RMS = 2.0**0.5  # a full-scale sine gets RMS 1, which the model takes for 100 dB SPL
HAIR_CELL_HZ = 1_000.0
MODULATIONS = ("filterbank", "lowpass")
_ORDER = 4
Hz = TypeVar("Hz", float, Float64s)
_FAINT = 1e-15  # keeps the filters' tails from numbers too small to compute with fast; 200 dB under the threshold
# Hohmann 2002: ERB of a 4th-order gammatone over its bandwidth parameter, pi (2g-2)! 2^(2-2g) / (g-1)!^2
_ERB_OVER_BANDWIDTH = pi * 720.0 / 64.0 / 36.0
# Dau, Kollmeier & Kohlrausch 1997: 5 Hz wide up to 10 Hz, above with Q = 2, neighbours 5/3 apart; 0 is the low-pass
_CENTRES_HZ = (0.0, 5.0, *(10.0 * (5.0 / 3.0) ** k for k in range(6)))
_WIDTHS_HZ = (5.0, 5.0, *(centre / 2.0 for centre in _CENTRES_HZ[2:]))
_ENVELOPE_ABOVE_HZ = 10.0
_RATES_HZ = {"filterbank": 800, "lowpass": 100}
_LOWPASS_WIDTH_HZ = 16.0  # both sides of 0: it cuts at 8 Hz (Dau et al. 1996: 20 ms)


def centre_frequencies(rate_hz: float) -> Float64s:
    """Return the centres of the gammatone filters in Hz, one per ERB, up to ``HIGHEST_HZ`` or the rate's limit."""
    top = min(HIGHEST_HZ, rate_hz / 2.0 - bandwidth_hz(rate_hz / 2.0) / 2.0)
    low, base, high = (_erb_number(hz) for hz in (LOWEST_HZ, BASE_HZ, top))
    numbers = base + np.arange(-int(base - low), int(high - base) + 1)
    return np.asarray((10.0 ** (numbers / 21.4) - 1.0) / 0.00437)


def bandwidth_hz(centre_hz: Hz) -> Hz:
    """Return the equivalent rectangular bandwidth (Glasberg & Moore 1990, eq. 3)."""
    return 24.7 * (0.00437 * centre_hz + 1.0)


def gammatone(sound: Float64s, rate_hz: float) -> Float64s:
    """Filter a sound [samples] by the basilar membrane's filters, float64 [filters, samples].

    Each filter is a cascade of four equal complex one-pole filters (Hohmann 2002), of gain 1 and phase 0 at its centre.
    The cascade is exact at every rate. As a single rational function, low filters lose 10 % at 48 kHz.
    """
    centres = centre_frequencies(rate_hz)
    radii = np.exp(-2.0 * pi * bandwidth_hz(centres) / _ERB_OVER_BANDWIDTH / rate_hz)
    out = np.empty((len(centres), len(sound)))
    _run_cascades(sound + _FAINT, radii * np.exp(2j * pi * centres / rate_hz), 2.0 * (1.0 - radii) ** _ORDER, out)
    return out


@public
def _run_cascades(sound: Float64s, poles: NDArray[np.complex128], gains: Float64s, out: Float64s) -> None:
    for channel in range(len(poles)):
        pole, gain = poles[channel], gains[channel]
        a = b = c = d = 0j
        for n in range(len(sound)):
            a = pole * a + sound[n]
            b = pole * b + a
            c = pole * c + b
            d = pole * d + c
            out[channel, n] = gain * d.real


def hair_cells(membrane: Float64s, rate_hz: float) -> Float64s:
    """Apply half-wave rectification and a first-order low-pass at 1 kHz (Dau, Pueschel & Kohlrausch 1996)."""
    decay = np.exp(-2.0 * pi * HAIR_CELL_HZ / rate_hz)
    return np.asarray(lfilter([1.0 - decay], [1.0, -decay], np.maximum(membrane, 0.0), axis=-1))


def modulation_filters(activity: Float64s, rate_hz: int, modulation: str) -> Float64s:
    """Filter activity [channels, samples] by eight modulation filters at 800 Hz, or one low-pass at 100 Hz.

    The filters are first-order low-passes shifted to their centres. Up to 10 Hz their real part is taken. Above, where
    listeners do not perceive a modulation's phase, it is the envelope over sqrt(2), which has the real part's RMS (Dau,
    Kollmeier & Kohlrausch 1997).

    Returns:
        float64 [modulation filters, channels, samples].
    """
    rate = _RATES_HZ[modulation]
    common = gcd(rate_hz, rate)
    slow = resample_poly(activity, rate // common, rate_hz // common, axis=-1, padtype="edge")
    if modulation == "lowpass":
        return np.asarray(_shifted_lowpass(slow, 0.0, _LOWPASS_WIDTH_HZ, rate).real)[None]
    out = np.empty((len(_CENTRES_HZ), *slow.shape))
    for i, (centre, width) in enumerate(zip(_CENTRES_HZ, _WIDTHS_HZ, strict=True)):
        wave = _shifted_lowpass(slow, centre, width, rate)
        out[i] = np.abs(wave) / 2.0**0.5 if centre > _ENVELOPE_ABOVE_HZ else wave.real
    return out


def internal_representation(sound: NDArray[np.floating], rate_hz: int, modulation: str = "filterbank") -> Float64s:
    """Return the auditory model's internal representation of a sound.

    Args:
        sound: [samples], full scale 1; a full-scale sine is taken as 100 dB SPL.
        rate_hz: sample rate.
        modulation: "filterbank" or, as in PEMO-Q's fast variant, "lowpass".

    Returns:
        float64 [modulation filters, auditory filters, samples] in model units, at 800 Hz or 100 Hz.

    Raises:
        UserError: not one finite channel, or unknown modulation processing.
    """
    if modulation not in MODULATIONS:
        raise UserError(f"no modulation processing {modulation!r}; choose one of {', '.join(MODULATIONS)}")
    if sound.ndim != 1 or not len(sound) or not np.isfinite(sound).all():
        raise UserError(f"a sound of shape {sound.shape} cannot be analysed; give one finite channel [samples]")
    membrane = gammatone(sound.astype(np.float64) * FULL_SCALE_RMS, rate_hz)
    return modulation_filters(adapt(hair_cells(membrane, rate_hz), rate_hz), rate_hz, modulation)


def _erb_number(hz: float) -> float:
    """Return the number of ERBs below a frequency (Glasberg & Moore 1990, eq. 4)."""
    return float(21.4 * np.log10(0.00437 * hz + 1.0))


def _shifted_lowpass(wave: Float64s, centre_hz: float, width_hz: float, rate_hz: float) -> NDArray[np.complex128]:
    radius = np.exp(-pi * width_hz / rate_hz)
    pole = radius * np.exp(2j * pi * centre_hz / rate_hz)
    gain = (1.0 - radius) * (2.0 if centre_hz else 1.0)  # of one side of a real wave
    return np.asarray(lfilter([gain], [1.0, -pole], wave.astype(np.complex128), axis=-1))
